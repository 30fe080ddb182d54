"""Layouts of graphs with communities: ours, graphviz sfdp (10,000 nodes) and networkit's PivotMDS (100,000 nodes).

    python -m tests.bench.layout [--pairs 3] [--only 10000]

The graph is `tests.bench.planes.social_graph`: one community for each 200 nodes with sizes of a Dirichlet distribution,
degrees of a heavy tail, 8 on average, 85 of 100 edges inside a community and the others to one of the next three, so
that the communities form a ring; the largest component, nodes in random order.

`stress` is the mean over pairs of 24 nodes with 2,000 others of ((s e - d) / d)², d edges between them, e the distance
in the picture, s the scale at which this is least. `neighbours` is the mean over 600 nodes with at least two neighbours
of the Jaccard share of its neighbours and equally many nearest points of the picture. Both are of the last picture.
`first_seconds` is the time from a fresh process with NumPy to the first picture, without warming anything.

Compiled loops are loaded before the clock starts. sfdp reads and writes its own text, which its time holds: starting
with `-Goverlap=true` it does not separate nodes afterwards. networkit's PivotMDS has 60 pivots; its own graph is built
before the clock starts.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from engine.graph.graph import Graph
from tests.bench.pairs import RESULTS, Variant, compare, measured
from tests.bench.planes import judge_layout, social_graph

PIVOTS = 60


class _Seen(Exception):  # noqa: N818 - no error: what ends a layout once it has shown something
    pass


def main() -> None:
    """Compare every size that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--only", type=int, choices=sorted(_PEERS))
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    for nodes, peers in _PEERS.items():
        if given.only in (None, nodes):
            sides = {"kith": ours, **peers}
            variants = [Variant(name, work, {"nodes": nodes}) for name, work in sides.items()]
            compare("layout", variants, case=f"{nodes:,} nodes", pairs=given.pairs, results=given.results)


def ours(nodes: int) -> dict[str, Any]:
    """Measure the force layout with its own options."""
    adjacency = social_graph(nodes)
    graph = _graph(adjacency)
    began = time.perf_counter()
    first = _first_picture(graph, began)
    from engine.layout.graphs.force import Force

    layout = Force(Force.parse({}))
    layout.place(_graph(social_graph(2000)))
    with measured() as figures:
        xy = layout.place(graph)
    return {**figures, "first_seconds": first, **judge_layout(adjacency, xy)}


def _first_picture(graph: Graph, began: float) -> float:
    from engine.layout.graphs.force import Force

    def seen(_: object) -> None:
        raise _Seen

    try:
        Force(Force.parse({})).place(graph, on_positions=seen)
    except _Seen:
        return time.perf_counter() - began
    raise RuntimeError("the layout showed nothing")


def sfdp(nodes: int) -> dict[str, Any]:
    """Measure graphviz's sfdp, a process of its own."""
    adjacency = social_graph(nodes)
    edges = sp.triu(adjacency).tocoo()
    text = "graph{" + ";".join(f"{a}--{b}" for a, b in zip(edges.row.tolist(), edges.col.tolist(), strict=True)) + "}"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with measured() as figures:
        command = ["sfdp", "-Tplain", "-Goverlap=true", "-Gstart=1"]
        told = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures["cpu_seconds"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures["peak_mb"] = after.ru_maxrss / 1024
    xy = np.zeros((adjacency.shape[0], 2))
    for line in told.splitlines():
        words = line.split()
        if words[0] == "node":
            xy[int(words[1])] = float(words[2]), float(words[3])
    return {**figures, **judge_layout(adjacency, xy)}


def pivot_mds(nodes: int) -> dict[str, Any]:
    """Measure networkit's PivotMDS."""
    import networkit as nk

    adjacency = social_graph(nodes)
    edges = sp.triu(adjacency).tocoo()
    nk.setSeed(0, False)
    ends = (edges.row.astype(np.uint64), edges.col.astype(np.uint64))
    graph = nk.GraphFromCoo(ends, n=adjacency.shape[0], directed=False)
    with measured() as figures:
        work = nk.viz.PivotMDS(graph, 2, PIVOTS)
        work.run()
        xy = np.array([list(place) for place in work.getCoordinates()])
    return {**figures, **judge_layout(adjacency, xy)}


def _graph(adjacency: sp.csr_matrix) -> Graph:
    adjacency.sort_indices()
    return Graph(adjacency.indptr.astype(np.int64), adjacency.indices.astype(np.int32))


_PEERS = {10_000: {"sfdp": sfdp}, 100_000: {"networkit PivotMDS": pivot_mds}}

if __name__ == "__main__":
    main()
