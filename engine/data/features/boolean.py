"""Columns that say yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from engine.data.features._base import Block, Coder, LeftOut, RawColumn, stack
from engine.data.values import is_missing, to_booleans


@dataclass(frozen=True)
class BooleanCoder(Coder):
    """1 for yes, 0 for no and for missing; missing has an indicator column if it occurred at fitting."""

    kind: ClassVar[str] = "boolean"
    has_missing: bool
    is_constant: bool

    @classmethod
    def fit(cls, raw: RawColumn) -> BooleanCoder | LeftOut:
        """Learn whether both answers and missing ones occur."""
        values = _read(raw)
        is_unknown = np.isnan(values)
        if is_unknown.all():
            return LeftOut(raw.name, "feature.empty", "holds neither yes nor no")
        known = values[~is_unknown]
        is_constant = bool(known.min() == known.max())
        if is_constant and not is_unknown.any():
            return LeftOut(raw.name, "feature.constant", "gives the same answer everywhere")
        has_missing = bool(is_unknown.any())
        reason = "Yes or no as 1 and 0" + (", missing has a column of its own." if has_missing else ".")
        return cls(raw.name, reason, has_missing, is_constant)

    @property
    def names(self) -> list[str]:
        """The answer unless it is constant, and the indicator of missing values if there is one."""
        return ([] if self.is_constant else [self.column]) + ([f"{self.column} is missing"] if self.has_missing else [])

    def transform(self, raw: RawColumn) -> Block:
        """Read the answers; see the class."""
        values = _read(raw)
        is_unknown = np.isnan(values)
        if is_unknown.any() and not self.has_missing:
            count = int(is_unknown.sum())
            text = f'{count:,} values of column "{raw.name}" are missing; none was at fitting. They count as no.'
            raw.tell_count("feature.newly_missing", text, count)
        columns = [] if self.is_constant else [np.where(is_unknown, 0.0, values)]
        return stack(*columns, *([is_unknown] if self.has_missing else []))


def _read(raw: RawColumn) -> npt.NDArray[np.float64]:
    values = to_booleans(raw.cells)
    odd = np.array([row for row in np.flatnonzero(np.isnan(values)) if not is_missing(raw.cells[row])], dtype=np.int64)
    if len(odd):
        raw.tell_cells("feature.boolean", odd, "is neither yes nor no; it counts as missing")
    return values
