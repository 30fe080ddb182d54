"""Write molecules with a run that learnt to: anew, near to one, or between two."""

from __future__ import annotations

import argparse

from engine.cli.terminal import Terminal
from engine.jobs._base import inputs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run", metavar="RUN", help='folder of a finished run with task.type = "generate"')
    parser.add_argument("--near", metavar="SMILES", help="write near to this molecule, not to those of the test")
    parser.add_argument("--to", metavar="SMILES", help="with --near: molecules on the way to this one")
    parser.add_argument("--count", type=int, metavar="N", help="how many (1000)")
    parser.add_argument("--spread", type=float, metavar="S", help="noise on the vectors, in their own scale (0)")
    parser.add_argument("--temperature", type=float, metavar="T", help="0 for the likeliest text, 1 draws (1)")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of what is drawn (0)")
    parser.add_argument("--out", metavar="FILE", help="table to write, .csv or .parquet")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write, and say how good it is."""
    names = ("run", "near", "to", "count", "spread", "temperature", "seed", "out")
    done = terminal.job("generate", inputs(**{name: getattr(arguments, name) for name in names}))
    if done.result is None:
        return terminal.code(done)
    result = done.result
    if result["path"] is None:
        for one in result["molecules"]:
            terminal.say(str(one["smiles"]))
    terminal.say(str(result["sentence"]))
    terminal.give(result)
    return terminal.code(done)
