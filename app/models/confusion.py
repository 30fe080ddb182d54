"""True against predicted classes: how many nodes, and which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.session.attributes import PREDICTED, SPLIT, TARGET, Attributes

ALL_PARTS = "all"


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of one part of the split.

    Args: classes: names. counts: rows are true, columns predicted classes, int64 [C, C]. true, predicted: class of
        each node, -1 where it does not count here, int32 [N].
    """

    classes: tuple[str, ...]
    counts: NDArray[np.int64]
    true: NDArray[np.int32]
    predicted: NDArray[np.int32]

    def members(self, true: int | None, predicted: int | None) -> NDArray[np.bool_]:
        """Return the nodes of a cell, of a row (predicted None) or of a column (true None), bool [N]."""
        found: NDArray[np.bool_] = self.true >= 0
        if true is not None:
            found = found & (self.true == true)
        if predicted is not None:
            found = found & (self.predicted == predicted)
        return found

    def accuracy(self) -> float | None:
        """Return the share on the diagonal; None where nothing is counted."""
        total = int(self.counts.sum())
        return float(np.trace(self.counts) / total) if total else None


def parts_of(attributes: Attributes) -> list[str]:
    """Return the parts of the split that hold nodes, test first."""
    split = attributes.get(SPLIT)
    if split is None:
        return []
    there = {value for value in split.values if value is not None}
    return [name for name in ("test", "valid", "train") if name in there]


def confusion_of(attributes: Attributes, part: str) -> Confusion | None:
    """Count one part of the split. Args: part: train, valid, test, or "all" for every node with a true class.

    Returns: None where there is no class prediction, or no true class.
    """
    predicted, true, split = attributes.get(PREDICTED), attributes.get(TARGET), attributes.get(SPLIT)
    if predicted is None or true is None or predicted.kind != "category":
        return None
    rows, columns = true.codes().copy(), predicted.codes().copy()
    counted = (rows >= 0) & (columns >= 0)
    if part != ALL_PARTS:
        if split is None:
            return None
        counted &= np.array([value == part for value in split.values], dtype=bool)
    rows[~counted] = -1
    columns[~counted] = -1
    size = len(true.categories)
    cells = np.bincount(rows[counted].astype(np.int64) * size + columns[counted], minlength=size * size)
    return Confusion(true.categories, cells.reshape(size, size), rows, columns)
