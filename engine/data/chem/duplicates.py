"""The same molecule in several rows: who repeats whom, who disagrees, and what becomes of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import mean, median
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Choice = Literal["keep", "drop", "mean", "median"]
_TOLERANCE = 1e-9  # relative, below which two written numbers are one value


class Conflict(NamedTuple):
    """A row that disagrees with the first row of its molecule that has a value for this target."""

    row: int
    first: int
    target: str
    value: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the duplicates.

    Args:
        repeats: row to the first row of the same molecule.
        conflicts: rows that disagree. num_conflicting: molecules among whose rows there is such a one.
        dropped: int64, rows that go. cells: the targets, with means and medians in the rows that stay.
    """

    repeats: dict[int, int]
    conflicts: list[Conflict]
    num_conflicting: int
    dropped: npt.NDArray[np.int64]
    cells: dict[str, npt.NDArray[np.object_]]


def settle_duplicates(
    keys: npt.NDArray[np.object_],
    cells: Mapping[str, npt.NDArray[np.object_]],
    is_number: Mapping[str, bool],
    rows: npt.NDArray[np.int64],
    choice: Choice,
) -> Settled:
    """Find the rows of the same molecule, and settle those whose targets disagree.

    Rows that agree are kept whatever the choice: a split keeps them together or says that it does not.

    Args:
        keys: [B] object, equal for equal molecules. cells: target to its cells [B]. is_number: for each target.
        rows: those to look at, ascending.
        choice: keep all; drop all rows of a molecule that disagree; or keep its first row, with the mean or median of
            a number and the most frequent class (unknown when there are two).
    """
    groups: dict[str, list[int]] = {}
    for row in rows.tolist():
        groups.setdefault(keys[row], []).append(row)
    out = {name: column.copy() for name, column in cells.items()}
    repeats: dict[int, int] = {}
    conflicts: list[Conflict] = []
    dropped: list[int] = []
    num_conflicting = 0
    for group in groups.values():
        if len(group) == 1:
            continue
        repeats |= dict.fromkeys(group[1:], group[0])
        found = [one for name, column in cells.items() for one in _conflicts(group, name, column, is_number[name])]
        if not found:
            continue
        num_conflicting += 1
        conflicts += found
        if choice == "drop":
            dropped += group
        elif choice != "keep":
            dropped += group[1:]
            for name, column in cells.items():
                out[name][group[0]] = _merged([column[row] for row in group], is_number[name], choice)
    return Settled(repeats, conflicts, num_conflicting, np.array(sorted(dropped), np.int64), out)


def _conflicts(group: list[int], name: str, column: npt.NDArray[np.object_], is_number: bool) -> Iterable[Conflict]:
    filled = [row for row in group if column[row] is not None and str(column[row]).strip()]
    for row in filled[1:]:
        if not _is_same(str(column[filled[0]]), str(column[row]), is_number):
            yield Conflict(row, filled[0], name, str(column[row]))


def _is_same(one: str, other: str, is_number: bool) -> bool:
    if is_number and (left := _number(one)) is not None and (right := _number(other)) is not None:
        return math.isclose(left, right, rel_tol=_TOLERANCE)
    return one.strip() == other.strip()


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _merged(values: Iterable[object], is_number: bool, choice: Choice) -> str | None:
    texts = [str(value).strip() for value in values if value is not None and str(value).strip()]
    if not texts:
        return None
    if is_number:
        numbers = [number for text in texts if (number := _number(text)) is not None]
        if not numbers:
            return None
        return f"{mean(numbers) if choice == 'mean' else median(numbers):.12g}"
    ranked = Counter(texts).most_common(2)
    return None if len(ranked) == 2 and ranked[0][1] == ranked[1][1] else ranked[0][0]
