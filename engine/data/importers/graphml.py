"""Read GraphML through networkx."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.data.graph_file import read_graph_file, starts_with_element, tables_of
from engine.data.importers._base import Importer
from engine.data.issues import IssueLog
from engine.data.options import TableOptions
from engine.data.room import Room
from engine.data.table import Table

if TYPE_CHECKING:
    import networkx as nx


class GraphMl(Importer):
    """A graph with typed attributes in XML, up to 200 MB; attribute values keep the text of the file.

    Source: GraphML (Brandes et al., 2002), http://graphml.graphdrawing.org; read by networkx, hyperedges refused.
    """

    key: ClassVar[str] = "graphml"
    label: ClassVar[str] = "GraphML"
    extensions: ClassVar[tuple[str, ...]] = (".graphml",)

    def sniff(self, path: Path) -> bool:
        """Say whether the file opens a graphml element."""
        return starts_with_element(path, "graphml")

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
        """Read nodes and edges; see `Importer.read`.

        Raises: ReadError: too large, no sound XML, entities, or no GraphML.
        """
        log = issues if issues is not None else IssueLog()
        graph = read_graph_file(path, _parse, self.label, log)
        return tables_of(graph, path, self.key, limit, log)


def _parse(data: io.BytesIO) -> nx.Graph:
    from networkx.readwrite.graphml import GraphMLReader

    reader = GraphMLReader()
    # Types are turned off: "007" and "1.0" stay what they are.
    reader.python_type = dict.fromkeys(reader.python_type, _as_written)
    graphs = list(reader(path=data))
    if not graphs:
        raise ValueError("it holds no graph")
    return graphs[0]


def _as_written(text: str | None) -> str:
    return text or ""
