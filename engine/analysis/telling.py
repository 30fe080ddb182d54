"""Columns beside the target of whole graphs that know the answer: why they are no features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

from engine.analysis.leaks import NUMBERS_TOO, suspects
from engine.data.columns import column_of
from engine.data.items import Items
from engine.data.judging import numbers_of
from engine.data.roles import ColumnKind, Role

# From here on a column says most of what there is to say.
_STRONG = 0.9
_LEAST = 20
_BESIDE = (Role.IGNORE, Role.FEATURE)


@dataclass(frozen=True, slots=True)
class Telling:
    """A column that goes with the target more closely than a measurement of something else would.

    Args: column: its name. target: what it tells. sentence: what was found, and what to do.
    """

    column: str
    target: str
    sentence: str


def telling_columns(items: Items, target: str, *, is_class: bool) -> list[Telling]:
    """Return the columns beside a target that would give it away, whatever their role.

    Classes: columns whose values all but determine the class (see `leaks.suspects`). Numbers: a rank correlation of
    .9 or more. Columns that are features already are left to `suspects`.

    Source: leakage as Kaufman, Rosset and Perlich (2011) define it; rank correlation of Spearman (1904).
    """
    return list(_of_class(items, target) if is_class else _of_number(items, target))


def _of_class(items: Items, target: str) -> Iterator[Telling]:
    for one in suspects(items, target, kinds=NUMBERS_TOO, roles=(Role.IGNORE,)):
        text = f'"{one.column}" names "{target}" for {one.purity:.0%} of the {items.level}s where both are known.'
        yield Telling(one.column, target, f"{text} {_ADVICE}")


def _of_number(items: Items, target: str) -> Iterator[Telling]:
    truth = _numbers(items, target)
    for name, spec in items.columns.items():
        is_beside = spec.role in _BESIDE and spec.kind is ColumnKind.NUMBER and name in items.table
        if name == target or not is_beside:
            continue
        values = _numbers(items, name)
        rows = np.flatnonzero(np.isfinite(truth) & np.isfinite(values))
        if len(rows) < _LEAST or np.ptp(values[rows]) == 0 or np.ptp(truth[rows]) == 0:
            continue
        found = float(spearmanr(values[rows], truth[rows]).statistic)
        if abs(found) >= _STRONG:
            text = (
                f'"{name}" goes up and down with "{target}" (rank correlation {found:.2f} over '
                f"{items.count(len(rows))}): it may be calculated from it, or predict the same."
            )
            yield Telling(name, target, f"{text} {_ADVICE if spec.role is Role.IGNORE else _WARNING}")


_ADVICE = "It is no feature; leave it so unless it is known beforehand."
_WARNING = "Set its role to ignore unless it is known beforehand."


def _numbers(items: Items, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(numbers_of(column_of(items.table, name), items.columns[name].decimal), np.float64)
