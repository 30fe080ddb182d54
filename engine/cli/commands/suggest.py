"""Write a recipe for files and a target column."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli.terminal import Terminal
from engine.core.errors import RecipeError
from engine.jobs._base import inputs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="tables of edges, nodes and features")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="column to predict")
    parser.add_argument(
        "--preset",
        choices=("quick", "plain", "recommended"),
        default="recommended",
        help="quick: under a minute; plain: two-layer GCN with the paper's settings; recommended: the default",
    )
    parser.add_argument("--pretrain", metavar="OBJECTIVE", help="none, auto, dgi, graphmae or links")
    parser.add_argument(
        "--pretrain-on",
        action="append",
        default=[],
        metavar="FILE",
        help="graphs with the same columns to pretrain on, labelled or not; may be given several times",
    )
    parser.add_argument("--split", metavar="S", help="columns with commas, random, few, or kfold")
    parser.add_argument("--encoding", metavar="E", help="text encoding of files that do not say, such as gb18030")
    parser.add_argument("--out", required=True, type=Path, metavar="RECIPE", help="recipe file to write, .toml")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Suggest, write the recipe, and say why it is as it is."""
    from engine.project.codec import from_plain, write_recipe

    if arguments.out.is_dir():
        raise RecipeError(f"{arguments.out} is a folder.", hint="Name the recipe file to write, such as recipe.toml.")
    given = inputs(
        files=arguments.files,
        target=arguments.target,
        preset=arguments.preset,
        pretrain=arguments.pretrain,
        pretrain_on=arguments.pretrain_on,
        split=arguments.split,
        encoding=arguments.encoding,
    )
    done = terminal.job("suggest", given)
    if done.result is None:
        return terminal.code(done)
    result = done.result
    write_recipe(from_plain(result["recipe"]), arguments.out, result["comments"])
    for reason in result["reasons"]:
        terminal.say(reason)
    terminal.say(result["estimate"]["sentence"])
    terminal.say(f"Written: {arguments.out}")
    terminal.give({**result, "path": str(arguments.out)})
    return terminal.code(done)
