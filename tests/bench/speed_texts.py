"""What the speed page says below its table: statistics, imports, estimates, ends, graphs under a limit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.bench.bars import Lines

CSV = "10,000,000 edges, text ids"
_STATISTICS = {"components": "components", "pagerank": "PageRank", "k_core": "k-core", "clustering": "clustering"}


def statistics(lines: Lines) -> list[str]:
    """Return a table of statistics against networkit's."""
    rows = []
    for key, name in _STATISTICS.items():
        own, other = (lines.last.get(("statistics", key, side), {}) for side in ("ours", "networkit"))
        if own and other:
            rows.append(
                f"| {name} | {own['seconds']:.2f} s | {other['seconds']:.2f} s | {other['ratio']:.2g}× | "
                f"{other['build_seconds']:.1f} s |"
            )
    if not rows:
        return ["Statistics of a graph against networkit (`python -m tests.bench.statistics`): not measured yet."]
    return [
        "Statistics of 1M nodes and 8M entries (`python -m tests.bench.statistics`, commit "
        f"{lines.commits('statistics')}):",
        "",
        "| | ours | networkit | networkit by ours | building its graph, apart |",
        "|---|---|---|---|---|",
        *rows,
    ]


def ingest(lines: Lines) -> list[str]:
    """Return where the time of reading goes, and what reading means: nothing where it was not measured."""
    ours = lines.last.get(("ingest", CSV, "ours"), {})
    if "read_seconds" not in ours:
        return []
    parts = ", ".join(
        f"{words} {ours[name]:.2f} s"
        for name, words in (
            ("read_seconds", "finding the cells and numbering each column's texts"),
            ("number_seconds", "numbering both columns as one"),
            ("look_up_seconds", "looking the ends up"),
            ("rows_seconds", "sorted rows without duplicates"),
        )
    )
    by = {
        name: lines.faster("ingest", CSV, name)
        for name in ("reading the file", "holding the file", "reading from the disk")
    }
    others = "; ".join(f"{1 / ratio:.3g}× {name}" for name, ratio in by.items() if ratio)
    return [
        "",
        f"10M edges with text ids take {ours['seconds']:.2f} s ({ours['cpu_seconds']:.2f} s of CPU): {parts}. That is "
        f"{others}. Reading through a file that the system holds in its cache copies it once into a buffer that stays "
        "in the processor's cache. Each of 20M cells has to be found in a table of a million texts, "
        "which does not fit there: a wait for memory each, of which asking ahead hides most.",
    ]


def estimates(folder: Path) -> list[str]:
    """Return what was foretold before Start, against what the run then took."""
    rows = [
        f"| `{line['case'].replace(', ', '`, ', 1)} | {line['estimated_seconds']:.0f} s | {line['seconds']:.0f} s | "
        f"{line['seconds_ratio']:.2f}× | {line['memory_ratio']:.2f}× | {line['commit']} |"
        for line in _last_of(folder / "speed-estimate.jsonl", "case")
    ]
    if not rows:
        return []
    return [
        "",
        "What is foretold before Start, and what the run then takes (`python -m tests.bench.estimate`; a number is a "
        "graph of so many nodes and ten times as many edges):",
        "",
        "| data, preset | foretold | taken | foretold by taken | the same of memory | commit |",
        "|---|---|---|---|---|---|",
        *rows,
    ]


def stopping(folder: Path) -> list[str]:
    """Return how soon the window ends what goes on."""
    path = folder / "speed-stopping.jsonl"
    lines = _read(path)
    if not lines:
        return []
    last = lines[-1]
    return [
        "",
        f"How soon the window ends work on {last['nodes']:,} nodes and {last['edges']:,} edges "
        f"(`python tests/bench/stopping.py`, commit {last['commit']}):",
        "",
        "| what is ended | so long after it began | it is over after |",
        "|---|---|---|",
        *(f"| {line['work']} | {line['after_s']:.0f} s | {line['ended_s']:.2f} s |" for line in lines),
    ]


def _last_of(path: Path, key: str) -> list[dict[str, Any]]:  # Any: JSON values
    return list({str(line[key]): line for line in _read(path)}.values())


def _read(path: Path) -> list[dict[str, Any]]:  # Any: JSON values
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


def large(folder: Path) -> list[str]:
    """Return what graphs under a limit of memory took, from the last line of each case."""
    said = []
    for line in _last_of(folder / "speed-large.jsonl", "case"):
        suggest, run = (
            f"{cost['seconds']:,.0f} s ({cost['cpu_seconds']:,.0f} s of CPU), {cost['peak_mb']:,.0f} MB"
            for cost in (line["suggest"], line["run"])
        )
        epochs = f"{line['epochs']} epochs" if line["epochs"] else "as many epochs as suggested"
        said += [
            "",
            f"{line['case']} (`python -m tests.bench.large`, commit {line['commit']}): suggest {suggest}; run, loader "
            f"{line['loader']}, {epochs}, {run}. {line['predicted']:,} ids predicted, {line['missing']:,} missing; "
            f"{line['accuracy']:.1%} of the labels that the tables hold back are right, on test {line['test']:.1%} "
            f"against {line['features_only']:.1%} by the features alone.",
        ]
    return said
