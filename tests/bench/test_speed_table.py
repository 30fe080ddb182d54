"""The speed page is made of whatever lines there are."""

import json
from pathlib import Path

from tests.bench.drawing_table import TABLES
from tests.bench.drawing_table import page as drawing_page
from tests.bench.speed_table import BARS, page


def _write(folder: Path, name: str, *lines: dict[str, object]) -> None:
    (folder / f"speed-{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def _row(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"| {start}"))


def test_nothing_measured_gives_a_page_that_says_so(tmp_path: Path) -> None:
    text = page(tmp_path)
    on_gpu = sum(bar.work.startswith("one GPU") for bar in BARS)
    assert text.count("| not measured |") == on_gpu
    assert text.count("not measured yet") == len(BARS) - on_gpu + 1  # statistics say it as well


def test_of_several_peers_on_a_gpu_the_best_counts_and_both_devices_have_to_agree(tmp_path: Path) -> None:
    common = {"bench": "step-cuda", "case": "arxiv", "commit": "abc", "cores": 2, "pairs": 7}
    sizes = {"kith": (2.0, 500), "pyg CSR": (1.0, 600), "pyg EdgeIndex": (4.0, 400), "pyg cached": (3.0, 900)}
    _write(
        tmp_path,
        "step-cuda",
        *({**common, "variant": name, "seconds": s, "peak_mb": mb} for name, (s, mb) in sizes.items()),
    )
    agree = {**common, "bench": "step-agree", "case": "arxiv, cuda"}
    _write(tmp_path, "agree", *({**agree, "variant": v, "loss": x} for v, x in (("kith", 2.0), ("kith there", 2.001))))
    text = page(tmp_path)
    assert "| 2× | not met |" in _row(text, "one GPU: arXiv")
    assert "| 1.25× | not met |" in _row(text, "one GPU: the same, peak memory")
    assert "| 0.0005 | not met |" in _row(text, "one GPU: loss")


def test_bars_are_judged_by_the_last_line_of_a_case(tmp_path: Path) -> None:
    common = {"bench": "step", "case": "arxiv", "commit": "abc", "cores": 2, "pairs": 7, "versions": {"torch": "2"}}
    _write(
        tmp_path,
        "step",
        {**common, "variant": "kith", "seconds": 1.0, "peak_mb": 500},
        {**common, "variant": "pyg cached", "seconds": 8.0, "ratio": 8.0, "peak_mb": 4000},
        {**common, "variant": "pyg cached", "seconds": 10.0, "ratio": 10.0, "peak_mb": 4000},
        {**common, "variant": "pyg EdgeIndex", "seconds": 3.0, "ratio": 3.0, "peak_mb": 400},
        {**common, "variant": "bare products", "seconds": 0.8, "ratio": 0.8},
        {**common, "variant": "pyg EdgeIndex, tuned malloc", "failed": "killed"},
    )
    text = page(tmp_path)
    assert "| 10× | met | `python -m tests.bench.step --case arxiv` | abc |" in _row(
        text, "arXiv shape, step, against PyG"
    )
    assert "| 3× | aim reached |" in _row(text, "the same against EdgeIndex as installed")
    assert "| 1.25× | not met |" in _row(text, "arXiv shape, step, against the bare")
    assert "| 1.25× | met |" in _row(text, "arXiv shape against EdgeIndex: peak")
    assert "not measured yet" in _row(text, "the same against EdgeIndex with tuned")


def test_growth_is_the_slope_over_sizes(tmp_path: Path) -> None:
    lines = [
        {
            "bench": "step-growth",
            "case": f"{size} entries",
            "variant": "kith",
            "commit": "a",
            "seconds": size**1.02 / 1e7,
        }
        for size in (10**5, 10**6, 10**7)
    ]
    _write(tmp_path, "step-growth", *lines)
    assert "| 1.02 | met |" in _row(page(tmp_path), "step time from 100k")


def test_a_graph_under_a_limit_is_told_by_its_last_line(tmp_path: Path) -> None:
    cost = {"seconds": 61.0, "cpu_seconds": 30.0, "peak_mb": 2000}
    line = {
        "bench": "large", "case": "5 nodes", "loader": "neighbours", "epochs": 2, "suggest": cost, "run": cost,
        "test": 0.5, "features_only": 0.25, "predicted": 5, "missing": 0, "accuracy": 0.75, "commit": "b",
    }  # fmt: skip
    _write(tmp_path, "large", {**line, "accuracy": 0.1}, line)
    text = page(tmp_path)
    assert "loader neighbours, 2 epochs, 61 s (30 s of CPU), 2,000 MB." in text
    assert "75.0% of the labels" in text
    assert "10.0%" not in text


def test_drawing_has_a_page_of_its_own_that_any_benchmark_adds_to(tmp_path: Path) -> None:
    bars = [bar for _, table in TABLES for bar in table]
    assert drawing_page(tmp_path).count("not measured yet") == len(bars)
    common = {"bench": "canvas", "case": "100k, frame", "commit": "abc", "cores": 2, "pairs": 5, "versions": {}}
    _write(
        tmp_path,
        "canvas",
        {**common, "variant": "kith", "seconds": 0.05},
        {**common, "variant": "GraphItem", "seconds": 0.2, "ratio": 4.0},
        {**common, "case": "million, moving", "variant": "kith", "seconds": 0.004, "click_ms": 7.0},
    )
    text = drawing_page(tmp_path)
    assert "| ≥ 3.5× | ≥ 6× | 4× | met |" in _row(text, "100k nodes, 400k edges, true full frame")
    assert "| ≤ 5 ms | ≤ 5 ms | 7 ms | not met |" in _row(text, "a click at 1M nodes")
    assert "| 4 ms | aim reached |" in _row(text, "the same, while moving: a frame")
