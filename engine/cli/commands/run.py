"""Train as a recipe says, or go on with an interrupted run."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.cli.terminal import Terminal
from engine.core.errors import OptionError, RecipeError

_PERCENT = ("accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "average_precision")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("recipe", nargs="?", type=Path, metavar="RECIPE", help="recipe file, .toml")
    parser.add_argument("--out", metavar="RUN", help="folder of the run, new")
    parser.add_argument("--resume", metavar="RUN", help="go on with the run in this folder")
    parser.add_argument("--seeds", type=int, metavar="N", help="train with the seeds 0 to N-1")
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", help="change an option, such as encoder.width=32"
    )
    parser.add_argument("--transfer-from", metavar="RUN", help="use the pretrained encoders of a run on another graph")
    parser.add_argument("--pretrained-from", metavar="RUN", help="use the pretrained encoders of another run")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Run, and print the floors, the scores and the verdict."""
    done = terminal.job("run", _given(arguments), gentle=True)
    folder = arguments.resume or arguments.out
    if done.status in ("stopped", "cancelled"):
        terminal.say(f"Ended early. Go on with: python -m engine run --resume {folder}")
    if done.result is None:
        terminal.give({"status": done.status, "run": folder})
        return terminal.code(done)
    metrics = done.result["metrics"]
    _print_scores(metrics, terminal)
    for one in metrics.get("audit") or ():
        mark = "Do not trust these scores" if one["level"] == "error" else "Look at this"
        terminal.say(f"{mark}: {one['text']} ({_rows(one)})")
    if metrics["chosen"] is not None:
        terminal.say(f"Predictions: {Path(folder) / 'predictions.csv'}")
    terminal.give({"status": done.status, "run": folder, "metrics": metrics})
    return terminal.code(done)


def _rows(finding: Mapping[str, Any]) -> str:  # Any: JSON values
    names = ", ".join(finding["rows"][:5])
    return names + (f" and {finding['count'] - 5:,} more" if finding["count"] > 5 else "")


def _given(arguments: argparse.Namespace) -> dict[str, Any]:  # Any: JSON values
    from engine.project.codec import parse_assignment, read_recipe

    if arguments.resume is not None:
        if arguments.recipe is not None or arguments.out is not None or arguments.set or arguments.seeds:
            raise RecipeError(
                "--resume takes the recipe that is in the run folder.", hint="Leave the recipe and its options out."
            )
        return {"out": arguments.resume, "resume": True}
    if arguments.recipe is None or arguments.out is None:
        raise RecipeError(
            "A run needs a recipe and a folder.", hint="Write: run recipe.toml --out RUN, or run --resume RUN."
        )
    recipe = read_recipe(arguments.recipe)
    changes = dict(parse_assignment(text) for text in arguments.set)
    if arguments.seeds is not None:
        if arguments.seeds < 1:
            raise OptionError(f"--seeds is {arguments.seeds}.", hint="Give 1 or more.", path="seeds")
        changes["runtime.seeds"] = list(range(arguments.seeds))
    recipe = recipe.replaced(changes)
    given = {"recipe": recipe.model_dump(mode="json", exclude_none=True), "out": arguments.out}
    more = {"pretrained_from": arguments.pretrained_from, "transfer_from": arguments.transfer_from}
    return given | {name: value for name, value in more.items() if value is not None}


def _print_scores(metrics: Mapping[str, Any], terminal: Terminal) -> None:  # Any: JSON values
    metric = metrics["metric"]
    terminal.say(f"Test {metric.replace('_', ' ')} on {metrics['device']}, seeds {_listed(metrics['seeds'])}:")
    rows = [(name.replace("_", " "), floor["test"]) for name, floor in metrics["floors"].items()]
    rows += [("random-init probe", (metrics["random_init_probe"] or {}).get("test"))]
    rows += [("probe of the pretrained encoder", (metrics["probe"] or {}).get("test"))]
    comparison = metrics["comparison"] or {}
    rows += [("from scratch", comparison.get("scratch")), ("pretrained", comparison.get("pretrained"))]
    if not comparison:
        rows += [(metrics["encoder"], metrics["test"])]
    for name, spread in rows:
        if spread is not None:
            terminal.say(f"  {name:<32} {_shown(spread, metric)}")
    if metrics["verdict"]:
        terminal.say(metrics["verdict"])
    for name in ("ensemble", "calibration"):
        if metrics.get(name):
            terminal.say(metrics[name]["sentence"])


def _shown(spread: Mapping[str, Any], metric: str) -> str:  # Any: JSON values
    text = _number(spread["mean"], metric)
    return f"{text} ± {_number(spread['std'], metric)}" if spread["count"] > 1 else text


def _number(value: float, metric: str) -> str:
    if metric in _PERCENT:
        return f"{100 * value:.1f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _listed(seeds: list[int]) -> str:
    return str(seeds[0]) if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
