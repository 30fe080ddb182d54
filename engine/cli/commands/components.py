"""List everything that can be picked, with its options."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from engine.cli.terminal import Terminal


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
            for name, schema in component["schema"].get("properties", {}).items():
                terminal.say(f"      {name} = {_default(schema)}{_bounds(schema)}  {schema.get('description', '')}")
    for name, text in done.result["broken"].items():
        terminal.say(f"Could not be loaded: {name}: {text}")
    terminal.give(done.result)
    return terminal.code(done)


def _default(schema: Mapping[str, Any]) -> str:  # Any: JSON schema
    return repr(schema["default"]) if "default" in schema else "…"


def _bounds(schema: Mapping[str, Any]) -> str:  # Any: JSON schema
    if "enum" in schema:
        return f" [{' | '.join(map(str, schema['enum']))}]"
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    return f" [{'' if low is None else low} … {'' if high is None else high}]" if (low, high) != (None, None) else ""
