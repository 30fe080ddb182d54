"""A first picture in a blink: positions from the distances to a few pivots."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.layout.graphs.force.kernels import distances


def pivot_positions(
    indptr: npt.NDArray[np.int64], indices: npt.NDArray[np.int32], rng: np.random.Generator, *, pivots: int = 50
) -> npt.NDArray[np.float64]:
    """Place the nodes of a connected graph so that distances to the pivots come out about right.

    Args: indptr, indices: rows of the graph, both directions. rng: draws the tiny offsets. pivots: how many.
    Returns: shape [N, 2], both axes with standard deviation sqrt(N).
    Source: Brandes and Pich (2007), PivotMDS; pivots chosen far from each other, ties by position.
    """
    n = len(indptr) - 1
    queue = np.empty(n, np.int32)
    pivot = int(np.diff(indptr).argmax())
    nearest = np.full(n, np.inf)
    columns = []
    for _ in range(min(pivots, n)):
        away = distances(indptr, indices, pivot, queue).astype(np.float64)
        columns.append(away)
        nearest = np.minimum(nearest, away)
        pivot = int(nearest.argmax())
        if nearest[pivot] == 0:
            break
    square = np.stack(columns, axis=1) ** 2
    centred = -0.5 * (square - square.mean(axis=0) - square.mean(axis=1, keepdims=True) + square.mean())
    _, axes = np.linalg.eigh(centred.T @ centred)
    xy = centred @ axes[:, -2:][:, ::-1]
    if xy.shape[1] < 2:
        xy = np.column_stack([xy, np.zeros(n)])
    # The sign of an eigenvector is free: fix it, so that the picture is the same everywhere.
    xy *= np.where(xy[np.abs(xy).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
    spread = xy.std(axis=0)
    xy = (xy - xy.mean(axis=0)) / np.where(spread > 1e-9 * max(spread.max(), 1e-300), spread, 1.0)
    # Nodes with the same distances would sit on one point, where no force can part them.
    return np.asarray((xy + rng.normal(scale=0.05, size=xy.shape)) * np.sqrt(n))
