"""Note what is odd about edges once they are joined to nodes: loose ends, repeats, self-loops, nodes alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.issues import IssueLog
from engine.data.join import JoinReport
from engine.data.parts import EdgeRows, NodeRows

_LISTED = 100


def note_dangling(edges: EdgeRows, pairs: np.ndarray, num_known: int, join: JoinReport, log: IssueLog) -> None:
    """Note each id that no table of nodes has, where it first appears.

    Args: pairs: [M, 2] positions of both ends of each edge row; those from num_known up are in no table of nodes.
    """
    flat = pairs.ravel()
    outside = np.flatnonzero(flat >= num_known)
    first = outside[~pd.Series(flat[outside]).duplicated().to_numpy()]
    done = "it was added as a node" if join.implicit_added else "its edges were left out"
    for place in first[:_LISTED]:
        row, side = divmod(int(place), 2)
        value = str((edges.source, edges.target)[side][row])
        text = f"{value!r} is in no table of nodes; {done}."
        table = edges.table[row]
        column = edges.columns[table][side]
        log.add("data.dangling", text, file=edges.files[table], line=_line(edges, row), column=column, value=value)
    rest = len(first) - _LISTED
    if rest > 0:
        text = f"{rest:,} more edge ends are in no table of nodes."
        log.add("data.dangling", text, file=", ".join(edges.files), count=rest)


def note_merged(edges: EdgeRows, pairs: np.ndarray, join: JoinReport, is_directed: bool, log: IssueLog) -> None:
    """Note repeated edges and self-loops: how many, and where the first one is.

    Args: pairs: [M, 2] positions of both ends of each edge row.
    """
    is_loop = pairs[:, 0] == pairs[:, 1]
    if join.duplicates:
        low, high = (pairs[:, 0], pairs[:, 1]) if is_directed else (pairs.min(axis=1), pairs.max(axis=1))
        key = low * (int(pairs.max()) + 1) + high
        again = pd.Series(key).duplicated().to_numpy() & ~is_loop
        row = int(np.flatnonzero(again)[0])
        earlier = int(np.flatnonzero(key == key[row])[0])
        first = f" (first: line {edges.lines[row]} repeats line {edges.lines[earlier]})" if edges.lines[row] > 0 else ""
        text = f"{join.duplicates:,} edge rows repeat an edge{first}; they are merged, and weights are added up."
        _add(edges, row, "data.duplicate_edges", text, join.duplicates, log)
    if join.self_loops:
        row = int(np.flatnonzero(is_loop)[0])
        text = f"{join.self_loops:,} edge rows lead from a node to itself; they are left out of the structure."
        _add(edges, row, "data.self_loops", text, join.self_loops, log)


def note_isolated(nodes: NodeRows | None, ids: np.ndarray, degree: np.ndarray, files: str, log: IssueLog) -> None:
    """Note how many nodes have no edge, and the first of them.

    Args: ids: [N] ids. degree: [N] edges of each node. files: names of the node tables.
    """
    alone = np.flatnonzero(degree == 0)
    if not len(alone):
        return
    first = int(alone[0])
    line = int(nodes.lines[first]) if nodes is not None and first < len(nodes.lines) else -1
    text = f"{len(alone):,} nodes have no edge in the graph; only their own columns can tell about them."
    place = {"file": files, "line": line if line > 0 else None, "value": str(ids[first])}
    log.add("data.isolated", text, count=len(alone), **place)  # type: ignore[arg-type]  # text and one line number


def _add(edges: EdgeRows, row: int, code: str, text: str, count: int, log: IssueLog) -> None:
    value = f"{edges.source[row]}, {edges.target[row]}"
    log.add(code, text, file=edges.files[edges.table[row]], line=_line(edges, row), value=value, count=count)


def _line(edges: EdgeRows, row: int) -> int | None:
    line = int(edges.lines[row])
    return line if line > 0 else None
