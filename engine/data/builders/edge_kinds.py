"""What kind each edge of a collection is, as marks that encoders read: bonds in tables, for example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.data.builders.relational import RelationalData
from engine.data.columns import Column, number
from engine.data.issues import IssueLog
from engine.data.roles import Role, TableKind
from engine.data.table import Table
from engine.data.texts import Texts
from engine.graph.csr import row_of_entry

_MOST = 64  # more kinds than that are names rather than kinds


@dataclass(frozen=True, slots=True)
class _Rows:
    """Edges as the tables have them. Args: source, target: int64 [M], their nodes, -1 for none. kind: [M] text."""

    source: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    kind: npt.NDArray[np.object_]


def with_edge_kinds(data: RelationalData, tables: Sequence[Table], log: IssueLog) -> RelationalData:
    """Return the data with a mark for the kind of each edge, where one table of edges has such a column.

    An edge that stands in several rows is of the kind of the first; one without a kind has no mark.

    Args: tables: those that the data were built of. log: told where there are too many kinds.
    """
    typed = [table for table in tables if table.kind is TableKind.EDGES and table.with_role(Role.EDGE_TYPE)]
    if len(typed) != 1:
        return data
    (name,) = typed[0].with_role(Role.EDGE_TYPE)[:1]
    rows = _rows(typed[0], name, data)
    kinds = sorted({str(kind) for kind in rows.kind if kind is not None}, key=_as_numbers)
    if len(kinds) > _MOST:
        text = f'Column "{name}" has {len(kinds):,} kinds of edges, more than {_MOST}; they are not used.'
        log.add("data.edge_kinds", text, count=len(kinds))
        return data
    if not kinds:
        return data
    marks = np.zeros((data.graph.num_edges, len(kinds)), np.uint8)
    entry, row = _entries(data, rows)
    place = {kind: number for number, kind in enumerate(kinds)}
    marks[entry, [place[str(kind)] for kind in rows.kind[row]]] = 1
    return replace(
        data,
        graph=replace(data.graph, edge_attr=marks),
        edge_names=tuple(f"{name}={kind}" for kind in kinds),
    )


def _rows(table: Table, name: str, data: RelationalData) -> _Rows:
    (source,), (target,) = table.with_role(Role.EDGE_SOURCE), table.with_role(Role.EDGE_TARGET)
    ends = [table.column(end) for end in (source, target)]
    found = number([Texts.of([str(node) for node in data.node_ids]), *(end.values for end in ends)])
    places = [_places(end, codes, len(data.node_ids)) for end, codes in zip(ends, found.codes[1:], strict=True)]
    return _Rows(places[0], places[1], table.column(name).objects())


def _places(column: Column, codes: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.int64]:
    nodes = np.append(np.where(codes < count, codes, -1), -1)[column.codes]
    return nodes.astype(np.int64)


def _entries(data: RelationalData, rows: _Rows) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the stored entries that a row speaks of, and that row; an undirected edge has two."""
    graph, count = data.graph, len(data.node_ids)
    known = np.array([kind is not None for kind in rows.kind], dtype=bool)
    row = np.flatnonzero((rows.source >= 0) & (rows.target >= 0) & known)
    source, target = rows.source[row], rows.target[row]
    if not graph.directed:
        source, target = np.minimum(source, target), np.maximum(source, target)
    _, first = np.unique(target * count + source, return_index=True)
    row, source, target = row[first], source[first], target[first]
    wanted = target * count + source
    if not graph.directed:
        row, wanted = np.concatenate([row, row]), np.concatenate([wanted, source * count + target])
    # Entries are ordered by row and column, so their keys ascend.
    keys = row_of_entry(graph.indptr).astype(np.int64) * count + graph.indices
    entry = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
    is_there = keys[entry] == wanted if len(keys) else np.zeros(len(wanted), dtype=bool)
    return entry[is_there], row[is_there]


def _as_numbers(kind: str) -> tuple[bool, float, str]:
    """Order 2 before 10, and numbers before words."""
    try:
        return False, float(kind), kind
    except ValueError:
        return True, 0.0, kind
