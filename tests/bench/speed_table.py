"""Write speed.md of the help, in every language, from the JSON lines. Run it with: python -m tests.bench.speed_table.

Of several lines of one case and variant the last one counts; what has no line yet says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.bars import HEAD, Bar, Lines, machine
from tests.bench.pairs import RESULTS
from tests.bench.speed_texts import CSV, estimates, ingest, large, statistics, stopping

_STEP = "python -m tests.bench.step"
_ATTENTION = "python -m tests.bench.attention"
_SAMPLING = "python -m tests.bench.sampling"
_INGEST = "python -m tests.bench.ingest --ids text"
_PYG_ON_GPU = ("pyg CSR", "pyg EdgeIndex", "pyg cached")
_PEERS = ("duckdb", "pandas", "polars")


def _faster(work: str, case: str, variant: str, must: float, aim: float, bench: str = "step") -> Bar:
    command = f"{_STEP} --case {case}" if bench == "step" else _ATTENTION
    return Bar(
        f"{work}: times faster", must, aim, lambda lines: lines.faster(bench, case, variant), command, bench, case=case
    )


def _beside_bare(work: str, case: str, must: float, aim: float) -> Bar:
    def measure(lines: Lines) -> float | None:
        ratio = lines.faster("step", case, "bare products")
        return None if ratio is None else 1 / ratio

    return Bar(
        f"{work}: time by theirs", must, aim, measure, f"{_STEP} --case {case}", "step", is_least=False, case=case
    )


def _memory(work: str, case: str, variant: str, must: float, aim: float, bench: str = "step") -> Bar:
    command = f"{_STEP} --case {case}" if bench == "step" else _ATTENTION
    return Bar(
        f"{work}: peak memory by theirs",
        must,
        aim,
        lambda lines: lines.share(bench, case, "kith", variant, "peak_mb"),
        command,
        bench,
        is_least=False,
        case=case,
    )


def _molecules(work: str, case: str, argument: str, must: float, aim: float) -> Bar:
    return Bar(
        f"{work} against PyG: times faster",
        must,
        aim,
        lambda lines: lines.faster("molecules", case, "pyg"),
        f"python -m tests.bench.molecules --case {argument}",
        "molecules",
        case=case,
    )


def _growth(name: str) -> Callable[[Lines], float | None]:
    def measure(lines: Lines) -> float | None:
        found = [
            (int(case.split()[0]), float(line[name]))
            for (bench, case, _), line in lines.last.items()
            if bench == "step-growth" and name in line
        ]
        if len(found) < 3:
            return None
        entries, values = zip(*sorted(found), strict=True)
        return float(np.polyfit(np.log(entries), np.log(values), 1)[0])

    return measure


def _text_ids(lines: Lines, variants: Iterable[str]) -> float | None:
    """Return how many times faster ours is than the fastest of some variants."""
    ratios = [lines.faster("ingest", CSV, variant) for variant in variants]
    there = [ratio for ratio in ratios if ratio is not None]
    return min(there) if there else None


def _by(name: str) -> Callable[[Lines], float | None]:
    def measure(lines: Lines) -> float | None:
        ratio = _text_ids(lines, [name])
        return None if ratio is None else 1 / ratio

    return measure


def _of_epoch(name: str) -> Callable[[Lines], float | None]:
    def measure(lines: Lines) -> float | None:
        found = [line for (bench, _, variant), line in lines.last.items() if (bench, variant) == ("sampling", "epoch")]
        return float(found[-1][name]) if found and name in found[-1] else None

    return measure


def _on_gpu(name: str) -> Callable[[Lines], float | None]:
    """Return what takes the largest of our shares of what PyG's ways of doing it take: the best of them counts."""

    def measure(lines: Lines) -> float | None:
        shares = [lines.share("step-cuda", "arxiv", "kith", variant, name) for variant in _PYG_ON_GPU]
        return max((share for share in shares if share is not None), default=None)

    return measure


def _agreement(lines: Lines) -> float | None:
    here, there = (lines.get("step-agree", "arxiv, cuda", variant, "loss") for variant in ("kith", "kith there"))
    return None if here is None or there is None else abs(here - there) / abs(here)


