"""Many columns of mostly zeros, and tables of features: one sparse vocabulary instead of columns of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from engine.core.events import EventSink
from engine.data.builders.relational import RelationalData
from engine.data.columns import column_of
from engine.data.features.counts import CountsCoder
from engine.data.judging import numbers_of
from engine.data.options import DataOptions
from engine.data.roles import ColumnKind
from engine.data.values import to_booleans

# At least that many amounts, of which at most that part is not zero, are one sparse vocabulary rather than columns.
_WIDE_COLUMNS, _WIDE_DENSITY = 64, 0.2


def wide_columns(data: RelationalData, names: Sequence[str]) -> dict[str, npt.NDArray[np.float64]]:
    """Return the values of columns that are one sparse vocabulary spread out, or nothing.

    They are amounts (numbers or yes/no) without missing values, none negative, many, and mostly zero.
    """
    if data.features is not None:
        return {}
    candidates = [name for name in names if data.columns[name].kind in (ColumnKind.NUMBER, ColumnKind.BOOLEAN)]
    if len(candidates) < _WIDE_COLUMNS:
        return {}
    found: dict[str, npt.NDArray[np.float64]] = {}
    for name in candidates:
        values = _amounts(data, name)
        if not np.isnan(values).any() and values.min() >= 0 and (values != 0).mean() <= 0.5:
            found[name] = values
    if len(found) < _WIDE_COLUMNS:
        return {}
    density = float(np.mean([(values != 0).mean() for values in found.values()]))
    return found if density <= _WIDE_DENSITY else {}


def counts_of(data: RelationalData, counts: CountsCoder) -> tuple[sp.csr_matrix, list[str]]:
    """Return the amounts [N, W] that a coder was fitted on, of these nodes, and what each column counts."""
    if counts.columns:
        return _sparse({name: _amounts(data, name) for name in counts.names}), list(counts.names)
    return data.features, data.feature_names


def fit_counts(
    data: RelationalData, wide: Mapping[str, npt.NDArray[np.float64]], options: DataOptions, sink: EventSink
) -> CountsCoder | None:
    """Learn the sparse features; a feature table and wide columns at once are one vocabulary too many."""
    if data.features is not None:
        return CountsCoder.fit(data.features, data.feature_names, normalise=options.normalise, columns=False, sink=sink)
    if wide:
        return CountsCoder.fit(_sparse(wide), list(wide), normalise=options.normalise, columns=True, sink=sink)
    return None


def _amounts(data: RelationalData, name: str) -> npt.NDArray[np.float64]:
    column = column_of(data.nodes, name)
    spec = data.columns.get(name)
    values = numbers_of(column, spec.decimal if spec is not None else ".")
    return to_booleans(column.objects()) if np.isnan(values).all() else values


def _sparse(columns: Mapping[str, npt.NDArray[np.float64]]) -> sp.csr_matrix:
    return sp.hstack([sp.csc_matrix(np.nan_to_num(values)[:, None]) for values in columns.values()]).tocsr()
