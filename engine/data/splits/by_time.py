"""Split by time: what came first trains, what came last judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError, RoleError
from engine.core.events import EventSink, Notice, silent
from engine.data.columns import column_of
from engine.data.judging import numbers_of
from engine.data.roles import ColumnKind, Role
from engine.data.splits._base import Split, Splitter, mask, require_known
from engine.data.values import to_dates

if TYPE_CHECKING:
    from engine.data.items import Items


class ByTime(Splitter):
    """Order the items by a date or a number: the first train, those behind them choose, the last judge.

    Items of one moment stay in one part, so the parts may be a little larger or smaller than asked for; items without
    a time are in no part. The test items are newer than all that was learnt from, as in use, which random parts are
    not.

    Source: time-split cross-validation (Sheridan 2013), "Time-split cross-validation as a method for estimating the
    goodness of prospective prediction".
    """

    key = "by_time"
    label = "By time"

    class Config(ConfigBase):
        column: str | None = option(
            None, "Column of dates or numbers; the one with the role time when absent.", column="time"
        )
        train: float = option(0.8, "Part of the labelled items that trains: the first.", gt=0, lt=1)
        valid: float = option(0.1, "Part that chooses epoch and settings: those behind; the rest judges.", gt=0, lt=1)

    config: Config

    def assign(
        self,
        items: Items,
        target: npt.NDArray[np.generic],
        *,
        is_class: bool,
        seed: int,
        sink: EventSink = silent,
    ) -> list[Split]:
        """Cut at two moments; see the base class.

        Raises: OptionError: nothing is left to judge. RoleError: there is no such column, or it holds fewer than three
            moments.
        """
        if self.config.train + self.config.valid > 1 - 1e-9:
            raise OptionError(
                '"split.train" and "split.valid" leave nothing to judge.', hint="Make one of them smaller."
            )
        known = require_known(items, target, is_class=is_class)
        name = self._column(items)
        times = _times(items, name)
        there = known[np.isfinite(times[known])]
        without = len(known) - len(there)
        if without:
            text = f"{items.count(without)} with a known target have no time; they are in no part."
            sink(Notice("info", "split.no_time", text, {"column": name, "count": without}))
        moments, place = np.unique(times[there], return_inverse=True)
        if len(moments) < 3:
            raise RoleError(
                f'Column "{name}" holds {len(moments)} different times of labelled {items.level}s; three are needed.',
                hint="Choose another column or another split.",
                column=name,
            )
        # The first moment at or behind each share begins the next part; every part has a moment.
        before = np.searchsorted(np.sort(place), np.arange(len(moments)))
        first = int(np.clip(np.searchsorted(before, self.config.train * len(there)), 1, len(moments) - 2))
        shares = (self.config.train + self.config.valid) * len(there)
        second = int(np.clip(np.searchsorted(before, shares), first + 1, len(moments) - 1))
        part = np.searchsorted([first, second], place, side="right")
        masks = [mask(there[part == number], len(target)) for number in range(3)]
        return [Split("by_time", *masks)]

    def _column(self, items: Items) -> str:
        named = self.config.column
        if named is None:
            named = next((name for name, spec in items.columns.items() if spec.role is Role.TIME), None)
        if named is None or named not in items.names:
            what = "no column with the role time" if named is None else f'no column "{named}"'
            raise RoleError(
                f"The {items.level} table has {what}.", hint=f"It has: {', '.join(items.names)}.", column=named
            )
        return named


def _times(items: Items, name: str) -> npt.NDArray[np.float64]:
    """Return dates or numbers as numbers that grow with time, shape [I]; NaN where there is none."""
    spec = items.columns[name]
    if spec.kind is ColumnKind.NUMBER:
        return np.asarray(numbers_of(column_of(items.table, name), spec.decimal), np.float64)
    dates = to_dates(np.asarray(items.table[name], dtype=object))
    found = dates.astype("datetime64[s]").astype(np.int64).astype(np.float64)
    return np.where(np.isnat(dates), np.nan, found)
