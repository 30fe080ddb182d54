"""Suggest what tables and columns are for, each with a reason in words; the user has the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.core.errors import RoleError
from engine.data import words
from engine.data.chem.finding import Found, find_smiles
from engine.data.graph_columns import suggest_graph_columns
from engine.data.homes import Home, find_home
from engine.data.kinds import Sighting, Triple, decide_kinds, look_at_tables
from engine.data.node_columns import spec_of, suggest_node_columns
from engine.data.options import DataOptions
from engine.data.profile import Profile, profile_table
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.table import ColumnSpec, Table

_MOST_DIRECTIONS = 20
_MOST_SMILES = 200


def suggest_data(tables: Sequence[Table], target: str | None = None, directed: bool | None = None) -> DataOptions:
    """Suggest how tables make a graph.

    Args:
        tables: as read, or as `suggest_tables` gave them; kinds and roles are looked for anew.
        target: column to predict; None to suggest one.
        directed: whether edges have a direction; None to take what the files say, undirected where they say nothing.
    Raises: RoleError: there is no column of that name among the nodes.
    """
    return options_of(suggest_tables(tables, target), directed)


def options_of(tables: Sequence[Table], directed: bool | None = None) -> DataOptions:
    """Return the `data` part of a recipe that reads these tables as they are understood now."""
    if directed is None:
        directed = any(table.directed or _says_directed(table) for table in tables if table.kind is TableKind.EDGES)
    return DataOptions(tables=tuple(table.to_options() for table in tables), directed=directed)


def suggest_tables(
    tables: Sequence[Table], target: str | None = None, kinds: Sequence[TableKind | None] | None = None
) -> list[Table]:
    """Return the same tables with kinds and columns suggested; see `suggest_data`.

    Args: kinds: what is known about each table, None where nothing is; a graph file states it itself.
    """
    profiles = [profile_table(table) for table in tables]
    files = [table.path.name for table in tables]
    stated = [
        table.kind if _is_graph_file(table) else kind
        for table, kind in zip(tables, kinds or [None] * len(tables), strict=True)
    ]
    sightings = look_at_tables(files, profiles, stated)
    decided = decide_kinds(sightings)
    smiles = _smiles_of(tables, profiles, decided, stated)
    for place in smiles:
        decided[place] = TableKind.MOLECULES
    home = None if smiles else find_home(tables, sightings, decided)
    if home is not None:
        decided[home.graphs] = TableKind.GRAPHS
    looks = [
        _Look(
            sighting,
            kind,
            _is_graph_file(table),
            home if home is not None and home.nodes == place else None,
            smiles.get(place),
        )
        for place, (table, sighting, kind) in enumerate(zip(tables, sightings, decided, strict=True))
    ]
    ends = [look.sighting.profiles[name] for look in looks for name in look.references()]
    seen = _Seen(ends, target, None if home is None else home.id, any(look.is_of_graphs for look in looks))
    suggested = [table.with_columns(look.kind, _columns(look, seen)) for table, look in zip(tables, looks, strict=True)]
    # Molecules that are written anew stay what the graphs are made of.
    found = [name for table in suggested for name in (*table.with_role(Role.TARGET), *table.with_role(Role.SMILES))]
    if target is not None and target not in found:
        raise _no_target(suggested, target)
    return suggested


def _smiles_of(
    tables: Sequence[Table],
    profiles: Sequence[Mapping[str, Profile]],
    kinds: Sequence[TableKind],
    stated: Sequence[TableKind | None],
) -> dict[int, Found]:
    """Return the column of SMILES of each table of molecules.

    Molecules that edges of another table join stay nodes.
    """
    wanted = [place for place, kind in enumerate(stated) if kind is TableKind.MOLECULES]
    if not wanted and (len(tables) == 1 or TableKind.EDGES not in kinds):
        wanted = [place for place, table in enumerate(tables) if not _is_graph_file(table) and stated[place] is None]
    found = {}
    for place in wanted:
        texts = {
            name: profile.keys(_MOST_SMILES)
            for name, profile in profiles[place].items()
            if not (profile.is_number or profile.is_date or profile.is_split)
        }
        smiles = find_smiles(texts)
        if smiles is not None:
            found[place] = smiles
    return found


def _is_graph_file(table: Table) -> bool:
    return table.form.format != "delimited"


@dataclass(frozen=True, slots=True)
class _Look:
    """One table with its kind decided; a graph file calls the columns that join its tables id, source and target."""

    sighting: Sighting
    kind: TableKind
    is_graph_file: bool
    home: Home | None = None
    smiles: Found | None = None

    @property
    def is_of_graphs(self) -> bool:
        """Whether a row is a whole graph."""
        return self.kind in (TableKind.GRAPHS, TableKind.MOLECULES)

    def ends(self) -> tuple[str, str]:
        """Return source and target of a table of edges."""
        pair, names = self.sighting.pair, list(self.sighting.profiles)
        if pair is None or self.is_graph_file:
            return names[0], names[min(1, len(names) - 1)]
        return pair.source, pair.target

    def triple(self) -> Triple:
        """Return id, name and value of a table of features."""
        names = [*self.sighting.profiles, None, None]
        return self.sighting.triple or Triple(str(names[0]), str(names[1] or names[0]), names[2], 0.0)

    def references(self) -> tuple[str, ...]:
        """Return the columns that refer to nodes."""
        if self.kind is TableKind.EDGES:
            return self.ends()
        return (self.triple().id,) if self.kind is TableKind.FEATURES else ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What all tables together say.

    Args: ends: columns that refer to nodes. target: column to predict. graph_id: column of the graphs that nodes refer
        to. is_collection: whether there is a table of graphs, so that these and not the nodes have the target.
    """

    ends: Sequence[Profile]
    target: str | None
    graph_id: str | None
    is_collection: bool


