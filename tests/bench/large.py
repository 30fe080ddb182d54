"""A graph larger than the memory that a program may take: from tables to predictions under a limit.

    python -m tests.bench.large --edges 100000000 --memory 8 --epochs 4

Writes the tables (`tests.support.make_large`; 2.3 GB for 100M edges), then lets `suggest` and `run` work on them, each
in a process of its own whose data may not outgrow the limit (`RLIMIT_DATA`: private memory, mapped or not). Nothing is
set but the number of epochs; that the graph is sampled must be suggest's own choice. The line tells seconds, CPU
seconds and peak resident memory of both (files that are mapped count as well), and accuracy on the nodes whose label
the tables hold back, beside what the features alone reach on test.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.pairs import RESULTS, ROOT, commit, versions
from tests.support.make_large import write_large

_GB = 10**9


def under_limit(arguments: list[str], memory: float) -> dict[str, Any]:
    """Run a command of the engine with a limit on its memory; return seconds, cpu_seconds, peak_mb and its output."""
    import resource

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (int(memory * _GB), int(memory * _GB)))

    began = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        command = [sys.executable, "-m", "engine", *arguments, "--json"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, preexec_fn=limited)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        output.seek(0)
        text = output.read().decode()
    code = os.waitstatus_to_exitcode(status)
    if code:
        raise SystemExit(f"{arguments[0]} ended with {code}: {text[-800:]}")
    return {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mb": round(usage.ru_maxrss / 1024),
        "answer": json.loads(text.splitlines()[-1]),
    }


def accuracy(predictions: Path, folder: Path) -> dict[str, Any]:
    """Return how many ids were predicted, whether each once, and the share that is right of those without a label."""
    truth = np.load(folder / "truth.npy")
    with (folder / "nodes.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        known = {row[0]: None if row[1] else int(group) for row, group in zip(rows, truth, strict=True)}
    asked = right = count = 0
    with predictions.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            group = known.pop(row["id"])
            count += 1
            if group is not None:
                asked += 1
                right += row["predicted_label"] == f"group {group}"
    return {"predicted": count, "missing": len(known), "accuracy": round(right / asked, 4)}


def main() -> None:
    """Write the tables where they are not there, suggest, run, and keep one line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--edges", type=int, default=100_000_000)
    parser.add_argument("--nodes", type=int, default=4_000_000)
    parser.add_argument("--features", type=int, default=8)
    parser.add_argument("--memory", type=float, default=8.0, help="limit, in GB of 10^9 bytes")
    parser.add_argument("--epochs", type=int, default=4, help="of the training; 0 leaves suggest's choice")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "kith-large")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    tables = given.folder / f"{given.nodes}-{given.edges}"
    if not (tables / "truth.npy").is_file():
        write_large(tables, given.nodes, given.edges, features=given.features, digits=2)
    recipe, out = tables / "recipe.toml", tables / f"run-{time.time_ns()}"
    files = [str(tables / "nodes.csv"), str(tables / "edges.csv")]
    suggested = under_limit(["suggest", *files, "--target", "label", "--out", str(recipe)], given.memory)
    loader = suggested.pop("answer")["recipe"]["loader"]
    print(json.dumps({"suggest": suggested, "loader": loader}), flush=True)
    epochs = ["--set", f"finetune.training.epochs={given.epochs}"] if given.epochs else []
    ran = under_limit(["run", str(recipe), "--out", str(out), *epochs], given.memory)
    metrics = ran.pop("answer")["metrics"]
    line = {
        "bench": "large",
        "case": f"{given.nodes:,} nodes, {given.edges:,} edges, at most {given.memory:g} GB",
        "loader": loader["type"],
        "epochs": given.epochs,
        "suggest": suggested,
        "run": ran,
        "test": metrics["test"]["mean"],
        "features_only": metrics["floors"]["features_only"]["test"]["mean"],
        **accuracy(out / "predictions.csv", tables),
        "commit": commit(),
        "cores": os.cpu_count(),
        "versions": versions(),
    }
    given.results.mkdir(parents=True, exist_ok=True)
    with (given.results / "speed-large.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line))


if __name__ == "__main__":
    main()
