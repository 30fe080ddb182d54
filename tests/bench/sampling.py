"""Neighbour sampling: edges a second, CPU milliseconds a batch, and what share of a mini-batch epoch it takes.

    python -m tests.bench.sampling

Two neighbours deep, ten each, 1024 nodes a batch, on 1M nodes and 10M entries. "whole rows" is what can be had without
a sampler: all neighbours by slicing scipy's rows. The compiled samplers of DGL and of torch_geometric are not there to
compare with: neither installs beside a current torch.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.pairs import RESULTS, Variant, compare, measured
from tests.bench.shapes import MILLION

_BATCH, _FANOUTS, _BATCHES, _SEED = 1024, (10, 10), 40, 0


def ours() -> dict[str, Any]:
    """Draw blocks; no features are read."""
    from engine.graph.sampler import Sampler

    indptr, indices = MILLION.graph()
    sampler = Sampler(indptr, indices, _FANOUTS, seed=_SEED)
    order = np.random.default_rng(_SEED).permutation(MILLION.nodes)
    sampler.sample(order[:_BATCH], 0)
    edges = nodes = 0
    with measured() as figures:
        for number in range(_BATCHES):
            found = sampler.sample(order[number * _BATCH : (number + 1) * _BATCH], number)
            edges += sum(len(hop.entries) for hop in found.hops)
            nodes += len(found.nodes)
    return {**figures, **_rates(figures, edges, nodes)}


def whole_rows() -> dict[str, Any]:
    """Take every neighbour, twice over, by scipy."""
    from scipy.sparse import csr_matrix

    indptr, indices = MILLION.graph()
    matrix = csr_matrix((np.ones(len(indices), np.float32), indices, indptr))
    order = np.random.default_rng(_SEED).permutation(MILLION.nodes)
    edges = nodes = 0
    with measured() as figures:
        for number in range(_BATCHES // 20):
            first = matrix[order[number * _BATCH : (number + 1) * _BATCH]]
            near = np.unique(first.indices)
            second = matrix[near]
            edges += first.nnz + second.nnz
            nodes += len(np.unique(second.indices))
    figures["seconds"] *= 20
    figures["cpu_seconds"] *= 20
    return {**figures, **_rates(figures, 20 * edges, 20 * nodes)}


def epoch() -> dict[str, Any]:
    """Train a GCN of 64 numbers for an epoch of 40 batches; the sampler's work is timed on its own thread."""
    import torch

    from engine.graph.batch import GraphBatch
    from engine.learn.loaders.neighbours import Neighbours
    from engine.nn.encoders.gcn import GCN
    from engine.nn.model import Model

    torch.set_num_threads(1)
    indptr, indices = (torch.from_numpy(part) for part in MILLION.graph())
    x = torch.from_numpy(MILLION.features())
    batch = GraphBatch(indptr, indices, None, x, torch.tensor([0, MILLION.nodes]), False)
    rows = np.random.default_rng(_SEED).permutation(MILLION.nodes)[: _BATCH * _BATCHES]
    target = torch.from_numpy(MILLION.classes()[rows])
    torch.manual_seed(_SEED)
    options = {"layers": 2, "width": MILLION.widths[1]}
    model = Model(GCN(GCN.parse(options), MILLION.widths[0]), MILLION.widths[-1])
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01, fused=True)
    loader = Neighbours(Neighbours.parse({"fanouts": _FANOUTS, "batch_size": _BATCH}))
    feed: Any = loader.rows(batch, rows, 2, _SEED)
    draw, spent, waited = feed._sampler.sample, [0.0], 0.0

    def timed(*arguments: Any) -> Any:
        began = time.thread_time()
        found = draw(*arguments)
        spent[0] += time.thread_time() - began
        return found

    feed._sampler.sample = timed
    try:
        for step in range(2 * _BATCHES):
            if step == _BATCHES:  # the first epoch compiles and fills caches
                began, cpu, spent[0], waited = time.perf_counter(), time.process_time(), 0.0, 0.0
            asked = time.perf_counter()
            portion = feed.portion(step)
            waited += time.perf_counter() - asked
            optimiser.zero_grad(set_to_none=True)
            torch.nn.functional.cross_entropy(model(portion.batch), target[portion.place]).backward()
            optimiser.step()
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    finally:
        feed.close()
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "sampler_cpu_seconds": spent[0],
        "share_of_cpu": spent[0] / cpu,
        "share_waited": waited / seconds,
    }


def _rates(figures: dict[str, Any], edges: int, nodes: int) -> dict[str, float]:
    return {
        "edges_per_second": round(edges / figures["seconds"]),
        "cpu_ms_per_batch": 1000 * figures["cpu_seconds"] / _BATCHES,
        "edges_per_batch": edges / _BATCHES,
        "nodes_per_batch": nodes / _BATCHES,
    }


def main() -> None:
    """Run both tables."""
    parser = argparse.ArgumentParser(description="Neighbour sampling, and its share of a mini-batch epoch.")
    parser.add_argument("--pairs", type=int, default=7, help="rounds; every round runs each variant once")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON lines")
    given = parser.parse_args()
    case = "[10, 10] x 1024 of 1M nodes, 10M entries"
    variants = [Variant("ours", ours), Variant("whole rows", whole_rows, repeats=False)]
    compare("sampling", variants, case=case, pairs=given.pairs, results=given.results)
    compare("sampling", [Variant("epoch", epoch)], case=case + ", GCN 64", pairs=given.pairs, results=given.results)


if __name__ == "__main__":
    main()
