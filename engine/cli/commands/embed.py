"""Write the embeddings of a run, for its own graph or for new files."""

from __future__ import annotations

import argparse

from engine.cli.terminal import Terminal
from engine.jobs._base import inputs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run", metavar="RUN", help="folder of a finished run")
    parser.add_argument("files", nargs="*", metavar="FILE", help="new tables; the run's own graph without any")
    parser.add_argument("--encoding", metavar="E", help="text encoding of files that do not say")
    parser.add_argument("--out", required=True, metavar="FILE", help="file to write, .parquet or .csv")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Embed, and say what was written."""
    given = inputs(run=arguments.run, files=arguments.files, encoding=arguments.encoding, out=arguments.out)
    done = terminal.job("embed", given)
    if done.result is None:
        return terminal.code(done)
    result = done.result
    terminal.say(f"{result['rows']:,} embeddings of width {result['width']} written: {result['path']}")
    terminal.give(result)
    return terminal.code(done)
