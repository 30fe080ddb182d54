"""Graph files written in XML: checked before they are read, then turned into a table of nodes and one of edges."""

from __future__ import annotations

import io
import warnings
import xml.sax
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from engine.core.errors import ReadError
from engine.data.content import check_file, read_content
from engine.data.issues import IssueLog
from engine.data.options import TableOptions
from engine.data.roles import TableKind
from engine.data.table import Table

if TYPE_CHECKING:
    import networkx as nx

# networkx keeps every node, edge and attribute as Python objects, some twenty times the size of the file.
SIZE_LIMIT = 200 * 1024 * 1024
_HEAD = 4096


def starts_with_element(path: Path, element: str) -> bool:
    """Say whether the first kilobytes of a file hold the opening tag of this XML element."""
    try:
        head = read_content(path, _HEAD).data
    except ReadError:
        return False
    return f"<{element}".encode() in head[:_HEAD]


def read_graph_file(path: Path, parse: Callable[[io.BytesIO], nx.Graph], form: str, issues: IssueLog) -> nx.Graph:
    """Read a graph file through networkx, after a look that it is sound and expands no entities.

    Args: path: the file, plain or gzipped. parse: networkx's reader. form: name of the format. issues: takes warnings.
    Raises: ReadError: the file is too large, no sound XML, holds entities, or is no graph of this format.
    """
    check_file(path)
    content = read_content(path, SIZE_LIMIT)
    if not content.is_whole:
        raise ReadError(
            f"{path.name} is larger than {SIZE_LIMIT >> 20} MB, the limit for {form} files.",
            code="data.too_large",
            hint="Save its nodes and edges as two CSV files; those are read at any size.",
            file=str(path),
        )
    _check_xml(path, content.data, form)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        graph = _parse(path, content.data, parse, form)
    for text in sorted({str(warning.message) for warning in caught}):
        issues.add("data.graph_file", f"The reader says: {text}", file=path.name)
    return graph


def _check_xml(path: Path, data: bytes, form: str) -> None:
    import defusedxml
    from defusedxml import sax

    try:
        sax.parseString(data, xml.sax.ContentHandler())
    except defusedxml.DefusedXmlException as error:
        raise ReadError(
            f"{path.name} defines XML entities, which can be made to fill the memory, so it is not read.",
            code="data.xml_entities",
            hint="Save the graph again with another program.",
            file=str(path),
        ) from error
    except xml.sax.SAXParseException as error:
        line = error.getLineNumber()
        raise ReadError(
            f"{path.name} is not sound XML: line {line}: {error.getMessage()}.",
            code="data.xml",
            hint="Save the graph again; the file may have been cut short.",
            file=str(path),
            line=line,
        ) from error
    except (LookupError, ValueError) as error:
        raise ReadError(
            f"{path.name} is written in an encoding that its XML reader does not know: {error}.",
            code="data.xml",
            hint="Save the graph again as UTF-8.",
            file=str(path),
        ) from error


def _parse(path: Path, data: bytes, parse: Callable[[io.BytesIO], nx.Graph], form: str) -> nx.Graph:
    import networkx as nx

    try:
        return parse(io.BytesIO(data))
    except (
        nx.NetworkXException,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        RuntimeError,
        SyntaxError,
    ) as error:
        # networkx answers files that stray from the format with whatever its code runs into.
        raise ReadError(
            f"{path.name} cannot be read as {form}: {error or 'it holds no graph'}.",
            code="data.graph_file",
            hint="Save the graph again with another program, or save nodes and edges as CSV.",
            file=str(path),
        ) from error


def tables_of(graph: nx.Graph, path: Path, key: str, limit: int | None, issues: IssueLog) -> list[Table]:
    """Turn a graph into a table of nodes (`id` and attributes) and one of edges (`source`, `target` and attributes).

    Args: graph: as networkx read it. path, key: file and importer. limit: most rows. issues: takes what is left out.
    """
    nodes = [({"id": node}, data) for node, data in graph.nodes(data=True)]
    edges = [({"source": u, "target": v}, data) for u, v, data in graph.edges(data=True)]
    is_directed = bool(graph.is_directed())
    tables = []
    for kind, rows in ((TableKind.NODES, nodes), (TableKind.EDGES, edges)):
        fixed = ["id"] if kind is TableKind.NODES else ["source", "target"]
        defaults = graph.graph.get("node_default" if kind is TableKind.NODES else "edge_default", {})
        frame = _frame(rows if limit is None else rows[:limit], fixed, defaults, path, issues)
        form = TableOptions(path=str(path), kind=kind, format=key)
        lines = np.full(len(frame), -1, np.int64)
        tables.append(Table(frame, path, kind, {}, lines, form, is_directed))
    return tables


def _frame(
    rows: Iterable[tuple[dict[str, Any], Mapping[str, Any]]],  # Any: networkx attribute values
    fixed: list[str],
    defaults: Mapping[str, Any],  # Any: networkx attribute values
    path: Path,
    issues: IssueLog,
) -> pd.DataFrame:
    rows = list(rows)
    names: dict[str, str] = {}
    left_out: set[str] = set()
    for _, data in rows:
        for name, value in data.items():
            if isinstance(value, (dict, list, tuple)):
                left_out.add(name)
            elif name not in names:
                names[name] = f"{name} (attribute)" if name in fixed else name
    for name in sorted(left_out):
        text = f"{name!r} holds more than one value for a node or edge and is not read."
        issues.add("data.graph_attribute", text, file=path.name, column=name)
    columns = {name: np.asarray([str(key[name]) for key, _ in rows], dtype=object) for name in fixed}
    for name, shown in names.items():
        columns[shown] = np.asarray([_to_text(data.get(name, defaults.get(name))) for _, data in rows], dtype=object)
    return pd.DataFrame(columns, dtype=object)


def _to_text(value: object) -> str | None:
    if value is None or value == "" or isinstance(value, (dict, list, tuple)):
        return None
    return str(value)


class AsWritten(dict[str, str]):
    """A mapping that gives back what it is asked for: networkx's table of truth words, without its conversion."""

    def __missing__(self, key: str) -> str:
        return key