def _columns(look: _Look, seen: _Seen) -> dict[str, ColumnSpec]:
    profiles = look.sighting.profiles
    if look.kind is TableKind.EDGES:
        return _edge_columns(profiles, *look.ends())
    if look.kind is TableKind.FEATURES:
        return _feature_columns(profiles, look.triple())
    if look.is_of_graphs:
        return suggest_graph_columns(profiles, seen.target, seen.graph_id, look.smiles)
    id_name = "id" if look.is_graph_file else None
    if not seen.is_collection:
        return suggest_node_columns(profiles, seen.ends, seen.target, id_name)
    columns = suggest_node_columns(profiles, seen.ends, None, id_name, may_be_target=False)
    if look.home is not None:
        column = look.home.column
        columns[column] = spec_of(profiles[column], Role.GRAPH_ID, ColumnKind.ID, look.home.reason)
    return columns


def _edge_columns(profiles: Mapping[str, Profile], source: str, target: str) -> dict[str, ColumnSpec]:
    columns = {
        source: spec_of(profiles[source], Role.EDGE_SOURCE, ColumnKind.ID, _end_reason(profiles, source, target)),
        target: spec_of(profiles[target], Role.EDGE_TARGET, ColumnKind.ID, _end_reason(profiles, target, source)),
    }
    rest = [profile for name, profile in profiles.items() if name not in columns]
    weight = _weight_of(rest)
    for profile in rest:
        columns[profile.name] = _edge_column(profile, profile is weight)
    return {name: columns[name] for name in profiles}


def _end_reason(profiles: Mapping[str, Profile], name: str, other: str) -> str:
    common = profiles[name].common(profiles[other])
    shared = f"{common:,} of its {profiles[name].distinct:,} ids stand in {other!r} as well"
    return f"One end of each edge: {shared}." if common else f"One end of each edge; the other is {other!r}."


def _weight_of(rest: Sequence[Profile]) -> Profile | None:
    able = [p for p in rest if p.is_number and not p.has_negative and not _is_time(p)]
    named = [p for p in able if words.is_named(p.name, words.EDGE_WEIGHT)]
    able = [p for p in able if not p.counts_rows]
    typed = [p for p in able if not words.is_named(p.name, words.EDGE_TYPE | words.NODE_ID) and not p.is_constant]
    if named:
        return named[0]
    return typed[0] if len(typed) == 1 and len(able) == 1 else None


