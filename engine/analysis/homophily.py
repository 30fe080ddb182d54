"""Whether neighbours are alike, and how much more than chance would make them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.graph.graph import Graph


@dataclass(frozen=True, slots=True)
class Homophily:
    """How alike neighbours are.

    Args: edges: stored entries whose ends both have a known class. edge: share of them that join equal classes;
        None without any. adjusted: 1 when all do, 0 when as many do as degree alone explains, below 0 when fewer do;
        None when there is one class only.
    """

    edges: int
    edge: float | None
    adjusted: float | None


def homophily(graph: Graph, codes: npt.NDArray[np.int64]) -> Homophily:
    """Compare the classes at the ends of edges; an edge with an unknown end does not count.

    With D_k the degrees of class k summed up, and 2|E| the sum over all classes:
    adjusted = (edge - sum_k (D_k / 2|E|)²) / (1 - sum_k (D_k / 2|E|)²).

    Args: graph: an undirected edge counts the same as its two entries do. codes: class of each node, -1 for unknown,
        shape [N].
    Source: Platonov, Kuznedelev, Babenko and Prokhorenkova (2023), Characterizing graph datasets for node
        classification: homophily-heterophily dichotomy and beyond, section 2.
    """
    from engine.analysis.kernels import class_counts

    ends = np.zeros(int(codes.max(initial=-1)) + 1, np.int64)
    # A small table stays near the processor, which reads it in no order.
    small = codes.astype(np.int16) if len(ends) < 2**15 else codes
    count, alike = class_counts(graph.indptr, graph.indices, small, not graph.directed, ends)
    if not count:
        return Homophily(0, None, None)
    share = alike / count
    weight = ends / (2 * count)
    chance = float((weight**2).sum())
    return Homophily(count, share, (share - chance) / (1 - chance) if chance < 1 - 1e-12 else None)
