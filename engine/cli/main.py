"""Parse the command line, run the command, and end with the code that it deserves."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from types import ModuleType

import engine.cli.commands
from engine.cli.terminal import BAD_INPUT, Terminal
from engine.core.errors import EngineError
from engine.core.memory import keep_memory


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Args: arguments: as after `python -m engine`.
    Returns: 0 done, 1 a bug, 2 bad input, 3 stopped.
    """
    keep_memory()
    parser = _parser()
    parsed = parser.parse_args(arguments)
    terminal = Terminal(as_json=parsed.json)
    try:
        code: int = parsed.command(parsed, terminal)
    except EngineError as error:
        terminal.complain(error.to_plain())
        return BAD_INPUT
    except BrokenPipeError:
        # The reader, such as head, has seen enough; what Python flushes at its end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine", description="Graph learning on your own tables: from CSV files to predictions."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in _commands():
        name = module.__name__.rpartition(".")[2]
        summary = (module.__doc__ or "").strip()
        one = commands.add_parser(name, help=summary.rstrip("."), description=summary)
        one.add_argument("--json", action="store_true", help="print one JSON object instead of text")
        module.add_arguments(one)
        one.set_defaults(command=module.run)
    return parser


def _commands() -> list[ModuleType]:
    """Return the command modules in the order of a journey; new ones come last."""
    order = ["check", "suggest", "search", "run", "predict", "explain", "embed", "export", "components"]
    found = [info.name for info in pkgutil.iter_modules(engine.cli.commands.__path__)]
    names = sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))
    return [importlib.import_module(f"engine.cli.commands.{name}") for name in names]
