"""What every figure's command does: say what it will take, do one seed after another, keep a JSON line for each."""

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from scipy import stats

from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from tests.support.data import data_root

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "resources" / "help" / "figures"
# What of a line is no score.
PLACES = ("seed", "split", "seconds", "commit")
# Numbers that are no shares of one, and so are not shown in percent.
COUNTS = ("set_size", "set_size_of_this_split")


@dataclass(frozen=True)
class Figure:
    """One published figure.

    Args: key: file name of its lines. title: what is measured. published, floor, aim: as SCIENCE states them, of the
        difference where recipes are compared; None where nothing is stated. seeds: how many it asks for. suggest:
        arguments of the suggest job. changes: options set afterwards. read: metrics of a seed to the numbers that are
        kept. data, target: folder and column. splits: split columns that get a line each; without them each seed has
        one line. against: arguments of the suggest job for the recipe it is compared with, paired by seed; `changes`
        are not made to it. metric: what the numbers are. both: options set in both recipes. members: seeds of the
        figure's recipe that each line trains and averages, as the run does where that is better on valid. files:
        folder and seed to files of that seed's own, in place of those of `data`. look: a run's folder to more numbers.
        split_option: option of the split that names one of `splits`: a column, or a fold. is_error: whether the metric
        is an error in the target's own unit, of which less is better, and no share of one.
    """

    key: str
    title: str
    published: str
    floor: float | None
    seeds: int
    suggest: Mapping[str, Any]
    changes: Mapping[str, Any]
    read: Callable[[Mapping[str, Any]], dict[str, float]]
    data: str = "cora"
    target: str = "label"
    splits: tuple[str, ...] = ()
    against: Mapping[str, Any] | None = None
    against_changes: Mapping[str, Any] = field(default_factory=dict)
    against_name: str = "plain"
    metric: str = "accuracy"
    both: Mapping[str, Any] = field(default_factory=dict)
    members: int = 1
    files: Callable[[Path, int], list[str]] | None = None
    look: Callable[[Path], dict[str, float]] | None = None
    aim: float | None = None
    split_option: str = "columns"
    is_error: bool = False


def main(figure: Figure) -> None:
    """Run the figure's seeds that have no line yet, and print mean and deviation."""
    parser = argparse.ArgumentParser(description=figure.title)
    parser.add_argument("--seeds", type=int, default=figure.seeds)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--anew", action="store_true", help="forget the lines of an earlier commit")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE")
    arguments = parser.parse_args()
    path = arguments.results / f"{figure.key}.jsonl"
    if arguments.anew:
        path.unlink(missing_ok=True)
    done = {_place(line) for line in read_lines(path)}
    places = [(seed, split) for seed in range(arguments.seeds) for split in figure.splits or (None,)]
    waiting = [place for place in places if place not in done]
    if waiting:
        from engine.project.codec import parse_assignment

        changes = {**figure.both, **dict(parse_assignment(text) for text in arguments.set)}
        count = len({seed for seed, _ in waiting})
        plain, other = recipes(figure, changes, waiting[0][0], count)
        for seed, split in waiting:
            if figure.files is not None:
                plain, other = recipes(figure, changes, seed, 1, say=False)
            line = one_seed(figure, plain, seed, split) if other is None else one_pair(figure, plain, other, seed)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)
    for name, spread in summary(read_lines(path), is_error=figure.is_error).items():
        print(f"{name}: {spread}")


