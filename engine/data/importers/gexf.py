"""Read GEXF through networkx."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.data.graph_file import AsWritten, read_graph_file, starts_with_element, tables_of
from engine.data.importers._base import Importer
from engine.data.issues import IssueLog
from engine.data.options import TableOptions
from engine.data.room import Room
from engine.data.table import Table

if TYPE_CHECKING:
    import networkx as nx


class Gexf(Importer):
    """Gephi's exchange format in XML, up to 200 MB; positions and colours of the drawing are not read.

    Source: GEXF 1.1 and 1.2 draft, https://gexf.net; read by networkx.
    """

    key: ClassVar[str] = "gexf"
    label: ClassVar[str] = "GEXF"
    extensions: ClassVar[tuple[str, ...]] = (".gexf",)

    def sniff(self, path: Path) -> bool:
        """Say whether the file opens a gexf element."""
        return starts_with_element(path, "gexf")

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

        Raises: ReadError: too large, no sound XML, entities, or no GEXF.
        """
        log = issues if issues is not None else IssueLog()
        graph = read_graph_file(path, _parse, self.label, log)
        return tables_of(graph, path, self.key, limit, log)


def _parse(data: io.BytesIO) -> nx.Graph:
    from networkx.readwrite.gexf import GEXFReader

    reader = GEXFReader(node_type=str)
    # Types are turned off: "007" and "1.0" stay what they are.
    reader.python_type = dict.fromkeys(reader.python_type, _as_written)
    reader.convert_bool = AsWritten()
    graph = reader(data)
    # An edge that states no weight has this one, says the format.
    graph.graph["edge_default"].setdefault("weight", "1.0")
    return graph


def _as_written(text: str | None) -> str:
    return text or ""
