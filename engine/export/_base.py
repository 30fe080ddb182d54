"""What can be exported, and what every format answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.core.component import Component
from engine.core.errors import ExportError
from engine.core.events import EventSink, Notice, silent

What = Literal["predictions", "embeddings", "report", "graph"]
# What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class GraphContent:
    """A graph with a table of its nodes.

    Args:
        nodes: [N rows], the first column holds the ids; other columns are attributes, text or numbers.
        source, target: positions [M] of the ends, each edge once.
        weight: [M] or None.
        directed: whether source and target differ in meaning.
    """

    nodes: pd.DataFrame
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    weight: NDArray[np.float32] | None
    directed: bool

    def edges(self) -> pd.DataFrame:
        """Return columns `source, target` with ids, and `weight` where there is one."""
        ids = self.nodes.iloc[:, 0].to_numpy()
        columns: dict[str, Any] = {"source": ids[self.source], "target": ids[self.target]}  # Any: text and numbers
        if self.weight is not None:
            columns["weight"] = self.weight
        return pd.DataFrame(columns)


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything a report shows.

    Args:
        title: of the page. metrics: metrics.json. report: report.json. recipe: its TOML.
        curves: name of a stage to its epochs, each metric name to number.
        environment: environment.json.
    """

    title: str
    metrics: Mapping[str, Any]  # Any: JSON values
    report: Mapping[str, Any]  # Any: JSON values
    recipe: str
    curves: Mapping[str, Sequence[Mapping[str, float]]] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON values


@dataclass(frozen=True, slots=True)
class Content:
    """One thing to export; exactly the field of its kind is filled.

    Args: what: its kind. table: predictions or embeddings. graph, report: as they are called.
    """

    what: What
    table: pd.DataFrame | None = None
    graph: GraphContent | None = None
    report: ReportContent | None = None

    def as_table(self) -> pd.DataFrame:
        """Return the content as rows: the edges of a graph, the classes of a report.

        Raises: ExportError: a report without classes has no rows.
        """
        if self.graph is not None:
            return self.graph.edges()
        if self.report is not None:
            rows = (self.report.report.get("test") or {}).get("classes")
            if not rows:
                raise ExportError(
                    "This report has no table of classes: its target is a number.", hint="Export it as html."
                )
            return pd.DataFrame(rows)
        assert self.table is not None
        return self.table


class Exporter(Component):
    """Base of all exporters.

    `extension` is that of its files; `takes` names what it can write.
    """

    extension: ClassVar[str] = ""
    takes: ClassVar[tuple[What, ...]] = ()

    def __init__(self, config: Any = None) -> None:  # Any: the subclass's own Config
        self.config = config if config is not None else type(self).Config()

    def write(self, content: Content, path: Path, sink: EventSink = silent) -> int:
        """Write the content whole or not at all.

        Args: content: of a kind in `takes`. path: the file. sink: takes notices, such as what the format cannot hold.
        Returns: rows or nodes written.
        Raises: ExportError: the content cannot be written in this format; OSError goes to the caller.
        """
        raise NotImplementedError


class XmlText:
    """Escape text for XML and count the characters that XML cannot hold."""

    def __init__(self) -> None:
        self._replaced = 0

    def __call__(self, value: object) -> str:
        """Return the value as escaped text; characters that XML forbids become the replacement character."""
        text, count = _NOT_XML.subn("\ufffd", str(value))
        self._replaced += count
        for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
            text = text.replace(sign, name)
        # A reader would turn a bare line end inside an attribute into a space.
        return text.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")

    def report(self, sink: EventSink) -> None:
        """Say what was replaced, if anything was."""
        if self._replaced:
            text = f"{self._replaced} control characters that XML cannot hold were replaced."
            sink(Notice("warning", "export.xml_characters", text, {"count": self._replaced}))


def is_missing(value: object) -> bool:
    """Whether a cell is empty: None or NaN."""
    return value is None or (isinstance(value, float) and value != value)


def xml_type(column: pd.Series[Any]) -> str:  # Any: text or numbers
    """Return the type that GraphML and GEXF both know for a column: long, double, boolean or string."""
    kind = column.dtype.kind
    return {"i": "long", "u": "long", "f": "double", "b": "boolean"}.get(kind, "string")


def xml_value(value: object) -> object:
    """Return a value as XML schema writes it: true and false in lower case, numbers so that they read back the same."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, np.floating):
        return str(value)
    return value
