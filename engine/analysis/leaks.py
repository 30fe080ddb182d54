"""Columns that know the answer too well: they may have been filled in after it was known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.data.columns import column_of
from engine.data.items import Items, Level
from engine.data.roles import ColumnKind, Role

_KINDS = (ColumnKind.CATEGORY, ColumnKind.BOOLEAN, ColumnKind.ID)
# A number that repeats may be a class by its code.
NUMBERS_TOO = (*_KINDS, ColumnKind.NUMBER)
# A column is a suspect when its values name the class this often, and leave this little to know otherwise.
_LEAST_PURITY, _MOST_LEFT = 0.98, 0.1
# On average a value must occur that often: a column of unique values would name every class.
_LEAST_ROWS_A_VALUE = 5


@dataclass(frozen=True, slots=True)
class Suspect:
    """A feature whose values name the class.

    Args: column: its name. purity: share of the items with both known whose class is the usual one of their value.
        absent: share of the items without a class that have no value either; None when every one has a class.
        level: what the items are.
    """

    column: str
    purity: float
    absent: float | None
    level: Level = "node"

    def sentence(self, target: str) -> str:
        """Say what is wrong and what to do."""
        words = f'"{self.column}" names "{target}" for {self.purity:.0%} of the {self.level}s where both are known'
        if self.absent is not None and self.absent > 0.9:
            words += f", and is empty for {self.absent:.0%} of those to predict"
        return f"{words}: it may have been filled in afterwards. Set its role to ignore unless it is known beforehand."


def suspects(
    items: Items, target: str, *, kinds: tuple[ColumnKind, ...] = _KINDS, roles: tuple[Role, ...] = (Role.FEATURE,)
) -> list[Suspect]:
    """Return the features whose values all but determine the class, worst first.

    Args: target: a column of classes. kinds, roles: of the columns that are looked at.
    Source: leakage as Kaufman, Rosset and Perlich (2011) define it; the purity of a partition as in clustering.
    """
    codes = _codes(items, target)
    known = codes >= 0
    counts = np.bincount(codes[known]) if known.any() else np.zeros(1)
    if not known.any() or counts.max() > (1 - _MOST_LEFT) * known.sum():
        return []
    found = []
    for name, spec in items.columns.items():
        if name != target and name in items.table and spec.role in roles and spec.kind in kinds:
            suspect = _judge(name, _codes(items, name), codes, items.level)
            if suspect is not None:
                found.append(suspect)
    return sorted(found, key=lambda suspect: -suspect.purity)


def _judge(name: str, values: npt.NDArray[np.int64], codes: npt.NDArray[np.int64], level: Level) -> Suspect | None:
    both = (values >= 0) & (codes >= 0)
    rows = int(both.sum())
    distinct = int(np.count_nonzero(np.bincount(values[both])))
    if distinct < 2 or rows < _LEAST_ROWS_A_VALUE * distinct:
        return None
    table = pd.crosstab(values[both], codes[both]).to_numpy()
    purity = float(table.max(axis=1).sum() / rows)
    usual = float(table.sum(axis=0).max() / rows)
    if purity < _LEAST_PURITY or usual > 1 - _MOST_LEFT:
        return None
    unknown = codes < 0
    return Suspect(name, purity, float((values[unknown] < 0).mean()) if unknown.any() else None, level)


def _codes(items: Items, name: str) -> npt.NDArray[np.int64]:
    return column_of(items.table, name).codes.astype(np.int64)
