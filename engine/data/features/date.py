"""Columns of dates: how long ago, and where in the year and in the week."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.data.features._base import Block, Coder, LeftOut, RawColumn, stack
from engine.data.values import date_format, is_missing, to_dates

_PARTS = ("day", "year", "month sin", "month cos", "weekday sin", "weekday cos")
_CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}.*$", re.ASCII)


@dataclass(frozen=True)
class DateCoder(Coder):
    """Day number and year, scaled; month and weekday as points on a circle; missing dates count as the mean.

    Args: pattern: the one format its dates are written in. shift, scale: of each part. parts: the parts that vary.
        has_missing: dates were missing at fitting; then there is an indicator column.
    """

    kind: ClassVar[str] = "date"
    pattern: str
    parts: tuple[str, ...]
    shift: tuple[float, ...]
    scale: tuple[float, ...]
    has_missing: bool

    @classmethod
    def fit(cls, raw: RawColumn) -> DateCoder | LeftOut:
        """Find the format that fits most dates, and the scale of each part."""
        days = to_dates(raw.cells)
        readable = [str(cell) for cell in raw.cells[~np.isnat(days)]]
        pattern = date_format(sorted(set(readable))) if readable else None
        if pattern is None:
            return LeftOut(raw.name, "feature.empty", "holds no date that can be read")
        values, is_unknown = _parts(raw, pattern)
        known = values[~is_unknown]
        spread = known.std(axis=0)
        varies = spread > 1e-9
        has_missing = bool(is_unknown.any())
        if not varies.any() and not has_missing:
            return LeftOut(raw.name, "feature.constant", "holds the same date everywhere")
        is_angle = np.array(["sin" in part or "cos" in part for part in _PARTS])
        shift = np.where(is_angle, 0.0, known.mean(axis=0))[varies]
        scale = np.where(is_angle, 1.0, spread)[varies]
        parts = tuple(part for part, kept in zip(_PARTS, varies, strict=True) if kept)
        words = f"Date written as {pattern}: day and year scaled, month and weekday as points on a circle"
        reason = words + (", missing has a column of its own." if has_missing else ".")
        return cls(raw.name, reason, pattern, parts, tuple(shift.tolist()), tuple(scale.tolist()), has_missing)

    @property
    def names(self) -> list[str]:
        """The parts that vary, and the indicator of missing dates if there is one."""
        return [f"{self.column} {part}" for part in self.parts] + [f"{self.column} is missing"] * self.has_missing

    def transform(self, raw: RawColumn) -> Block:
        """Return the parts; see the class."""
        values, is_unknown = _parts(raw, self.pattern)
        kept = [_PARTS.index(part) for part in self.parts]
        scaled = (values[:, kept] - np.array(self.shift)) / np.array(self.scale)
        scaled[is_unknown] = 0.0
        if is_unknown.any() and not self.has_missing:
            count = int(is_unknown.sum())
            text = f'{count:,} dates of column "{raw.name}" are missing; none was when it was fitted.'
            raw.tell_count("feature.newly_missing", text, count)
        return stack(*scaled.T, *([is_unknown] if self.has_missing else []))


def _parts(raw: RawColumn, pattern: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return the parts of each date, shape [N, 6] with NaN rows, and which dates are unknown, shape [N]."""
    kinds, values = pd.factorize(raw.cells, use_na_sentinel=True)
    days = pd.Series([_CLOCK.sub("", value.strip()) for value in values], dtype=object)
    read = pd.DatetimeIndex(pd.to_datetime(days, format=pattern, errors="coerce"))
    month = 2 * np.pi * (read.month.to_numpy(dtype=float) - 1) / 12
    weekday = 2 * np.pi * read.day_of_week.to_numpy(dtype=float) / 7
    columns = (
        read.to_julian_date().to_numpy(dtype=float),
        read.year.to_numpy(dtype=float),
        np.sin(month),
        np.cos(month),
        np.sin(weekday),
        np.cos(weekday),
    )
    table = np.vstack([np.stack(columns, axis=1).reshape(len(values), len(_PARTS)), np.full((1, len(_PARTS)), np.nan)])
    parts = table[kinds]
    is_unknown = np.isnan(parts[:, 0])
    odd = np.array([row for row in np.flatnonzero(is_unknown) if not is_missing(raw.cells[row])], dtype=np.int64)
    if len(odd):
        raw.tell_cells("feature.date", odd, f"is not a date like the others ({pattern}); it counts as missing")
    return parts, is_unknown
