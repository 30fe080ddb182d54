"""Try other settings of a recipe within a budget, judged on valid."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli.terminal import Terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("recipe", nargs="?", type=Path, metavar="RECIPE", help="recipe to start from, .toml")
    parser.add_argument(
        "--out", required=True, metavar="FOLDER", help="folder of the search; one that is there goes on"
    )
    parser.add_argument("--trials", type=int, default=20, metavar="N", help="trainings in all, 20 when absent")
    parser.add_argument("--minutes", type=float, default=0.0, metavar="M", help="begin no trial after this long")
    parser.add_argument(
        "--encoders", metavar="KEYS", help="encoders to choose from, with commas; the recipe's own else"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Search, and say what was found."""
    given = {"out": arguments.out, "trials": arguments.trials, "seconds": 60 * arguments.minutes}
    if arguments.recipe is not None:
        given["recipe_path"] = str(arguments.recipe.resolve())
    if arguments.encoders:
        given["encoders"] = [key.strip() for key in arguments.encoders.split(",") if key.strip()]
    done = terminal.job("search", given, gentle=True)
    if done.result is None:
        return terminal.code(done)
    terminal.say(done.result["sentence"])
    for path, value in done.result["changes"].items():
        terminal.say(f"  {path} = {value}")
    terminal.say(f"Written: {Path(arguments.out) / 'best.toml'}")
    terminal.give(done.result)
    return terminal.code(done)
