"""Everything that is asked of a GPU: a step against PyG's, the product against a copy, and the same losses as on a CPU.

    python -m tests.bench.gpu [--pairs 7]
    python -m tests.bench.gpu --device cpu --pairs 1      # does the benchmark itself work, where there is no GPU?

The product is one of the graph's operator with a table of 256 columns, and moves at least each entry's number and row
of the table once, and each row of the answer. The copy is of one large block to another, both counted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.pairs import RESULTS, Variant, compare
from tests.bench.shapes import ARXIV, Shape
from tests.bench.step import ours, variants

COLUMNS = 256
AGREE, PRODUCT = "step-agree", "product"
_COPIED = 1 << 28  # numbers of 32 bits
_TIMES = 20


def product(shape: dict[str, Any], device: str) -> dict[str, Any]:
    """Multiply the graph's operator with a table, over and over."""
    import torch

    from engine.graph.batch import GraphBatch
    from engine.graph.graph import Graph

    own = Shape(**shape)
    indptr, indices = own.graph()
    nothing = np.zeros((own.nodes, 0), np.float32)
    spread = GraphBatch.from_graph(Graph(indptr, indices), nothing, torch.device(device)).propagation().forward
    table = torch.rand(own.nodes, COLUMNS, device=device)
    moved = len(indices) * (4 + 4 * COLUMNS) + own.nodes * 4 * COLUMNS
    return _timed(lambda: spread.product(table), moved, device)


def copy(shape: dict[str, Any], device: str) -> dict[str, Any]:
    """Copy a block of memory of the device to another, over and over."""
    import torch

    given = torch.rand(_COPIED, device=device)
    taken = torch.empty_like(given)
    return _timed(lambda: taken.copy_(given), 2 * 4 * _COPIED, device)


def _timed(work: Callable[[], object], moved: int, device: str) -> dict[str, Any]:
    import torch

    times = []
    for _ in range(_TIMES + 1):
        began = time.perf_counter()
        work()
        if device != "cpu":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - began)
    seconds = float(np.median(times[1:]))
    return {"seconds": seconds, "gb_per_second": moved / seconds / 1e9}


def main() -> None:
    """Run all three."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    import torch

    if given.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("There is no GPU here that torch can use: nothing was measured.")
    shape = vars(ARXIV) | {"widths": list(ARXIV.widths)}
    there, case = {"shape": shape, "device": given.device}, f"arxiv, {given.device}"
    compare(
        PRODUCT,
        [Variant("kith", product, there), Variant("copy", copy, there)],
        case=case,
        pairs=given.pairs,
        results=given.results,
    )
    own = {"shape": shape, "labels": 0.5}
    beside = [Variant("kith", ours, own), Variant("kith there", ours, own | {"device": given.device})]
    here, other = compare(AGREE, beside, case=case, pairs=1, results=given.results)
    print(f"losses of the third step: {here['loss']:.6f} on the CPU, {other['loss']:.6f} there")
    if given.device == "cuda":
        compare("step-cuda", variants(ARXIV, 0.5, "cuda"), case="arxiv", pairs=given.pairs, results=given.results)


if __name__ == "__main__":
    main()
