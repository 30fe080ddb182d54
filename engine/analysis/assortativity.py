"""Whether neighbours have similar numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.graph.graph import Graph


def assortativity(graph: Graph, values: npt.NDArray[np.float64]) -> float | None:
    """Return the correlation of the numbers at both ends of edges, -1 to 1; edges with an unknown end do not count.

    Args: graph: an undirected edge counts in both directions. values: shape [N], NaN for unknown.
    Returns: None when fewer than two edges count or the numbers at their ends do not vary.
    Source: Newman (2003), Mixing patterns in networks, equation 21.
    """
    source, target = graph.edge_index()
    is_known = np.isfinite(values[source]) & np.isfinite(values[target])
    x, y = values[source[is_known]], values[target[is_known]]
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return float(np.corrcoef(x, y)[0, 1])
