"""What layouts take from the table of nodes: groups of equal values, and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.core.errors import OptionError
from engine.layout._base import ID, Columns

# A column that is taken without being named has so many different values.
_FEWEST, _MOST = 2, 50


def groups_of(columns: Columns, name: str, num_nodes: int) -> npt.NDArray[np.int64]:
    """Return a group for each node, int64 [N], from 0, largest group first; empty cells are a group of their own.

    Args: name: of a column; empty for the first one with 2 to 50 different values, and one group where none is so.
    Raises: OptionError: there is no such column.
    """
    if name:
        return _codes(named(columns, name))
    for one in columns:
        found = _codes(columns[one]) if one != ID else np.zeros(0, np.int64)
        if len(found) and _FEWEST <= found.max() + 1 <= _MOST:
            return found
    return np.zeros(num_nodes, np.int64)


def numbers_of(columns: Columns, name: str) -> npt.NDArray[np.float64]:
    """Return the numbers of a column, NaN where a cell holds none, float64 [N].

    Raises: OptionError: there is no such column.
    """
    return np.array([_number(one) for one in named(columns, name)], np.float64)


def named(columns: Columns, name: str) -> npt.NDArray[Any]:  # Any: texts, or numbers
    """Return a column. Raises: OptionError: there is no such column."""
    if name not in columns:
        known = ", ".join(list(columns)[:8]) or "none"
        raise OptionError(f'The nodes have no column "{name}".', hint=f"Known: {known}.", path="layout.options")
    return columns[name]


def _codes(values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:  # Any: texts, or numbers
    texts = np.array(["" if _is_empty(one) else str(one) for one in values], dtype=object)
    if not len(texts):
        return np.zeros(0, np.int64)
    known, codes = np.unique(texts.astype(str), return_inverse=True)
    rank = np.empty(len(known), np.int64)
    rank[np.argsort(-np.bincount(codes), kind="stable")] = np.arange(len(known))
    return rank[codes]


def _is_empty(value: object) -> bool:
    return value is None or value != value or value == ""


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("nan")
