"""Put the pieces of a graph next to each other: components as boxes, nodes without edges as a block."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


def pack(pieces: Sequence[Points], gap: float) -> list[Points]:
    """Shift point sets so that their bounding boxes do not overlap and the whole is somewhat wider than high.

    The boxes are set in shelves, the highest first; on a shelf they stand in columns that are filled from top to
    bottom, so that many small pieces find room beside a large one.

    Args: pieces: each of shape [n, 2]. gap: free space between two boxes.
    Returns: the pieces in the order given, moved.
    """
    if not pieces:
        return []
    low = np.array([piece.min(axis=0) for piece in pieces])
    size = np.array([piece.max(axis=0) for piece in pieces]) - low + gap
    order = np.lexsort((np.arange(len(pieces)), -size[:, 0], -size[:, 1]))
    row = max(1.3 * float(size[order[0], 0]), float(size[:, 0].max()), 1.5 * float(np.sqrt(size.prod(axis=1).sum())))
    moved = list(pieces)
    top, height = 0.0, float(size[order[0], 1])
    left, width, filled = 0.0, 0.0, 0.0
    for k in order:
        wide, high = float(size[k, 0]), float(size[k, 1])
        if filled + high > height + 1e-9:
            left, width, filled = left + width, 0.0, 0.0
        if left + wide > row + 1e-9 and left > 0:
            top, height = top - height, high
            left, width, filled = 0.0, 0.0, 0.0
        moved[k] = pieces[k] - low[k] + np.array([left, top - filled - high])
        width, filled = max(width, wide), filled + high
    return moved


def block(count: int, spacing: float) -> Points:
    """Return places for nodes without edges: rows of a rectangle twice as wide as high, shape [count, 2]."""
    columns = max(1, int(np.ceil(np.sqrt(2 * count))))
    place = np.arange(count)
    return np.stack([place % columns, -(place // columns)], axis=1).astype(np.float64) * spacing


def with_block(xy: Points, is_known: npt.NDArray[np.bool_]) -> Points:
    """Return the places with a block below them for the nodes that have none.

    Args: xy: shape [N, 2]; what is not known may hold anything. is_known: shape [N].
    """
    missing = np.flatnonzero(~is_known)
    if not len(missing):
        return xy
    placed = xy.copy()
    low, high = (end(xy[is_known], axis=0) if is_known.any() else np.zeros(2) for end in (np.min, np.max))
    wide = float((high - low).max()) or 1.0
    beside = block(len(missing), 1.0)
    placed[missing] = beside * (0.3 * wide / max(float(np.ptp(beside[:, 0])), 1.0)) + low - [0, 0.1 * wide]
    return placed
