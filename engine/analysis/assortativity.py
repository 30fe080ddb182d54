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
    from engine.analysis.kernels import end_sums

    known = values[np.isfinite(values)]
    if len(known) < 2:
        return None
    # About the mean, and in units of the deviation: squares of large numbers would lose the differences.
    scale = float(known.std())
    # In single precision, as half the table has to come from far; the sums are in double.
    centred = ((values - known.mean()) / (scale if scale > 0 else 1.0)).astype(np.float32)
    sums, bounds = np.zeros(5), np.array([np.inf, -np.inf, np.inf, -np.inf])
    count = end_sums(graph.indptr, graph.indices, centred, not graph.directed, sums, bounds)
    if count < 2 or bounds[0] == bounds[1] or bounds[2] == bounds[3]:
        return None
    x, y, xx, yy, xy = sums / count
    spread = (xx - x * x) * (yy - y * y)
    return float(np.clip((xy - x * y) / np.sqrt(spread), -1.0, 1.0)) if spread > 0 else None
