"""Write a graph with predictions as GraphML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.core.atomic import replacing
from engine.core.events import EventSink, silent
from engine.export._base import Content, Exporter, GraphContent, XmlText, is_missing, xml_type, xml_value


class Graphml(Exporter):
    """Nodes with all their columns and edges with their weights; read by networkx, Gephi, yEd and Cytoscape.

    Source: GraphML 1.0 (Brandes et al. 2002).
    """

    key = "graphml"
    label = "GraphML graph"
    extension = ".graphml"
    takes = ("graph",)

    def write(self, content: Content, path: Path, sink: EventSink = silent) -> int:
        """Write the graph line by line, whatever its size."""
        assert content.graph is not None
        escape = XmlText()
        with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in _lines(content.graph, escape))
        escape.report(sink)
        return len(content.graph.nodes)


def _lines(graph: GraphContent, escape: XmlText) -> Iterator[str]:
    names = list(graph.nodes.columns[1:])
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    for number, name in enumerate(names):
        kind = xml_type(graph.nodes[name])
        yield f'<key id="d{number}" for="node" attr.name="{escape(name)}" attr.type="{kind}"/>'
    if graph.weight is not None:
        yield '<key id="w" for="edge" attr.name="weight" attr.type="double"/>'
    yield f'<graph edgedefault="{"directed" if graph.directed else "undirected"}">'
    ids = graph.nodes.iloc[:, 0].to_list()
    for row in graph.nodes.itertuples(index=False, name=None):
        yield f'<node id="{escape(row[0])}">'
        for number, value in enumerate(row[1:]):
            if not is_missing(value):
                yield f'<data key="d{number}">{escape(xml_value(value))}</data>'
        yield "</node>"
    for number, (source, target) in enumerate(zip(graph.source, graph.target, strict=True)):
        ends = f'source="{escape(ids[source])}" target="{escape(ids[target])}"'
        if graph.weight is None:
            yield f"<edge {ends}/>"
        else:
            yield f'<edge {ends}><data key="w">{graph.weight[number].item()!r}</data></edge>'
    yield "</graph>"
    yield "</graphml>"
