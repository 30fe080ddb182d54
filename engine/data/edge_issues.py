"""Note what is odd about edges once they are joined to nodes: loose ends, repeats, self-loops, nodes alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.data.issues import IssueLog
from engine.data.join import JoinReport
from engine.data.parts import EdgeRows, NodeRows
from engine.data.texts import Texts
from engine.graph.csr import first_repeat
from engine.graph.graph import Graph

_LISTED = 100


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of each edge row as node positions: int32 [M] each."""

    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]

    def take(self, keep: npt.NDArray[np.bool_]) -> Ends:
        """Return the rows where keep [M] is true."""
        return self if keep.all() else Ends(self.source[keep], self.target[keep])


def note_dangling(edges: EdgeRows, ends: Ends, num_known: int, join: JoinReport, log: IssueLog) -> None:
    """Note each id that no table of nodes has, where it first appears.

    Args: ends: positions of both ends of each edge row; those from num_known up are in no table of nodes.
    """
    if not join.dangling:
        return
    done = "it was added as a node" if join.implicit_added else "its edges were left out"
    # New ids are numbered as they first appear, so the first ones are the lowest.
    places = [_first_end(ends, num_known + k) for k in range(min(join.dangling, _LISTED))]
    for row, side in places:
        value = (edges.source, edges.target)[side].text(row)
        text = f"{value!r} is in no table of nodes; {done}."
        table = edges.table_of(row)
        column = edges.columns[table][side]
        log.add("data.dangling", text, file=edges.files[table], line=_line(edges, row), column=column, value=value)
    rest = join.dangling - len(places)
    if rest > 0:
        text = f"{rest:,} more edge ends are in no table of nodes."
        log.add("data.dangling", text, file=", ".join(edges.files), count=rest)


def _first_end(ends: Ends, node: int) -> tuple[int, int]:
    """Return row and side (0 source, 1 target) where a node is first met."""
    rows = [_first_row(side, node) for side in (ends.source, ends.target)]
    side = int(rows[1] < rows[0])
    return rows[side], side


def _first_row(side: np.ndarray, node: int) -> int:
    step = 1 << 16
    for begin in range(0, len(side), step):
        found = np.flatnonzero(side[begin : begin + step] == node)
        if len(found):
            return begin + int(found[0])
    return len(side)


def note_merged(edges: EdgeRows, ends: Ends, join: JoinReport, graph: Graph, log: IssueLog) -> None:
    """Note repeated edges and self-loops: how many, and where the first one is.

    Args: ends: positions of both ends of each edge row. graph: what was built of them.
    """
    if join.duplicates:
        earlier, row = first_repeat(ends.source, ends.target, graph)
        lines = edges.lines[earlier], edges.lines[row]
        first = f" (first: line {lines[1]} repeats line {lines[0]})" if lines[1] > 0 else ""
        text = f"{join.duplicates:,} edge rows repeat an edge{first}; they are merged, and weights are added up."
        _add(edges, row, "data.duplicate_edges", text, join.duplicates, log)
    if join.self_loops:
        row = first_loop(ends)
        text = f"{join.self_loops:,} edge rows lead from a node to itself; they are left out of the structure."
        _add(edges, row, "data.self_loops", text, join.self_loops, log)


def first_loop(ends: Ends) -> int:
    """Return the first row whose ends are the same node; there is one."""
    step = 1 << 20
    for begin in range(0, len(ends.source), step):
        found = np.flatnonzero(ends.source[begin : begin + step] == ends.target[begin : begin + step])
        if len(found):
            return begin + int(found[0])
    raise ValueError("there is no self-loop")


def note_isolated(nodes: NodeRows | None, ids: Texts, degree: np.ndarray, files: str, log: IssueLog) -> None:
    """Note how many nodes have no edge, and the first of them.

    Args: ids: of all nodes [N]. degree: [N] edges of each node. files: names of the node tables.
    """
    alone = np.flatnonzero(degree == 0)
    if not len(alone):
        return
    first = int(alone[0])
    line = int(nodes.lines[first]) if nodes is not None and first < len(nodes.lines) else -1
    text = f"{len(alone):,} nodes have no edge in the graph; only their own columns can tell about them."
    place = {"file": files, "line": line if line > 0 else None, "value": ids[first]}
    log.add("data.isolated", text, count=len(alone), **place)  # type: ignore[arg-type]  # text and one line number


def _add(edges: EdgeRows, row: int, code: str, text: str, count: int, log: IssueLog) -> None:
    value = f"{edges.source.text(row)}, {edges.target.text(row)}"
    log.add(code, text, file=edges.files[edges.table_of(row)], line=_line(edges, row), value=value, count=count)


def _line(edges: EdgeRows, row: int) -> int | None:
    line = int(edges.lines[row])
    return line if line > 0 else None
