"""Nodes sorted into a grid, so that a million of them can be asked what lies under a point, in a box, in a lasso."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_IN_CELL = 4  # nodes in a cell, on average
_MOST_CELLS = 1 << 22


class PickIndex:
    """A grid over the places of one scene, in the scene's units. Nodes without a place are in no cell.

    Args: xy: float32 [N, 2].
    """

    def __init__(self, xy: NDArray[np.float32]) -> None:
        x, y = xy[:, 0].astype(np.float64), xy[:, 1].astype(np.float64)
        there = np.flatnonzero(np.isfinite(x + y))
        x, y = x[there], y[there]
        self._low = np.array([x.min(), y.min()]) if len(there) else np.zeros(2)
        high = np.array([x.max(), y.max()]) if len(there) else np.ones(2)
        span = np.maximum(high - self._low, 1e-30)
        cells = min(_MOST_CELLS, max(1, len(there) // _IN_CELL))
        side = float(np.sqrt(span[0] * span[1] / cells))
        # A line of nodes is a grid of one row, however thin the line.
        self._shape = np.clip(np.ceil(span[::-1] / max(side, 1e-30)), 1, cells).astype(np.int64)
        while self._shape.prod() > 2 * cells + 1:
            self._shape[self._shape.argmax()] //= 2
        self._side = np.maximum(span / self._shape[::-1], 1e-300)
        key = self._row(y) * self._shape[1] + self._column(x)
        order = np.argsort(key)
        self.nodes: NDArray[np.int64] = there[order]
        self._x, self._y = x[order], y[order]
        self._start = np.concatenate([[0], np.cumsum(np.bincount(key, minlength=int(self._shape.prod())))])

    def in_box(self, left: float, bottom: float, right: float, top: float) -> NDArray[np.int64]:
        """Return the nodes whose place is in a box, int64 [K]; in no order."""
        at = self._candidates(left, bottom, right, top)[0]
        x, y = self._x[at], self._y[at]
        found: NDArray[np.int64] = self.nodes[at[(x >= left) & (x <= right) & (y >= bottom) & (y <= top)]]
        return found

    def count_near(self, left: float, bottom: float, right: float, top: float) -> int:
        """Return about how many nodes a box holds, without looking at any of them."""
        begin, end = self._runs(left, bottom, right, top)
        return int((end - begin).sum())

    def in_polygon(self, corners: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the nodes inside a closed polygon by the even-odd rule, int64 [K]. Args: corners: float64 [C, 2]."""
        if len(corners) < 3:
            return np.zeros(0, dtype=np.int64)
        low, high = corners.min(axis=0), corners.max(axis=0)
        at, ends, first = self._candidates(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        x, y = self._x[at], self._y[at]
        odd = np.zeros(len(at), dtype=bool)
        for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if y1 == y2:
                continue
            # Candidates lie row by row, so a side of the polygon meets one run of them.
            rows = self._row(np.array([min(y1, y2), max(y1, y2)])) - first
            run = slice(int(ends[max(rows[0], 0)]), int(ends[min(rows[1] + 1, len(ends) - 1)]))
            beside = y[run]
            crosses = (y1 > beside) != (y2 > beside)
            odd[run] ^= crosses & (x[run] < (x2 - x1) * (beside - y1) / (y2 - y1) + x1)
        found: NDArray[np.int64] = self.nodes[at[odd]]
        return found

    def _runs(
        self, left: float, bottom: float, right: float, top: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return for each row that a box meets where its candidates begin and end."""
        rows = self._row(np.array([bottom, top]))
        columns = self._column(np.array([left, right]))
        row = np.arange(rows[0], rows[1] + 1) * self._shape[1]
        return self._start[row + columns[0]], self._start[row + columns[1] + 1]

    def _candidates(
        self, left: float, bottom: float, right: float, top: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        """Return places in the sorted arrays, where each row of them begins, and the first row."""
        begin, end = self._runs(left, bottom, right, top)
        many = end - begin
        ends = np.concatenate([[0], np.cumsum(many)])
        at = np.arange(ends[-1]) + np.repeat(begin - ends[:-1], many)
        return at, ends, int(self._row(np.array([bottom]))[0])

    def _row(self, y: NDArray[np.float64]) -> NDArray[np.int64]:
        return np.clip((y - self._low[1]) / self._side[1], 0, self._shape[0] - 1).astype(np.int64)

    def _column(self, x: NDArray[np.float64]) -> NDArray[np.int64]:
        return np.clip((x - self._low[0]) / self._side[0], 0, self._shape[1] - 1).astype(np.int64)
