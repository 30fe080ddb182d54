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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from tests.support.data import data_root

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "resources" / "help" / "figures"


@dataclass(frozen=True)
class Figure:
    """One published figure.

    Args: key: file name of its lines. title: what is measured. published, floor: as SCIENCE states them; floor None
        where the comparison is within the line. seeds: how many it asks for. suggest: arguments of the suggest job.
        changes: options set afterwards. read: metrics of a seed to the numbers that are kept.
    """

    key: str
    title: str
    published: str
    floor: float | None
    seeds: int
    suggest: Mapping[str, Any]
    changes: Mapping[str, Any]
    read: Callable[[Mapping[str, Any]], dict[str, float]]


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
    done = {line["seed"] for line in read_lines(path)}
    waiting = [seed for seed in range(arguments.seeds) if seed not in done]
    if waiting:
        from engine.project.codec import parse_assignment

        changes = {**figure.changes, **dict(parse_assignment(text) for text in arguments.set)}
        plain, estimate = recipe(figure, changes, len(waiting))
        print(f"{figure.title}: {len(waiting)} seeds. {estimate}", flush=True)
        for seed in waiting:
            line = one_seed(figure, plain, seed)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)
    for name, spread in summary(read_lines(path)).items():
        print(f"{name}: {spread}")


def recipe(figure: Figure, changes: Mapping[str, Any], seeds: int) -> tuple[dict[str, Any], str]:
    """Return the recipe that the program suggests, with the figure's changes, and the sentence about its time."""
    from engine.project.codec import from_plain

    folder = data_root() / "cora"
    files = [str(folder / name) for name in ("nodes.csv", "edges.csv", "features_sparse.csv.gz")]
    arguments = {"files": files, "target": "label", "seeds": seeds, **figure.suggest}
    result = _done("suggest", arguments)
    plain = from_plain(result["recipe"]).replaced(changes).model_dump(mode="json", exclude_none=True)
    return plain, result["estimate"]["sentence"]


def one_seed(figure: Figure, plain: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Run one seed and return its line."""
    began = time.perf_counter()
    with _scratch_folder() as folder:
        runtime = {**plain["runtime"], "seeds": [seed]}
        metrics = _done("run", {"recipe": {**plain, "runtime": runtime}, "out": str(folder / "run")})["metrics"]
    found = {name: round(value, 6) for name, value in figure.read(metrics).items()}
    return {"seed": seed, **found, "seconds": round(time.perf_counter() - began, 1), "commit": commit()}


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the lines so far, ordered by seed."""
    if not path.is_file():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return sorted(lines, key=lambda line: line["seed"])


def summary(lines: list[dict[str, Any]]) -> dict[str, str]:
    """Return mean ± deviation in percent of each number that the lines hold."""
    names = [name for name in (lines[0] if lines else {}) if name not in ("seed", "seconds", "commit")]
    found = {}
    for name in names:
        values = [100 * line[name] for line in lines]
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        found[name] = f"{statistics.fmean(values):.2f} ± {spread:.2f} over {len(values)} seeds"
    return found


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