def _is_time(profile: Profile) -> bool:
    return profile.is_date or (words.is_named(profile.name, words.TIME) and profile.is_number)


def _edge_column(profile: Profile, is_weight: bool) -> ColumnSpec:
    directions = {key.lower() for key in profile.keys(_MOST_DIRECTIONS)}
    if is_weight:
        return spec_of(profile, Role.EDGE_WEIGHT, ColumnKind.NUMBER, "Numbers from 0 up: how strong each edge is.")
    if profile.counts_rows:
        return spec_of(profile, Role.IGNORE, ColumnKind.ID, "It only counts the rows.")
    if profile.is_split:
        return spec_of(profile, Role.SPLIT, ColumnKind.CATEGORY, "It holds only words for train, valid and test.")
    if _is_time(profile):
        kind = ColumnKind.DATE if profile.is_date else ColumnKind.NUMBER
        return spec_of(profile, Role.TIME, kind, "It says when each edge was there; not used in training yet.")
    if directions and directions <= {"directed", "undirected"}:
        reason = f"It says that edges are {' or '.join(sorted(directions))}."
        return spec_of(profile, Role.IGNORE, ColumnKind.CATEGORY, reason)
    if profile.is_constant or not profile.distinct:
        what = "It is empty." if not profile.distinct else "It holds the same in every row."
        return spec_of(profile, Role.IGNORE, ColumnKind.CATEGORY, what)
    if profile.is_number and profile.has_negative:
        reason = "Numbers below 0 cannot say how strong an edge is."
        return spec_of(profile, Role.IGNORE, ColumnKind.NUMBER, reason)
    if profile.distinct <= max(20, profile.rows // 20) and (not profile.is_number or profile.is_integer):
        reason = f"{profile.distinct:,} different values: kinds of edges; what encoders for many graphs are told."
        return spec_of(profile, Role.EDGE_TYPE, ColumnKind.CATEGORY, reason)
    kind = ColumnKind.NUMBER if profile.is_number else ColumnKind.TEXT
    return spec_of(profile, Role.IGNORE, kind, "Further columns of edges are not used yet.")


def _feature_columns(profiles: Mapping[str, Profile], triple: Triple) -> dict[str, ColumnSpec]:
    columns = {}
    for name, profile in profiles.items():
        if name == triple.id:
            reason = f"{profile.distinct:,} ids that come again and again: the node of each row."
            columns[name] = spec_of(profile, Role.NODE_ID, ColumnKind.ID, reason)
        elif name == triple.feature:
            reason = f"{profile.distinct:,} different names: the feature of each row."
            columns[name] = spec_of(profile, Role.FEATURE_NAME, ColumnKind.CATEGORY, reason)
        elif name == triple.value:
            columns[name] = spec_of(
                profile, Role.FEATURE_VALUE, ColumnKind.NUMBER, "Numbers: the value of each feature."
            )
        else:
            columns[name] = spec_of(
                profile, Role.IGNORE, ColumnKind.TEXT, "A table of features needs no further column."
            )
    return columns


def _says_directed(table: Table) -> bool:
    for name, column in table.columns.items():
        values = {example.strip().lower() for example in column.examples}
        if column.role is Role.IGNORE and values == {"directed"} and not table.column(name).is_empty().any():
            return True
    return False


def _no_target(tables: Sequence[Table], target: str) -> RoleError:
    of_graphs = [table for table in tables if table.kind in (TableKind.GRAPHS, TableKind.MOLECULES)]
    noun = "graphs" if of_graphs else "nodes"
    known = [
        name
        for table in of_graphs or [table for table in tables if table.kind is TableKind.NODES]
        for name in table.columns
    ]
    if target in known:
        return RoleError(
            f"Column {target!r} names the {noun}, so it cannot be predicted.",
            code="data.role.target",
            hint="Choose another column.",
            column=target,
        )
    return RoleError(
        f"There is no column {target!r} among the {noun}.",
        code="data.role.target",
        hint=f"The columns are {', '.join(known)}." if known else f"None of the files is a table of {noun}.",
        column=target,
    )
