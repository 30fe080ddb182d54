"""Write a graph with predictions as GEXF."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.core.atomic import replacing
from engine.core.events import EventSink, silent
from engine.export._base import Content, Exporter, GraphContent, XmlText, is_missing, xml_type, xml_value


class Gexf(Exporter):
    """Nodes with all their columns and edges with their weights, as Gephi reads them best.

    Source: GEXF 1.2draft, the version that Gephi and networkx both read.
    """

    key = "gexf"
    label = "GEXF graph"
    extension = ".gexf"
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
    yield '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">'
    yield f'<graph mode="static" defaultedgetype="{"directed" if graph.directed else "undirected"}">'
    yield '<attributes class="node" mode="static">'
    for number, name in enumerate(names):
        yield f'<attribute id="{number}" title="{escape(name)}" type="{xml_type(graph.nodes[name])}"/>'
    yield "</attributes>"
    yield "<nodes>"
    ids = graph.nodes.iloc[:, 0].to_list()
    for row in graph.nodes.itertuples(index=False, name=None):
        yield f'<node id="{escape(row[0])}" label="{escape(row[0])}"><attvalues>'
        for number, value in enumerate(row[1:]):
            if not is_missing(value):
                yield f'<attvalue for="{number}" value="{escape(xml_value(value))}"/>'
        yield "</attvalues></node>"
    yield "</nodes>"
    yield "<edges>"
    for number, (source, target) in enumerate(zip(graph.source, graph.target, strict=True)):
        weight = "" if graph.weight is None else f' weight="{graph.weight[number].item()!r}"'
        yield f'<edge id="{number}" source="{escape(ids[source])}" target="{escape(ids[target])}"{weight}/>'
    yield "</edges>"
    yield "</graph>"
    yield "</gexf>"
