"""Write a run's results for other programs and for people."""

from __future__ import annotations

import argparse

from engine.cli.terminal import Terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run", metavar="RUN", help="folder of a finished run")
    parser.add_argument(
        "--what",
        choices=("predictions", "embeddings", "report", "graph"),
        default="predictions",
        help="what is written; the graph carries the predictions",
    )
    parser.add_argument(
        "--to", metavar="FORMAT", help="csv, parquet, graphml, gexf or html; else as the name of FILE ends"
    )
    parser.add_argument("--out", required=True, metavar="FILE", help="file to write")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Export, and say what was written."""
    given = {"run": arguments.run, "what": arguments.what, "to": arguments.to, "out": arguments.out}
    done = terminal.job("export", given)
    if done.result is None:
        return terminal.code(done)
    terminal.say(f"Written: {done.result['path']} ({done.result['rows']:,} rows)")
    terminal.give(done.result)
    return terminal.code(done)
