"""Statistics of one million nodes and eight million entries, ours on the shared rows against networkit's.

`python -m tests.bench.statistics [--pairs 7] [--only components,pagerank,k_core,clustering]`. The time in which
networkit builds its own graph from the same arrays is reported apart (`build_seconds`); ours are there already. Both
sides work with as many threads as there are cores, and walk until the changes sum up to less than 1e-6. Half of the
edges stay near their node, so that there are triangles and communities; the others lead anywhere, to few nodes far more
often than to most.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from engine.graph.graph import Graph
from tests.bench.pairs import RESULTS, Variant, compare, measured

NODES, EDGES = 1_000_000, 4_000_000
KEYS = ("components", "pagerank", "k_core", "clustering")
_NEAR = 40  # how far, in numbers of nodes, an edge that stays near leads


def main() -> None:
    """Compare every statistic that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--only", default=",".join(KEYS))
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--nodes", type=int, default=NODES)
    parser.add_argument("--edges", type=int, default=EDGES)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        graph = write_graph(Path(folder), given.nodes, given.edges)
        print(f"{graph.num_nodes:,} nodes, {graph.num_edges:,} entries")
        for key in given.only.split(","):
            both = [Variant(name, work, {"folder": folder, "key": key}) for name, work in _SIDES.items()]
            compare("statistics", both, case=key, pairs=given.pairs, results=given.results)


def write_graph(folder: Path, nodes: int, edges: int, seed: int = 0) -> Graph:
    """Draw a graph and keep its arrays in a folder."""
    rng = np.random.default_rng(seed)
    source = rng.integers(0, nodes, edges)
    near = (source + rng.integers(1, _NEAR, edges)) % nodes
    anywhere = rng.permutation(nodes)[(rng.random(edges) ** 2.5 * nodes).astype(np.int64)]
    graph = Graph.from_edges(source, np.where(rng.random(edges) < 0.5, near, anywhere), nodes)
    np.save(folder / "indptr.npy", graph.indptr)
    np.save(folder / "indices.npy", graph.indices)
    return graph


def _stored(folder: str) -> Graph:
    return Graph(np.load(Path(folder) / "indptr.npy"), np.load(Path(folder) / "indices.npy"))


def ours(folder: str, key: str) -> dict[str, Any]:
    """Measure one statistic of ours, machine code loaded."""
    from engine.analysis.statistics import STATISTICS
    from engine.analysis.statistics._base import Given

    statistic = STATISTICS.get(key)(STATISTICS.get(key).parse({}))
    statistic.compute(Given(Graph.from_edges([0, 1, 2, 3], [1, 2, 0, 0], 4)))
    graph = _stored(folder)
    with measured() as figures:
        found = statistic.compute(Given(graph, threads=os.cpu_count() or 1))
    return figures | {"check": _check(key, found.values)}


def networkit(folder: str, key: str) -> dict[str, Any]:
    """Measure networkit's counterpart, its graph built beforehand."""
    import networkit as nk

    graph = _stored(folder)
    row = np.repeat(np.arange(graph.num_nodes), graph.degree())
    once = row < graph.indices
    ends = (row[once].astype(np.uint64), graph.indices[once].astype(np.uint64))
    nk.setNumberOfThreads(os.cpu_count() or 1)
    began = time.perf_counter()
    theirs = nk.GraphFromCoo(ends, n=graph.num_nodes, directed=False)
    built = time.perf_counter() - began
    with measured() as figures:
        values = _by_networkit(nk, theirs, key)
    return figures | {"build_seconds": built, "check": _check(key, values)}


def _by_networkit(nk: Any, graph: Any, key: str) -> Any:  # Any: networkit has no types
    if key == "components":
        work = nk.components.ParallelConnectedComponents(graph)
        work.run()
        return work.getPartition().getVector()
    if key == "pagerank":
        work = nk.centrality.PageRank(graph, damp=0.85, tol=1e-6)
        work.norm = nk.centrality.Norm.L1_NORM
    elif key == "k_core":
        work = nk.centrality.CoreDecomposition(graph)
    else:
        work = nk.centrality.LocalClusteringCoefficient(graph, turbo=True)
    work.run()
    return work.scores()


def _check(key: str, values: Any) -> float:
    """Return one number in which both sides have to agree."""
    found = np.asarray(values, np.float64)
    if key == "components":
        return float(len(np.unique(found)))
    return round(float(found.max() * (len(found) if key == "pagerank" else 1)), 2)


_SIDES = {"ours": ours, "networkit": networkit}

if __name__ == "__main__":
    main()
