"""Find collections among tables: one with a row for each graph, and the column of the nodes that names their graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.data import words
from engine.data.columns import places_in
from engine.data.kinds import Sighting
from engine.data.profile import Profile
from engine.data.roles import TableKind
from engine.data.table import Table

_EDGES_LOOKED_AT = 20_000
_MOST_CROSSING = 0.02
_KNOWN, _COVERED = 0.9, 0.5


@dataclass(frozen=True, slots=True)
class Home:
    """Which graph each node is in.

    Args: nodes, graphs: places of the two tables. column: of the nodes, names the graph of each. id: of the graphs.
        reason: why, one sentence.
    """

    nodes: int
    graphs: int
    column: str
    id: str
    reason: str


def find_home(tables: Sequence[Table], sightings: Sequence[Sighting], kinds: Sequence[TableKind]) -> Home | None:
    """Look for a table of nodes that says which row of another table each node belongs to, and edges that agree.

    What tells graphs from, say, departments: no edge leads from one to another.

    Args: tables: as read. sightings, kinds: what they look like, and are without graphs.
    """
    if TableKind.EDGES not in kinds:
        return None
    best: tuple[tuple[bool, float, bool], Home] | None = None
    for nodes, kind in enumerate(kinds):
        if kind is not TableKind.NODES:
            continue
        for graphs, other in enumerate(kinds):
            if graphs == nodes or other not in (TableKind.NODES, TableKind.GRAPHS):
                continue
            for column, id, fitness in _pairs(sightings[nodes], sightings[graphs]):
                rank = (other is TableKind.GRAPHS, *fitness)
                if best is not None and rank <= best[0]:
                    continue
                crossing = _crossing(tables, sightings, kinds, nodes, column.name)
                if crossing is not None and crossing <= _MOST_CROSSING:
                    reason = (
                        f"Its {column.distinct:,} values are the ids of {sightings[graphs].file}, and no edge leads "
                        "from one to another: the graph of each node."
                    )
                    best = rank, Home(nodes, graphs, column.name, id.name, reason)
    return None if best is None else best[1]


def _pairs(nodes: Sighting, graphs: Sighting) -> list[tuple[Profile, Profile, tuple[float, bool]]]:
    """Return columns of the nodes that name rows of the other table, and how well."""
    found = []
    for column in nodes.profiles.values():
        if column.is_nearly_unique or column.is_date or not column.distinct:
            continue
        for id in graphs.profiles.values():
            if not id.is_nearly_unique or id.rows >= column.rows or column.share_in(id) < _KNOWN:
                continue
            covered = id.share_in(column)
            if covered >= _COVERED:
                is_named = words.is_named(column.name, words.GRAPH_ID)
                found.append((column, id, (round(covered, 2), is_named)))
    return found


def _crossing(
    tables: Sequence[Table], sightings: Sequence[Sighting], kinds: Sequence[TableKind], nodes: int, column: str
) -> float | None:
    """Return the share of edges between two graphs; None where the edges do not speak of these nodes."""
    home = tables[nodes].column(column).codes
    crossing, seen = 0, 0
    for table, sighting, kind in zip(tables, sightings, kinds, strict=True):
        if kind is not TableKind.EDGES:
            continue
        pair = sighting.pair
        names = list(sighting.profiles)
        ends = (pair.source, pair.target) if pair is not None else (names[0], names[min(1, len(names) - 1)])
        id = _referred(sightings[nodes], [sighting.profiles[name] for name in ends])
        if id is None:
            return None
        first = tables[nodes].column(id).firsts()
        known = tables[nodes].column(id).values
        sides = []
        for name in ends:
            cells = table.column(name)
            place = np.append(places_in(cells.values, known), np.int32(-1))[cells.codes[:_EDGES_LOOKED_AT]]
            sides.append(np.where(place >= 0, np.append(home[first], np.int32(-1))[place], -1))
        there = (sides[0] >= 0) & (sides[1] >= 0)
        crossing += int((sides[0] != sides[1])[there].sum())
        seen += int(there.sum())
    return crossing / seen if seen else None


def _referred(nodes: Sighting, ends: Sequence[Profile]) -> str | None:
    able = [profile for profile in nodes.profiles.values() if profile.is_nearly_unique]
    shares = {profile.name: min(end.share_in(profile) for end in ends) for profile in able}
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] >= _COVERED else None
