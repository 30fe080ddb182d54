"""Read collections of graphs in the layout of the TU Dortmund data sets: several text files with a common beginning."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from engine.core.cancel import CancelToken
from engine.core.errors import ReadError
from engine.core.events import EventSink, Progress, silent
from engine.data.columns import Column, TextFrame
from engine.data.content import read_content
from engine.data.importers._base import Importer
from engine.data.issues import IssueLog
from engine.data.options import TableOptions
from engine.data.roles import TableKind
from engine.data.room import Room
from engine.data.table import Table

_EDGES, _HOMES = "_A.txt", "_graph_indicator.txt"
# End of a file's name to the table it belongs to and the names of its columns.
_MORE = {
    "_graph_labels.txt": (TableKind.GRAPHS, "label"),
    "_graph_attributes.txt": (TableKind.GRAPHS, "attribute"),
    "_node_labels.txt": (TableKind.NODES, "node_label"),
    "_node_attributes.txt": (TableKind.NODES, "node_attribute"),
    "_edge_labels.txt": (TableKind.EDGES, "edge_label"),
    "_edge_attributes.txt": (TableKind.EDGES, "edge_attribute"),
}


class Tu(Importer):
    """A collection of graphs in files that begin alike: NAME_A.txt with the edges, NAME_graph_indicator.txt and others.

    The number of a line is the number of its node, edge or graph, from 1. One file of them, the edges, stands for all.

    Source: Morris et al. (2020), "TUDataset: a collection of benchmark datasets for learning with graphs", section on
    the format.
    """

    key: ClassVar[str] = "tu"
    label: ClassVar[str] = "TU data set"
    extensions: ClassVar[tuple[str, ...]] = (_EDGES,)

    def sniff(self, path: Path) -> bool:
        """Say whether the file is the one with the edges, and the one with the graph of each node lies beside it."""
        return path.name.endswith(_EDGES) and _beside(path, _HOMES).is_file()

    def companions(self, path: Path) -> tuple[Path, ...]:
        """Return the other files of the collection that are there."""
        if not path.name.endswith(_EDGES):
            return ()
        return tuple(other for end in (_HOMES, *_MORE) if (other := _beside(path, end)).is_file())

    def read(
        self,
        path: Path,
        options: TableOptions | None = None,
        *,
        limit: int | None = None,
        issues: IssueLog | None = None,
        cancel: CancelToken | None = None,
        sink: EventSink = silent,
        room: Room | None = None,
    ) -> list[Table]:
        """Read nodes, edges and graphs; see `Importer.read`.

        Raises: ReadError: a file is missing, or has another number of lines than it must.
        """
        if not self.sniff(path):
            raise ReadError(
                f"{path.name} is not a collection of graphs: {_beside(path, _HOMES).name} is not beside it.",
                code="data.tu",
                hint="Keep the files of a collection in one folder, and open the one that ends with _A.txt.",
                file=str(path),
            )
        homes = _rows(_beside(path, _HOMES), 1)[0]
        source, target = _rows(path, 2)
        graphs = int(max((int(home or 0) for home in homes), default=0))
        columns: dict[TableKind, dict[str, list[str | None]]] = {
            TableKind.NODES: {"id": _numbers(len(homes)), "graph_id": homes},
            TableKind.EDGES: {"source": source, "target": target},
            TableKind.GRAPHS: {"graph_id": _numbers(graphs)},
        }
        for end, (kind, name) in _MORE.items():
            other = _beside(path, end)
            if other.is_file():
                _add(columns[kind], name, other)
        columns[TableKind.EDGES] = _once(columns[TableKind.EDGES])
        sink(Progress(1, 1, "files"))
        return [self._table(path, kind, cells, limit) for kind, cells in columns.items()]

    def _table(self, path: Path, kind: TableKind, cells: dict[str, list[str | None]], limit: int | None) -> Table:
        count = min(len(next(iter(cells.values()))), limit or 1 << 62)
        frame = TextFrame({name: Column.of(column[:count]) for name, column in cells.items()}, count)
        form = TableOptions(path=str(path), kind=kind, format=self.key)
        return Table(frame, path, kind, {}, np.arange(1, count + 1, dtype=np.int64), form, directed=False)


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name.removesuffix(_EDGES) + end)


def _numbers(count: int) -> list[str | None]:
    return [str(number) for number in range(1, count + 1)]


def _rows(path: Path, width: int | None) -> list[list[str | None]]:
    """Return the columns of a file of numbers between commas. Args: width: how many there must be, None for any."""
    text = read_content(path).data.decode("utf-8-sig", errors="replace")
    lines = [line for line in text.splitlines() if line.strip()]
    rows = [[cell.strip() for cell in line.split(",")] for line in lines]
    wanted = width or (len(rows[0]) if rows else 1)
    for number, row in enumerate(rows):
        if len(row) != wanted or (width is not None and not all(cell.lstrip("+-").isdigit() for cell in row)):
            raise ReadError(
                f"Line {number + 1} of {path.name} holds {lines[number][:40]!r}; {wanted} numbers belong there.",
                code="data.tu",
                hint="The file may have been cut short, or belong to something else.",
                file=str(path),
                line=number + 1,
            )
    return [[row[place] or None for row in rows] for place in range(wanted)]


def _once(columns: dict[str, list[str | None]]) -> dict[str, list[str | None]]:
    """Return undirected edges once where each stands in both directions with the same about it."""
    rows = list(zip(*columns.values(), strict=True))
    turned = {(target, source, *rest) for source, target, *rest in rows}
    if not all(row in turned for row in rows):
        return columns
    kept = [place for place, row in enumerate(rows) if int(row[0] or 0) <= int(row[1] or 0)]
    return {name: [column[place] for place in kept] for name, column in columns.items()}


def _add(columns: dict[str, list[str | None]], name: str, path: Path) -> None:
    found = _rows(path, None)
    count, wanted = len(found[0]) if found else 0, len(next(iter(columns.values())))
    if count != wanted:
        raise ReadError(
            f"{path.name} has {count:,} lines, but {wanted:,} were expected.",
            code="data.tu",
            hint="Each line belongs to one node, edge or graph, in their order.",
            file=str(path),
        )
    for number, column in enumerate(found):
        columns[name if len(found) == 1 else f"{name} {number + 1}"] = column
