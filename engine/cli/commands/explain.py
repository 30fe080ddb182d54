"""Say what the prediction of one node or graph of a run rests on."""

from __future__ import annotations

import argparse
from typing import Any

from engine.cli.terminal import Terminal
from engine.jobs._base import inputs

_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run", metavar="RUN", help="folder of a finished run")
    item = parser.add_mutually_exclusive_group(required=True)
    item.add_argument("--node", metavar="ID", help="id of the node, where the run predicts nodes")
    item.add_argument("--graph", metavar="ID", help="id of the graph or molecule, where the run predicts whole graphs")
    parser.add_argument("--target", metavar="C", help="which of several target columns is explained (the first)")
    parser.add_argument("--type", metavar="KEY", help="how: gradient, masking or edge_mask (gradient)")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Explain, and print what counted most."""
    names = ("run", "node", "graph", "target", "type")
    done = terminal.job("explain", inputs(**{name: getattr(arguments, name) for name in names}))
    if done.result is None:
        return terminal.code(done)
    result = done.result
    terminal.say(str(result["sentence"]))
    for key in ("nodes", "neighbours", "edges", "columns"):
        counted = sorted((one for one in result.get(key, ()) if one["score"]), key=lambda one: -abs(one["score"]))
        if counted:
            terminal.say(
                f"{key.capitalize()}: " + ", ".join(f"{_name(one)} {one['score']:.3g}" for one in counted[:_SHOWN])
            )
    terminal.give(result)
    return terminal.code(done)


def _name(one: dict[str, Any]) -> str:  # Any: JSON values
    """Return what a node, an edge or a column is called."""
    return str(one.get("id") or one.get("name") or f"{one['source']} - {one['target']}")
