"""Columns of numbers: scaled, with an indicator where values are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from engine.data.columns import Column
from engine.data.features._base import Block, Coder, LeftOut, RawColumn, stack
from engine.data.judging import numbers_of, odd_numbers

# A column of amounts or counts whose skewness is above this is taken as its logarithm: a value 50 deviations out
# would otherwise outweigh everything else that a node has.
_SKEWED = 4.0


@dataclass(frozen=True)
class NumberCoder(Coder):
    """(value - shift) / scale, of log(1 + value) where `is_log`; a missing value counts as `fill`.

    Args: has_missing: values were missing when it was fitted; then there is an indicator column.
        is_constant: all known values were equal; then only the indicator is left.
    """

    kind: ClassVar[str] = "number"
    shift: float
    scale: float
    fill: float
    is_log: bool
    has_missing: bool
    is_constant: bool
    decimal: str

    @classmethod
    def fit(cls, raw: RawColumn, *, standard: bool, may_log: bool) -> NumberCoder | LeftOut:
        """Learn centre and scale from the known values.

        Args: standard: scale to zero mean and unit variance. may_log: very skewed amounts become logarithms first.
        """
        values = _read(raw, raw.decimal)
        is_known = ~np.isnan(values)
        if not is_known.any():
            return LeftOut(raw.name, "feature.empty", "holds no number")
        known = values[is_known]
        has_missing = not is_known.all()
        is_constant = bool(known.min() == known.max())
        if is_constant and not has_missing:
            return LeftOut(raw.name, "feature.constant", "holds the same number everywhere")
        is_log = bool(may_log and not is_constant and known.min() >= 0 and _skewness(known) > _SKEWED)
        if is_log:
            known = np.log1p(known)
        mean, spread = float(known.mean()), float(known.std())
        if not standard or is_constant:
            shift, scale = 0.0, 1.0
        else:
            shift, scale = mean, spread
        words = ["Number"]
        if is_log:
            words.append("very skewed, so its logarithm is taken")
        if standard and not is_constant:
            words.append("scaled to zero mean and unit variance")
        if has_missing:
            words.append("missing values count as the mean and have a column of their own")
        return cls(raw.name, ", ".join(words) + ".", shift, scale, mean, is_log, has_missing, is_constant, raw.decimal)

    @property
    def names(self) -> list[str]:
        """The value unless it is constant, and the indicator of missing values if there is one."""
        value = [] if self.is_constant else [f"log {self.column}" if self.is_log else self.column]
        return value + ([f"{self.column} is missing"] if self.has_missing else [])

    def transform(self, raw: RawColumn) -> Block:
        """Scale the values; see the class."""
        values = _read(raw, self.decimal)
        is_unknown = np.isnan(values)
        if is_unknown.any() and not self.has_missing:
            count = int(is_unknown.sum())
            text = f'{count:,} values of column "{raw.name}" are missing; none was at fitting. They count as its mean.'
            raw.tell_count("feature.newly_missing", text, count)
        if self.is_log:
            # Below zero there is no logarithm; at fitting there were no such values.
            values = np.log1p(np.maximum(values, 0))
        scaled = (np.where(is_unknown, self.fill, values) - self.shift) / self.scale
        columns = [] if self.is_constant else [scaled]
        return stack(*columns, *([is_unknown] if self.has_missing else []))


def _read(raw: RawColumn, decimal: str) -> npt.NDArray[np.float64]:
    column = raw.cells if isinstance(raw.cells, Column) else Column.of(raw.cells)
    values = numbers_of(column, decimal)
    odd = odd_numbers(column, decimal)
    if len(odd):
        raw.tell_cells("feature.number", odd, "is not a number; it counts as missing")
    return values


def _skewness(known: npt.NDArray[np.float64]) -> float:
    centred = known - known.mean()
    return float((centred**3).mean() / (centred**2).mean() ** 1.5)
