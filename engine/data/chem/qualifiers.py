"""Targets that are bounds: `>10`, `<0.5`, `~3`."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

_BOUND = re.compile(r"^\s*(?:[<>≤≥≦≧≲≳~≈]=?|=[<>])\s*(?P<number>[-+]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][-+]?\d+)?)\s*$")


def read_qualifiers(cells: npt.NDArray[np.object_], is_wanted: npt.NDArray[np.bool_]) -> dict[int, str]:
    """Return row to the number behind its qualifier, as text.

    Args: cells: [B] object, text or None. is_wanted: bool [B], rows to look at.
    """
    found: dict[int, str] = {}
    for row in np.flatnonzero(is_wanted):
        cell = cells[row]
        match = _BOUND.match(cell) if isinstance(cell, str) else None
        if match is not None:
            found[int(row)] = match["number"]
    return found
