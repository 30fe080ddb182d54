"""Write a recipe for files and a target column."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli.terminal import Terminal
from engine.core.errors import OptionError, RecipeError
from engine.jobs._base import inputs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="tables of edges, nodes and features")
    parser.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="COLUMN",
        help="column to predict; of whole graphs several, each with its own --target",
    )
    parser.add_argument("--targets-from", type=Path, metavar="FILE", help="text file with a column to predict a line")
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
    parser.add_argument("--split", metavar="S", help="columns with commas, random, few, kfold, scaffold or by_time")
    parser.add_argument("--encoding", metavar="E", help="text encoding of files that do not say, such as gb18030")
    parser.add_argument("--out", required=True, type=Path, metavar="RECIPE", help="recipe file to write, .toml")


def _lines(path: Path | None) -> list[str]:
    """Return the names in a file, one a line.

    Raises: OptionError: it cannot be read.
    """
    if path is None:
        return []
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"{path} cannot be read: {error}.", hint="Name a text file with a column a line.") from error


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Suggest, write the recipe, and say why it is as it is."""
    from engine.project.codec import from_plain, write_recipe

    if arguments.out.is_dir():
        raise RecipeError(f"{arguments.out} is a folder.", hint="Name the recipe file to write, such as recipe.toml.")
    targets = [*arguments.target, *_lines(arguments.targets_from)]
    given = inputs(
        files=arguments.files,
        target=targets[0] if len(targets) == 1 else None,
        targets=targets if len(targets) > 1 else None,
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
