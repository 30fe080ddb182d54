"""What suggest foretells, against what the run then takes: seconds and peak memory of the whole process.

    python -m tests.bench.estimate cora lastfm_asia facebook_pages 200000 1000000

A number is a generated graph of so many nodes and ten times as many edges (`tests.support.make_large`).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.pairs import RESULTS, ROOT, commit, versions
from tests.support.data import data_root
from tests.support.make_large import write_large

_TARGETS = {"cora": "label", "lastfm_asia": "label", "facebook_pages": "page_type"}
_MB = 1 << 20


def files_of(name: str, folder: Path) -> tuple[list[str], str]:
    """Return the tables of a data set and the column to predict; a generated one is written where it is not there."""
    if not name.isdigit():
        names = ("edges.csv", "nodes.csv", "features_sparse.csv.gz")
        return [str(path) for one in names if (path := data_root() / name / one).is_file()], _TARGETS[name]
    place = folder / name
    if not (place / "nodes.csv").is_file():
        write_large(place, int(name), 10 * int(name))
    return [str(place / "edges.csv"), str(place / "nodes.csv")], "label"


def measured(name: str, folder: Path, preset: str) -> dict[str, Any]:
    """Suggest, run, and put both side by side."""
    files, target = files_of(name, folder)
    recipe, out = folder / f"{name}.toml", folder / f"run-{name}-{time.time_ns()}"
    command = ["suggest", *files, "--target", target, "--preset", preset, "--out", str(recipe), "--json"]
    foretold = json.loads(_engine(command)[0])["estimate"]
    _, seconds, peak = _engine(["run", str(recipe), "--out", str(out), "--json"])
    return {
        "bench": "estimate",
        "case": f"{name}, {preset}",
        "seconds": round(seconds, 2),
        "estimated_seconds": foretold["seconds"],
        "seconds_ratio": round(foretold["seconds"] / seconds, 3),
        "peak_mb": round(peak / _MB, 1),
        "estimated_mb": round(foretold["bytes"] / _MB, 1),
        "memory_ratio": round(foretold["bytes"] / peak, 3),
        "parts": foretold.get("parts", {}),
        "commit": commit(),
        "cores": os.cpu_count(),
        "versions": versions(),
    }


def _engine(arguments: list[str]) -> tuple[str, float, int]:
    """Run a command; return its output, wall seconds and peak bytes of its process."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([sys.executable, "-m", "engine", *arguments], cwd=ROOT, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        output.seek(0)
        text = output.read().decode()
    if process.returncode:
        raise SystemExit(f"{arguments[0]} failed: {text[-500:]}")
    return text, seconds, usage.ru_maxrss * 1024


def main() -> None:
    """Measure the data sets that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="+", help="data sets, or numbers of nodes")
    parser.add_argument("--preset", default="recommended")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "kith-estimate")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON lines")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    given.results.mkdir(parents=True, exist_ok=True)
    for name in given.names:
        line = measured(name, given.folder, given.preset)
        with (given.results / "speed-estimate.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print(
            f"{line['case']}: estimated {line['estimated_seconds']:.1f} s and {line['estimated_mb']:.0f} MB, "
            f"took {line['seconds']:.1f} s and {line['peak_mb']:.0f} MB: "
            f"{line['seconds_ratio']:.2f} and {line['memory_ratio']:.2f} of it",
            flush=True,
        )


if __name__ == "__main__":
    main()
