"""Suggest what the columns of a table of graphs are for: id, name, split, folds, target, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.data import words
from engine.data.chem.finding import Found
from engine.data.node_columns import choose_id, other_column, spec_of, suggest_target, target_column
from engine.data.profile import Profile
from engine.data.roles import ColumnKind, Role
from engine.data.table import ColumnSpec


def suggest_graph_columns(
    profiles: Mapping[str, Profile], target: str | None, id_name: str | None = None, smiles: Found | None = None
) -> dict[str, ColumnSpec]:
    """Suggest role and kind of each column.

    Columns beside the target are no features unless a person says so: what stands beside a measurement was often
    calculated from it, or measured with it.

    Args: profiles: the columns. target: column to predict, None to suggest one. id_name: the id column where nodes
        refer to it, None to find it. smiles: the column of molecules; their rows need no ids.
    """
    if id_name is None:
        id_name = choose_id(profiles, ()) if smiles is None else _id_of_molecules(profiles, smiles.name, target)
    columns: dict[str, ColumnSpec] = {}
    for name, profile in profiles.items():
        if smiles is not None and name == smiles.name:
            columns[name] = spec_of(profile, Role.SMILES, ColumnKind.TEXT, smiles.reason)
        elif name == id_name:
            reason = "Every value is unique" if profile.is_unique else f"{profile.distinct:,} different values"
            columns[name] = spec_of(profile, Role.GRAPH_ID, ColumnKind.ID, f"{reason}: the ids of the graphs.")
        elif name == target:
            columns[name] = target_column(profile, "Chosen as what to predict")
        else:
            columns[name] = other_column(profile)
    if target is None:
        columns = suggest_target(columns, profiles, of_graphs=True)
    return {name: _no_feature(spec) for name, spec in columns.items()}


def _id_of_molecules(profiles: Mapping[str, Profile], smiles: str, target: str | None) -> str | None:
    """Return a column of names or numbers that are all different, None where rows are told apart by number alone."""
    able = [p for p in profiles.values() if p.is_unique and p.name not in (smiles, target)]
    named = [p for p in able if words.is_named(p.name, words.NODE_ID | words.LABEL_TEXT | words.GRAPH_ID)]
    texts = [p for p in able if not p.is_number]
    return next((profile.name for profile in (*named, *texts)), None)


def _no_feature(spec: ColumnSpec) -> ColumnSpec:
    if spec.role is not Role.FEATURE:
        return spec
    return replace(spec, role=Role.IGNORE, reason=f"{spec.reason} No feature unless you choose it.")