def _gpu(work: str, must: float, aim: float, measure: Callable[[Lines], float | None], bench: str, **more: Any) -> Bar:
    # Any: other fields of a bar
    command = "python -m tests.bench.gpu"
    return Bar(f"one GPU: {work}", must, aim, measure, command, bench, missing="not measured", **more)


def _beside(work: str, bench: str, case: str, peer: str, name: str, must: float, is_least: bool = False) -> Bar:
    return Bar(
        f"{work} by {peer}'s",
        must,
        must,
        lambda lines: lines.share(bench, case, "kith", peer, name),
        f"python -m tests.bench.{bench} --only {case.split()[0].replace(',', '')}",
        bench,
        is_least=is_least,
        case=case,
    )


def _seconds(work: str, bench: str, case: str, name: str, must: float) -> Bar:
    return Bar(
        work,
        must,
        must,
        lambda lines: lines.get(bench, case, "kith", name),
        f"python -m tests.bench.{bench} --only {case.split()[0].replace(',', '')}",
        bench,
        "s",
        is_least=False,
        case=case,
    )


_FEW_NODES, _MANY_NODES, _FEW_POINTS, _MANY_POINTS = "10,000 nodes", "100,000 nodes", "10,000 points", "100,000 points"
_MDS = "networkit PivotMDS"
_PLANES = (
    _beside("layout of 10k nodes: CPU time", "layout", _FEW_NODES, "sfdp", "cpu_seconds", 1.0),
    _beside("the same: stress", "layout", _FEW_NODES, "sfdp", "stress", 1.05),
    _beside("the same: neighbours kept", "layout", _FEW_NODES, "sfdp", "neighbours", 1.5, is_least=True),
    _seconds("layout of 100k nodes: CPU time", "layout", _MANY_NODES, "cpu_seconds", 60),
    _beside("the same: stress", "layout", _MANY_NODES, _MDS, "stress", 1.2),
    _beside("the same: neighbours kept", "layout", _MANY_NODES, _MDS, "neighbours", 2.0, is_least=True),
    _seconds("the same: first picture", "layout", _MANY_NODES, "first_seconds", 2),
    _beside("t-SNE of 10k points: CPU time", "projection", _FEW_POINTS, "UMAP", "cpu_seconds", 0.25),
    _beside("the same: neighbours kept", "projection", _FEW_POINTS, "UMAP", "neighbours", 1.05, is_least=True),
    _beside("t-SNE of 100k points: CPU time", "projection", _MANY_POINTS, "PaCMAP", "cpu_seconds", 2.0),
    _beside("the same: neighbours kept", "projection", _MANY_POINTS, "PaCMAP", "neighbours", 1.3, is_least=True),
    _seconds("the same: first picture", "projection", _MANY_POINTS, "first_seconds", 2),
)
_GAT = "gat 4 x 32"
BARS = (
    _faster("arXiv shape, step, against PyG cached edge_index", "arxiv", "pyg cached", 9, 13),
    _faster("the same against EdgeIndex as installed", "arxiv", "pyg EdgeIndex", 2.3, 2.8),
    _faster("the same against EdgeIndex with tuned malloc", "arxiv", "pyg EdgeIndex, tuned malloc", 1.15, 1.6),
    _beside_bare("arXiv shape, step, against the bare products", "arxiv", 1.15, 1.05),
    _faster("1M nodes, 10M entries, step, against PyG cached edge_index", "million", "pyg cached", 10, 16),
    _faster("the same against EdgeIndex", "million", "pyg EdgeIndex", 3, 5),
    _beside_bare("the same against the bare products", "million", 1.65, 1.25),
    _faster("1M nodes, 1 % labels, 2 layers, against our own full batch", "labels", "kith, every row", 10, 16),
    _memory("arXiv shape against EdgeIndex", "arxiv", "pyg EdgeIndex", 1.25, 0.7),
    _memory("1M nodes against EdgeIndex", "million", "pyg EdgeIndex", 1.0, 0.7),
    _memory("1M nodes against cached edge_index", "million", "pyg cached", 0.25, 0.17),
    _faster("GAT layer against PyG", _GAT, "pyg", 2.5, 5, "attention"),
    _memory("GAT layer against PyG", _GAT, "pyg", 0.2, 0.12, "attention"),
    Bar(
        "sampled epoch on 1M nodes, 10M entries: sampler's share of the CPU time",
        0.3,
        0.3,
        _of_epoch("share_of_cpu"),
        _SAMPLING,
        "sampling",
        "%",
        is_least=False,
    ),
    Bar(
        "the same: share of the time in which training waits for it (aim: hidden)",
        0.3,
        0.05,
        _of_epoch("share_waited"),
        _SAMPLING,
        "sampling",
        "%",
        is_least=False,
    ),
    Bar(
        "CSV to rows, 10M text ids, against the fastest peer: times faster",
        2.5,
        4,
        lambda lines: _text_ids(lines, _PEERS),
        _INGEST,
        "ingest",
    ),
    Bar(
        "the same against reading the file: time by it",
        10,
        6,
        _by("reading the file"),
        _INGEST,
        "ingest",
        is_least=False,
    ),
    Bar(
        "the same against reading all of it into memory: time by it",
        10,
        6,
        _by("holding the file"),
        _INGEST,
        "ingest",
        is_least=False,
    ),
    Bar(
        "the same: peak memory",
        55,
        35,
        lambda lines: lines.get("ingest", CSV, "ours", "bytes_per_edge"),
        _INGEST,
        "ingest",
        "bytes an edge",
        is_least=False,
    ),
    Bar(
        "step time from 100k to 10M entries, fitted exponent",
        1.05,
        1.0,
        _growth("seconds"),
        f"{_STEP} --case growth",
        "step-growth",
        "",
        is_least=False,
    ),
    Bar(
        "step memory from 100k to 10M entries, fitted exponent",
        1.05,
        1.0,
        _growth("extra_mb"),
        f"{_STEP} --case growth",
        "step-growth",
        "",
        is_least=False,
    ),
    *(
        Bar(
            f"table of 1M nodes: {title}",
            bar,
            bar,
            lambda lines, name=name: lines.get("table", "1,000,000 rows", "ours", name),  # type: ignore[misc]
            "python -m tests.bench.table",
            "table",
            unit,
            is_least=False,
        )
        for title, name, bar, unit in (
            ("first rows, CPU time", "first_rows_cpu_ms", 50, "ms"),
            ("floats in order, beside the window's thread, CPU time", "sort_cpu_seconds", 0.3, "s"),
            ("a jump to other rows, CPU time", "scroll_cpu_ms", 10, "ms"),
        )
    ),
    Bar(
        "launch to first paint, CPU time by a bare window's with Qt and NumPy",
        1.3,
        1.1,
        lambda lines: lines.get("launch", "offscreen", "kith", "ratio"),
        "python -m tests.bench.launch",
        "launch",
        is_least=False,
    ),
    _molecules("SMILES to arrays", "SMILES to arrays", "smiles", 1.8, 3),
    _molecules("molecules into batches", "collate, codes", "collate", 50, 75),
    _molecules("GIN epoch with its batches", "GIN epoch, codes, 256 a step", "epoch", 1.5, 3),
    *_PLANES,
    _gpu("arXiv shape, step, time by PyG's best there", 1.0, 0.7, _on_gpu("seconds"), "step-cuda", is_least=False),
    _gpu("the same, peak memory by PyG's least there", 1.0, 0.7, _on_gpu("peak_mb"), "step-cuda", is_least=False),
    _gpu(
        "product of the graph with 256 columns, bytes a second by a copy's",
        0.5,
        0.7,
        lambda lines: lines.share("product", "arxiv, cuda", "kith", "copy", "gb_per_second"),
        "product",
        unit="%",
    ),
    _gpu(
        "loss of the third step, relative difference from the CPU's",
        1e-4,
        1e-5,
        _agreement,
        "step-agree",
        unit="",
        is_least=False,
    ),
)


def page(folder: Path = RESULTS) -> str:
    """Return the page as Markdown."""
    lines = Lines.read(folder)
    parts = [
        "# Speed, measured",
        "",
        "Made by `python -m tests.bench.speed_table` from the JSON lines that the commands write: medians of rounds in "
        "which every variant runs in a process of its own, in turns; ratios are taken round by round. "
        + machine(lines),
        "",
        *HEAD,
        *(bar.row(lines) for bar in BARS),
        "",
        *statistics(lines),
        *ingest(lines),
        *estimates(folder),
        *stopping(folder),
        *large(folder),
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    # Here alone: the translation is the window's, and the pages are tested without it.
    from tests.support import help_pages

    help_pages.write("speed.md", page())
