"""Apply a run to new files and write predictions under their own ids."""

from __future__ import annotations

import argparse

from engine.cli.terminal import Terminal
from engine.jobs._base import inputs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run", metavar="RUN", help="folder of a finished run")
    parser.add_argument("files", nargs="+", metavar="FILE", help="new tables, with columns named as in the run's own")
    parser.add_argument("--encoding", metavar="E", help="text encoding of files that do not say")
    parser.add_argument("--out", required=True, metavar="FILE", help="file to write, .csv or .parquet")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Predict, and say how the columns matched."""
    given = inputs(run=arguments.run, files=arguments.files, encoding=arguments.encoding, out=arguments.out)
    done = terminal.job("predict", given)
    if done.result is None:
        return terminal.code(done)
    schema = done.result["schema"]
    terminal.say(f"Columns: {len(schema['matched'])} matched.")
    if schema["extra"]:
        terminal.say(f"Not used, as the run never saw them: {', '.join(schema['extra'])}.")
    terminal.say(f"{done.result['rows']:,} predictions written: {done.result['path']}")
    terminal.give(done.result)
    return terminal.code(done)
