"""Columns of categories: one column of x a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from engine.data.features._base import Block, Cells, Coder, LeftOut, RawColumn

# Above this width most of a one-hot row is zeros and is kept sparse.
_DENSE_WIDTH = 64


@dataclass(frozen=True)
class CategoryCoder(Coder):
    """One-hot over the most frequent values; the rest shares one column, missing cells have their own.

    Args: values: kept values, most frequent first. has_other: there were more. has_missing: cells were empty.
    """

    kind: ClassVar[str] = "category"
    values: tuple[str, ...]
    has_other: bool
    has_missing: bool

    @classmethod
    def fit(cls, raw: RawColumn, *, max_categories: int) -> CategoryCoder | LeftOut:
        """Learn the vocabulary from every node.

        Args: max_categories: most values that get a column of their own.
        """
        cells = _clean(raw.cells)
        is_missing = pd.isna(cells)
        counts = pd.Series(cells[~is_missing], dtype=object).value_counts()
        has_missing = bool(is_missing.any())
        if not len(counts):
            return LeftOut(raw.name, "feature.empty", "is empty")
        if len(counts) == 1 and not has_missing:
            return LeftOut(raw.name, "feature.constant", "holds the same value everywhere")
        if len(counts) == int((~is_missing).sum()) and len(counts) > 2:
            return LeftOut(raw.name, "feature.unique", "has a different value in every row, so it tells nothing")
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        kept = tuple(str(value) for value, _ in ordered[:max_categories])
        others = len(ordered) - len(kept)
        reason = f"Category, one column for each of {len(kept)} values"
        if others:
            reason += f", one for the {others:,} rarer ones together"
        if has_missing:
            reason += ", one for missing"
        return cls(raw.name, reason + ".", kept, others > 0, has_missing)

    @property
    def names(self) -> list[str]:
        """`column = value` for each value, then other and missing where they occurred."""
        names = [f"{self.column} = {value}" for value in self.values]
        names += [f"{self.column} = other value"] * self.has_other
        return names + [f"{self.column} is missing"] * self.has_missing

    def transform(self, raw: RawColumn) -> Block:
        """Return the one-hot rows; a value not seen at fitting goes to other, or to no column when there is none."""
        cells = _clean(raw.cells)
        codes = self._codes(raw, cells)
        rows = np.flatnonzero(codes >= 0)
        ones = np.ones(len(rows), np.float32)
        matrix = sp.csr_matrix((ones, (rows, codes[rows])), shape=(len(cells), len(self.names)))
        return matrix if matrix.shape[1] > _DENSE_WIDTH else matrix.toarray()

    def _codes(self, raw: RawColumn, cells: Cells) -> npt.NDArray[np.int64]:
        place: Mapping[str, int] = {value: code for code, value in enumerate(self.values)}
        kinds, distinct = pd.factorize(cells, use_na_sentinel=True)
        known = np.array([place.get(value, -1) for value in distinct] + [-2], dtype=np.int64)
        codes = known[kinds]
        is_new, is_missing = codes == -1, codes == -2
        codes[is_missing] = len(self.values) + self.has_other if self.has_missing else -1
        if self.has_other:
            codes[is_new] = len(self.values)
        elif is_new.any():
            count = int(is_new.sum())
            first = cells[np.flatnonzero(is_new)[0]]
            text = f'{count:,} cells of column "{raw.name}" hold values that are new since fitting (first: "{first}").'
            raw.tell_count("feature.unseen_value", text, count)
        return codes


def _clean(cells: Cells) -> Cells:
    """Return the cells with spaces around them cut; empty text is missing."""
    kinds, values = pd.factorize(cells, use_na_sentinel=True)
    cut = [value.strip() or None for value in values]
    return np.array([*cut, None], dtype=object)[kinds]
