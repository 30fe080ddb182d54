"""One layer of graph attention, forward and backward, on the arXiv shape: ours and PyG's GATConv and GATv2Conv.

    python -m tests.bench.attention [--pairs 7]

Four heads of 32 numbers on 128 features, the gradient of every weight. All start from the same weights; the length of
the answer and of the gradient are written beside the times and have to agree. `extra_mb` is what the work takes beyond
graph and features.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from tests.bench.pairs import RESULTS, Variant, compare, measured
from tests.bench.shapes import ARXIV

STEPS = 5
THREADS = 2
HEADS, WIDTH = 4, 32


def ours(kind: str) -> dict[str, Any]:
    """Run our layer as a training does, with memory kept between steps."""
    from engine.core.memory import keep_memory

    keep_memory()
    import torch

    from engine.graph.batch import GraphBatch
    from engine.graph.graph import Graph
    from engine.nn.graph_attention import GraphAttention, GraphAttentionV2

    torch.set_num_threads(THREADS)
    indptr, indices = ARXIV.graph()
    batch = GraphBatch.from_graph(Graph(indptr, indices), ARXIV.features())
    first, second, vectors = _weights()
    layer: torch.nn.Module
    if kind == "gat":
        layer = GraphAttention(ARXIV.widths[0], WIDTH, HEADS)
        layer.weight.data, layer.source.data, layer.target.data = first, vectors[0], vectors[1]
        main = layer.weight
    else:
        layer = GraphAttentionV2(ARXIV.widths[0], WIDTH, HEADS)
        layer.left.weight.data, layer.right.weight.data, layer.vector.data = first, second, vectors[0]
        main = layer.left.weight
    x = batch.x
    return _measure(lambda: layer(x, batch), layer, main)


def pyg(kind: str, tuned: bool = False) -> dict[str, Any]:
    """Run torch_geometric's layer, with memory kept between steps too when tuned."""
    if tuned:
        from engine.core.memory import keep_memory

        keep_memory()
    import torch
    from torch_geometric.nn import GATConv, GATv2Conv

    torch.set_num_threads(THREADS)
    indptr, indices = ARXIV.graph()
    row = np.repeat(np.arange(ARXIV.nodes), np.diff(indptr))
    edges = torch.from_numpy(np.stack([indices.astype(np.int64), row]))
    x = torch.from_numpy(ARXIV.features())
    first, second, vectors = _weights()
    layer: torch.nn.Module
    if kind == "gat":
        layer = GATConv(ARXIV.widths[0], WIDTH, heads=HEADS)
        layer.lin.weight.data = first.t().contiguous()
        layer.att_src.data, layer.att_dst.data = vectors[0][None], vectors[1][None]
        main = layer.lin.weight
    else:
        layer = GATv2Conv(ARXIV.widths[0], WIDTH, heads=HEADS)
        layer.lin_l.weight.data, layer.lin_r.weight.data = first.t().contiguous(), second.t().contiguous()
        layer.att.data = vectors[0][None]
        main = layer.lin_l.weight
    return _measure(lambda: layer(x, edges), layer, main)


def _measure(forward: Callable[[], Any], layer: Any, main: Any) -> dict[str, Any]:  # Any: torch is imported late
    import torch

    along = torch.from_numpy(np.random.default_rng(8).standard_normal((ARXIV.nodes, HEADS * WIDTH), np.float32))
    seconds = []
    with measured() as figures:
        for _ in range(STEPS):
            began = time.perf_counter()
            layer.zero_grad(set_to_none=True)
            out = forward()
            out.backward(along)
            seconds.append(time.perf_counter() - began)
            length = float(out.detach().norm())
            del out
    found = {"answer": length, "gradient": float(main.grad.norm())}
    # The first step compiles, or fills what is kept.
    return figures | found | {"seconds": median(seconds[1:])}


def _weights() -> Any:  # Any: torch is imported late
    import torch

    draw = np.random.default_rng(4)
    tables = draw.normal(0, 0.1, (2, ARXIV.widths[0], HEADS * WIDTH)).astype(np.float32)
    vectors = draw.normal(0, 0.3, (2, HEADS, WIDTH)).astype(np.float32)
    return *(torch.from_numpy(table) for table in tables), torch.from_numpy(vectors)


def main() -> None:
    """Run both kinds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", default="gat,gatv2")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    for kind in arguments.kind.split(","):
        variants = [
            Variant("kith", ours, {"kind": kind}),
            Variant("pyg", pyg, {"kind": kind}),
            Variant("pyg, tuned malloc", pyg, {"kind": kind, "tuned": True}),
        ]
        case = f"{kind} {HEADS} x {WIDTH}"
        compare("attention", variants, case=case, pairs=arguments.pairs, results=arguments.results)


if __name__ == "__main__":
    main()
