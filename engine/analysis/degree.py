"""How many edges nodes have."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.graph.graph import Graph


def degrees(graph: Graph) -> npt.NDArray[np.int64]:
    """Return the number of edges at each node, int64 [N]; for a directed graph those in both directions."""
    incoming = graph.degree()
    if not graph.directed:
        return incoming
    return incoming + np.bincount(graph.indices, minlength=graph.num_nodes)


def degree_summary(graph: Graph) -> dict[str, Any]:  # Any: JSON values
    """Return `{mean, median, largest, isolated, histogram: [{from, to, nodes}]}`.

    The bins are 0, 1, 2, 3-4, 5-8, 9-16 and so on: degrees of real graphs spread over orders of magnitude.
    """
    degree = degrees(graph)
    if not len(degree):
        return {"mean": 0.0, "median": 0.0, "largest": 0, "isolated": 0, "histogram": []}
    # The smallest bin k with degree <= its upper end: 0, 1, 2, 4, 8 …
    largest = int(degree.max())
    ends = [0, 1]
    while ends[-1] < largest:
        ends.append(ends[-1] * 2)
    counts = np.bincount(np.searchsorted(ends, degree), minlength=len(ends))
    starts = [0, *(end + 1 for end in ends[:-1])]
    histogram = [
        {"from": start, "to": end, "nodes": int(count)} for start, end, count in zip(starts, ends, counts, strict=True)
    ]
    return {
        "mean": float(degree.mean()),
        "median": float(np.median(degree)),
        "largest": largest,
        "isolated": int((degree == 0).sum()),
        "histogram": histogram if largest else histogram[:1],
    }