def recipes(
    figure: Figure, changes: Mapping[str, Any], seed: int, count: int, *, say: bool = True
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the figure's recipe and the one it is compared with, None without one.

    Args: changes: to both. seed: whose files are looked at, where each seed has its own. count: seeds to come. say:
        whether estimates and reasons are printed.
    """
    plain, estimate = recipe(figure, {**figure.changes, **changes}, count, seed, say=say)
    if say:
        print(f"{figure.title}: {count} seeds. {estimate}", flush=True)
    if figure.against is None:
        return plain, None
    own = {**figure.against_changes, **changes}
    other, estimate = recipe(replace(figure, suggest=figure.against), own, count, seed, say=say)
    if say:
        print(f"Beside it the recipe it is compared with. {estimate}", flush=True)
    return plain, other


def recipe(
    figure: Figure, changes: Mapping[str, Any], seeds: int, seed: int = 0, *, say: bool = True
) -> tuple[dict[str, Any], str]:
    """Return the recipe that the program suggests, with the changes, and the sentence about its time."""
    from engine.project.codec import from_plain

    arguments = {"files": files_of(figure, seed), "target": figure.target, "seeds": seeds, **figure.suggest}
    if figure.splits and figure.split_option == "columns":
        arguments["split"] = ",".join(figure.splits)
    result = _done("suggest", arguments)
    for reason in result["reasons"] if say else ():
        print(f"  {reason}", flush=True)
    plain = from_plain(result["recipe"]).replaced(changes).model_dump(mode="json", exclude_none=True)
    return plain, result["estimate"]["sentence"]


def files_of(figure: Figure, seed: int) -> list[str]:
    """Return the files that a seed is run on."""
    folder = data_root() / figure.data
    if figure.files is not None:
        return figure.files(folder, seed)
    names = ("graphs.csv", "nodes.csv", "edges.csv", "features_sparse.csv.gz", "molecules.csv")
    return [str(folder / name) for name in names if (folder / name).is_file()]


def one_seed(figure: Figure, plain: Mapping[str, Any], seed: int, split: str | None = None) -> dict[str, Any]:
    """Run one seed, on one of several split columns where there are some, and return its line."""
    began = time.perf_counter()
    place: dict[str, Any] = {"seed": seed}
    if split is not None:
        place["split"] = split
        plain = {**plain, "split": {**plain["split"], figure.split_option: [split]}}
    with _scratch_folder() as folder:
        found = _read(figure, plain, seed, folder / "run", figure.members)
    return {**place, **found, "seconds": round(time.perf_counter() - began, 1), "commit": commit()}


def one_pair(figure: Figure, plain: Mapping[str, Any], other: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Run one seed with both recipes, on the same split, and return its line with the difference."""
    began = time.perf_counter()
    with _scratch_folder() as folder:
        found = _read(figure, plain, seed, folder / "run", figure.members)
        # What both pretrain alike is pretrained once.
        same = "pretrain" in plain and all(plain.get(part) == other.get(part) for part in ("pretrain", "encoder"))
        more = {"pretrained_from": str(folder / "run")} if same else {}
        beside = _read(figure, other, seed, folder / "other", **more)
    name = figure.against_name
    pair = {name: beside["test"], "difference": round(found["test"] - beside["test"], 6)}
    seconds = round(time.perf_counter() - began, 1)
    return {"seed": seed, **found, **pair, f"{name}_valid": beside["valid"], "seconds": seconds, "commit": commit()}


def read_test(metric: str) -> Callable[[Mapping[str, Any]], dict[str, float]]:
    """Return what reads a metric on test and valid, of the seeds' average where that predicts, and that of floors."""

    def read(metrics: Mapping[str, Any]) -> dict[str, float]:
        floors = {f"floor_{name}": floor["test"]["mean"] for name, floor in metrics["floors"].items()}
        together = metrics.get("ensemble") or {}
        if together.get("used"):
            return {**{part: together[part][metric] for part in ("test", "valid")}, **floors}
        return {**{part: metrics["all"][part][metric]["mean"] for part in ("test", "valid")}, **floors}

    return read


def _read(
    figure: Figure, plain: Mapping[str, Any], seed: int, out: Path, members: int = 1, **more: str
) -> dict[str, float]:
    seeds = [seed * members + number for number in range(members)]
    recipe = {**plain, "runtime": {**plain["runtime"], "seeds": seeds}}
    metrics = _done("run", {"recipe": recipe, "out": str(out), **more})["metrics"]
    found = figure.read(metrics) | ({} if figure.look is None else figure.look(out))
    return {name: round(value, 6) for name, value in found.items()}


def _place(line: Mapping[str, Any]) -> tuple[int, str | None]:
    return line["seed"], line.get("split")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the lines so far, ordered by seed."""
    if not path.is_file():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return sorted(lines, key=lambda line: (line["seed"], line.get("split", "")))


def summary(lines: list[dict[str, Any]], *, is_error: bool = False) -> dict[str, str]:
    """Return mean ± deviation of each number that the lines hold; of differences the 95 % interval too."""
    names = [name for name in (lines[0] if lines else {}) if name not in PLACES]
    found = {}
    for name in names:
        values = shown(name, lines, is_error=is_error)
        decimals = 3 if is_error else 2
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        found[name] = f"{statistics.fmean(values):.{decimals}f} ± {spread:.{decimals}f} over {len(values)} lines"
        if name == "difference" and len(values) > 1:
            low, high = interval(values)
            found[name] += f", 95 % interval {low:+.2f} to {high:+.2f}"
    return found


def shown(name: str, lines: list[dict[str, Any]], *, is_error: bool = False) -> list[float]:
    """Return a number of each line as it is shown: shares in percent, errors as they are."""
    return [float(line[name]) * (1 if is_error or name in COUNTS else 100) for line in lines]


def interval(values: list[float]) -> tuple[float, float]:
    """Return the 95 % t-interval of the mean (Student 1908) of at least two values."""
    reach = float(stats.t.ppf(0.975, len(values) - 1)) * statistics.stdev(values) / len(values) ** 0.5
    return statistics.fmean(values) - reach, statistics.fmean(values) + reach


def commit() -> str:
    """Return the short name of the commit, with a plus when the engine has changed since; unknown without git."""
    if shutil.which("git") is None:
        return "unknown"
    git = ["git", "-C", str(ROOT)]
    name = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", "engine"], check=False).returncode
    return (name.stdout.strip() or "unknown") + ("+" if changed else "")


def _done(kind: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    result = run_inline(JobSpec(kind, arguments, "golden"))
    if result.result is None:
        raise SystemExit(f"{kind}: {result.status}: {result.error}")
    return dict(result.result)


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kith-golden-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
