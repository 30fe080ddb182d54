"""What came of joining the tables of nodes, edges and features: counts, examples, sentences."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class JoinReport:
    """How the tables fit together; ids are kept as short lists of examples.

    Args:
        node_files, edge_files: names of the files, for the sentences.
        nodes_in_table: different ids in the node tables.
        nodes_in_edges: different ids at the ends of edges.
        matched: ids of the node tables that have an edge.
        without_edges, without_edges_ids: ids of the node tables that no edge names.
        dangling, dangling_ids: different edge ends that are not in the node tables (0 when there is no node table).
        dangling_edges: edge rows with at least one such end.
        implicit_added: nodes made from such ends, or from all ends when there is no node table.
        edges_dropped: edge rows left out because of such ends.
        edges_read: edge rows with both ends.
        duplicates: edge rows merged into an equal one; undirected, a to b equals b to a.
        reversed_duplicates: those of them that are equal only when read backwards.
        self_loops: edge rows from a node to itself, left out of the structure.
        isolated: nodes without any edge in the graph, self-loops not counted.
        duplicate_nodes: rows of the node tables whose id came before in the same table; the first one counts.
        features_read: rows of the feature tables.
        features_unmatched: rows of the feature tables whose id is no node.
        nodes_without_features: nodes that no feature row names.
        num_nodes, num_edges: what the graph has in the end; an undirected edge counts once.
    """

    node_files: tuple[str, ...] = ()
    edge_files: tuple[str, ...] = ()
    nodes_in_table: int = 0
    nodes_in_edges: int = 0
    matched: int = 0
    without_edges: int = 0
    without_edges_ids: tuple[str, ...] = ()
    dangling: int = 0
    dangling_ids: tuple[str, ...] = ()
    dangling_edges: int = 0
    implicit_added: int = 0
    edges_dropped: int = 0
    edges_read: int = 0
    duplicates: int = 0
    reversed_duplicates: int = 0
    self_loops: int = 0
    isolated: int = 0
    duplicate_nodes: int = 0
    features_read: int = 0
    features_unmatched: int = 0
    nodes_without_features: int = 0
    num_nodes: int = 0
    num_edges: int = 0

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return the counts and the sentences as JSON-ready data."""
        plain = {name: list(v) if isinstance(v, tuple) else v for name, v in dataclasses.asdict(self).items()}
        return {**plain, "sentences": self.sentences()}

    def sentences(self) -> list[str]:
        """Return the report in words: how the ids match, then what was merged and what stands alone."""
        return [text for text in (self._match(), *self._edges(), *self._features()) if text]

    def _match(self) -> str:
        edges = _names(self.edge_files)
        if not self.node_files:
            return f"There is no table of nodes: {_count(self.num_nodes, 'node')} come from the ends of {edges}."
        nodes = _names(self.node_files)
        parts = [f"{self.matched:,} of {_count(self.nodes_in_table, 'node')} in {nodes} matched"]
        if self.without_edges:
            parts.append(f"{self.without_edges:,} {_verb(self.without_edges)} no edges")
        if self.dangling:
            is_are = "is" if self.dangling == 1 else "are"
            parts.append(
                f"{_count(self.dangling, 'edge end')} in {edges} {is_are} not in {nodes}{self._dangling_end()}"
            )
        return "; ".join(parts) + "."

    def _dangling_end(self) -> str:
        named = f"first: {self.dangling_ids[0]!r}" if self.dangling_ids else ""
        first = f" ({named})" if named else ""
        if self.implicit_added:
            return f"{first} and was added as a node" if self.dangling == 1 else f"{first} and were added as nodes"
        return f"{first}, so {_count(self.edges_dropped, 'edge row')} {_was(self.edges_dropped)} left out"

    def _edges(self) -> list[str]:
        texts = [f"The graph has {_count(self.num_nodes, 'node')} and {_count(self.num_edges, 'edge')}."]
        if self.duplicates:
            rows = _count(self.duplicates, "repeated edge row")
            turned = f", {self.reversed_duplicates:,} of them read backwards" if self.reversed_duplicates else ""
            texts.append(f"{rows} {_was(self.duplicates)} merged into one edge each{turned}.")
        if self.self_loops:
            loops = _count(self.self_loops, "edge row")
            texts.append(f"{loops} from a node to itself {_was(self.self_loops)} left out of the structure.")
        if self.isolated:
            texts.append(f"{_count(self.isolated, 'node')} {_verb(self.isolated)} no edge in the graph.")
        return texts

    def _features(self) -> list[str]:
        texts = []
        if self.duplicate_nodes:
            rows = _count(self.duplicate_nodes, "row")
            texts.append(f"{rows} of {_names(self.node_files)} {_verb(self.duplicate_nodes)} an id that came before.")
        if self.features_unmatched:
            rows = _count(self.features_unmatched, "feature row")
            texts.append(f"{rows} of {self.features_read:,} {_verb(self.features_unmatched, 'names', 'name')} no node.")
        if self.features_read and self.nodes_without_features:
            count = self.nodes_without_features
            texts.append(f"{_count(count, 'node')} {_verb(count)} no row in the feature table.")
        return texts


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _verb(number: int, one: str = "has", many: str = "have") -> str:
    return one if number == 1 else many


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _names(files: tuple[str, ...]) -> str:
    if len(files) > 2:
        return f"{', '.join(files[:-1])} and {files[-1]}"
    return " and ".join(files) or "the edges"
