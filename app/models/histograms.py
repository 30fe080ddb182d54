"""How the numbers of a column are spread: counts in bins, of all nodes and of a part of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.session.attributes import Attribute

_BINS = 36
_SKEWED = 20.0  # times the median: from there on equal steps would put nearly all nodes into one bin


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts of one column.

    Args: edges: ascending, float64 [K + 1]; a bin holds what is not below its left edge, the last one its right too.
        counts: int64 [K]. bins: the bin of each node, -1 without a value, int16 [N]. is_log: whether steps grow.
        is_whole: whether all numbers are whole.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    bins: NDArray[np.int16]
    is_log: bool = False
    is_whole: bool = False

    def largest(self, last: int) -> float:
        """Return the largest number that bins up to this one can hold: a bin does not hold its right edge."""
        edge = float(self.edges[last + 1])
        if last == len(self.counts) - 1 and edge > self.edges[last]:
            return edge
        return float(np.ceil(edge) - 1.0) if self.is_whole else float(np.nextafter(edge, -np.inf))

    def of(self, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the counts of a part of the nodes, int64 [K]. Args: mask: bool [N]."""
        found = self.bins[mask]
        return np.bincount(found[found >= 0], minlength=len(self.counts)).astype(np.int64)

    def members(self, first: int, last: int) -> NDArray[np.bool_]:
        """Return the nodes from one bin to another, both included, bool [N]."""
        return (self.bins >= first) & (self.bins <= last)


def histogram_of(attribute: Attribute) -> Histogram | None:
    """Return the spread of a column of numbers; None where no number is there.

    Whole numbers with few different values get a bin each; a long tail upwards gets steps that grow.
    """
    values = attribute.values.astype(np.float64, copy=False)
    there = np.isfinite(values)
    known = values[there]
    if not len(known):
        return None
    low, high = float(known.min()), float(known.max())
    is_log = low >= 0 and high > _SKEWED * max(float(np.median(known)), 1e-12)
    is_whole = bool(np.equal(np.mod(known[:1000], 1.0), 0.0).all()) and bool(np.equal(np.mod(known, 1.0), 0.0).all())
    edges = _edges(known, low, high, is_log=is_log, is_whole=is_whole)
    bins = np.full(len(values), -1, dtype=np.int16)
    bins[there] = np.clip(np.searchsorted(edges, known, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(bins[there], minlength=len(edges) - 1).astype(np.int64)
    return Histogram(edges, counts, bins, is_log, is_whole)


def _edges(known: NDArray[np.float64], low: float, high: float, *, is_log: bool, is_whole: bool) -> NDArray[np.float64]:
    if low == high:
        return np.array([low, low + 1.0])
    if is_whole and high - low < _BINS:
        return np.arange(low, high + 2.0)
    if is_log:
        # From nought in steps that grow; whole numbers are not cut in the middle.
        scale = max(float(np.median(known)), high * 1e-6, 1e-12)
        edges = scale * np.expm1(np.linspace(np.log1p(low / scale), np.log1p(high / scale), _BINS + 1))
        edges = np.unique(np.floor(edges)) if is_whole else edges
        edges[0], edges[-1] = low, high
        return edges if len(edges) > 1 else np.array([low, high])
    return np.linspace(low, high, _BINS + 1)
