"""List everything that can be picked, with its options."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from engine.cli.terminal import Terminal
from engine.core.errors import UnknownComponentError

# Tables of a recipe that belong to no component.
_TABLES = (
    "training",
    "optimiser",
    "schedule",
    "transfer",
    "noise",
    "labels",
    "after",
    "runtime",
    "molecules",
    "cleaning",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments; --json adds the schemas."""
    parser.add_argument("kind", nargs="?", metavar="KIND", help="one kind alone, such as encoder or statistic")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print each kind, or the one that is asked for, with its components and their options.

    Raises: UnknownComponentError: there is no such kind.
    """
    done = terminal.job("catalogue", {})
    if done.result is None:
        return terminal.code(done)
    known = done.result["kinds"]
    if arguments.kind is not None and arguments.kind not in known:
        raise UnknownComponentError(
            f'There is no kind of component called "{arguments.kind}".', hint=f"Known: {', '.join(known)}."
        )
    for kind in known if arguments.kind is None else [arguments.kind]:
        _say_kind(kind, known[kind], terminal)
    if arguments.kind is None:
        _say_rest(done.result, terminal)
    terminal.give(done.result if arguments.kind is None else {"kinds": {arguments.kind: known[arguments.kind]}})
    return terminal.code(done)


def _say_kind(kind: str, components: Sequence[Mapping[str, Any]], terminal: Terminal) -> None:  # Any: JSON values
    terminal.say(kind)
    for component in components:
        mark = " (recommended)" if component["recommended"] else ""
        terminal.say(f"  {component['key']}{mark} – {component['label']}: {component['summary']}")
        _say_options(component["schema"], terminal)


def _say_rest(result: Mapping[str, Any], terminal: Terminal) -> None:  # Any: JSON values
    terminal.say("options of every recipe")
    for table in _TABLES:
        schema = result["options"][table]
        terminal.say(f"  {table}: {str(schema.get('description', '')).partition(chr(10))[0]}")
        _say_options(schema, terminal)
    for name, text in result["broken"].items():
        terminal.say(f"Could not be loaded: {name}: {text}")


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
