"""Many small graphs as one: side by side, without edges between them, with a table that has one row for each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from engine.data.builders.relational import RelationalData
from engine.data.columns import TextFrame
from engine.data.items import Items
from engine.data.join import JoinReport
from engine.data.table import ColumnSpec
from engine.graph.graph import Graph

if TYPE_CHECKING:
    from engine.data.schema import FeatureMatrix


_LEFT_OUT = {
    "empty": "empty",
    "unreadable": "unreadable",
    "no_atoms": "without an atom",
    "huge": "too large",
    "hangs": "that took too long",
    "crashes": "that broke the reader",
    "qualified_out": "with a bound instead of a value",
    "merged": "that another row stands for",
}
_ODD = {
    "salts": "of several fragments",
    "single_atoms": "of a single atom",
    "duplicates": "that came before",
    "conflicting": "with values that disagree",
    "qualified": "values that are bounds",
}


@dataclass(frozen=True, slots=True)
class CollectionReport:
    """How the tables of a collection fit together.

    Args:
        nodes: how nodes and edges fit.
        graph_files: names of the files of graphs.
        num_graphs: graphs in the collection.
        in_table: rows of the tables of graphs.
        added: graphs that only nodes name; they have no row.
        empty: graphs without a node.
        homeless: nodes without a graph, left out.
        crossing: edges between two graphs, left out.
        smallest, median, largest: nodes of a graph.
        reading: of molecules, how many rows fared how; see `engine.data.chem.reading.ReadingReport`.
    """

    nodes: JoinReport
    graph_files: tuple[str, ...] = ()
    num_graphs: int = 0
    in_table: int = 0
    added: int = 0
    empty: int = 0
    homeless: int = 0
    crossing: int = 0
    smallest: int = 0
    median: int = 0
    largest: int = 0
    reading: Mapping[str, int] = field(default_factory=dict)

    @property
    def node_files(self) -> tuple[str, ...]:
        """Names of the files of nodes."""
        return self.nodes.node_files

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return the counts of graphs, nodes and edges, and the sentences, as JSON-ready data."""
        own = {name: getattr(self, name) for name in (one.name for one in dataclasses.fields(self))}
        own |= {"reading": dict(self.reading)}
        own.pop("nodes")
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in own.items()}
        return {**self.nodes.to_plain(), **plain, "sentences": self.sentences()}

    def sentences(self) -> list[str]:
        """Return the report in words: the graphs first, then their nodes and edges."""
        if self.reading:
            return _words_of_molecules(self)
        where = f" in {' and '.join(self.graph_files)}" if self.graph_files else ""
        texts = [
            f"{_count(self.num_graphs, 'graph')}{where}, of {self.smallest:,} to {self.largest:,} nodes "
            f"(median {self.median:,})."
        ]
        if self.added:
            texts.append(f"{_count(self.added, 'graph')} {_is(self.added)} named by nodes alone and have no row.")
        if self.empty:
            texts.append(f"{_count(self.empty, 'graph')} {_is(self.empty)} without a node.")
        if self.homeless:
            texts.append(f"{_count(self.homeless, 'node')} {_is(self.homeless)} in no graph and left out.")
        if self.crossing:
            texts.append(f"{_count(self.crossing, 'edge')} between two graphs {_is(self.crossing)} left out.")
        return texts + self.nodes.sentences()


@dataclass(frozen=True, slots=True)
class CollectionData:
    """Graphs side by side with the table that has one row for each of them.

    Args:
        union: all graphs as one, with the table of their nodes; the nodes of a graph stand together.
        graph_ptr: int64 [B+1], first node of each graph, then N.
        graph_ids: [B] object, text as in the files.
        graphs: [B rows], text cells, None where nothing is known; without the id column.
        columns: what is known about each column of `graphs`.
        lines: [B] int64, line of each graph's row in its file; -1 for added graphs.
        join: how the tables fitted together.
    """

    union: RelationalData
    graph_ptr: np.ndarray
    graph_ids: np.ndarray
    graphs: TextFrame | pd.DataFrame
    columns: Mapping[str, ColumnSpec]
    lines: np.ndarray
    join: CollectionReport

    @property
    def graph(self) -> Graph:
        """All graphs as one."""
        return self.union.graph

    @property
    def num_graphs(self) -> int:
        """B."""
        return len(self.graph_ptr) - 1

    @property
    def items(self) -> Items:
        """The graphs, as what a target and a split are about."""
        return Items("graph", self.graph_ids, self.graphs, self.columns, self.lines, self.join.graph_files)


def pooled_features(graph: Graph, graph_ptr: np.ndarray, x: FeatureMatrix | None) -> np.ndarray:
    """Return what a graph is like without its edges, one row each: [B, 2 F + 3] float32.

    Columns: log(1 + nodes), log(1 + edges), mean degree, then the sums and the means of its nodes' features. The sums
    of one-hot features count the nodes of each kind.

    Args: graph: over all nodes. graph_ptr: int64 [B+1]. x: [N, F], None without features.
    """
    nodes = np.diff(graph_ptr).astype(np.float64)
    edges = np.diff(graph.indptr[graph_ptr]).astype(np.float64) / (1 if graph.directed else 2)
    at_least = np.maximum(nodes, 1)
    columns = [np.log1p(nodes), np.log1p(edges), edges / at_least]
    if x is None:
        return np.stack(columns, axis=1).astype(np.float32)
    count = int(graph_ptr[-1])
    ones = sparse.csr_matrix((np.ones(count, np.float32), np.arange(count), graph_ptr), shape=(len(nodes), count))
    sums = ones @ x.astype(np.float32)
    sums = np.asarray(sums.todense() if sparse.issparse(sums) else sums)
    return np.hstack([np.stack(columns, axis=1), sums, sums / at_least[:, None]]).astype(np.float32)


def _words_of_molecules(report: CollectionReport) -> list[str]:
    counts = report.reading
    texts = [
        f"{_count(report.num_graphs, 'molecule')} in {' and '.join(report.graph_files)}, of {report.smallest:,} to "
        f"{report.largest:,} atoms (median {report.median:,})."
    ]
    out = {words: counts.get(name, 0) for name, words in _LEFT_OUT.items() if counts.get(name, 0)}
    if out:
        listed = ", ".join(f"{number:,} {words}" for words, number in out.items())
        texts.append(f"{_count(sum(out.values()), 'row')} of {counts['rows']:,} left out: {listed}.")
    odd = {words: counts.get(name, 0) for name, words in _ODD.items() if counts.get(name, 0)}
    if odd:
        texts.append("Among them: " + ", ".join(f"{number:,} {words}" for words, number in odd.items()) + ".")
    return texts


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
