"""List everything that can be picked, with its options."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from engine.cli.terminal import Terminal

# Tables of a recipe that belong to no component.
_TABLES = ("training", "optimiser", "schedule", "transfer", "noise", "after", "runtime")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments; there are none beside --json, which adds the schemas."""


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print each kind with its components and their options."""
    done = terminal.job("catalogue", {})
    if done.result is None:
        return terminal.code(done)
    for kind, components in done.result["kinds"].items():
        terminal.say(kind)
        for component in components:
            mark = " (recommended)" if component["recommended"] else ""
            terminal.say(f"  {component['key']}{mark} – {component['label']}: {component['summary']}")
            _say_options(component["schema"], terminal)
    terminal.say("options of every recipe")
    for table in _TABLES:
        schema = done.result["options"][table]
        terminal.say(f"  {table}: {str(schema.get('description', '')).partition(chr(10))[0]}")
        _say_options(schema, terminal)
    for name, text in done.result["broken"].items():
        terminal.say(f"Could not be loaded: {name}: {text}")
    terminal.give(done.result)
    return terminal.code(done)


def _say_options(schema: Mapping[str, Any], terminal: Terminal) -> None:  # Any: JSON schema
    for name, one in schema.get("properties", {}).items():
        terminal.say(f"      {name} = {_default(one)}{_bounds(one)}  {one.get('description', '')}")


def _default(schema: Mapping[str, Any]) -> str:  # Any: JSON schema
    return repr(schema["default"]) if "default" in schema else "…"


def _bounds(schema: Mapping[str, Any]) -> str:  # Any: JSON schema
    if "enum" in schema:
        return f" [{' | '.join(map(str, schema['enum']))}]"
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    return f" [{'' if low is None else low} … {'' if high is None else high}]" if (low, high) != (None, None) else ""
