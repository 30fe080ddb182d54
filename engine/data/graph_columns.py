"""Suggest what the columns of a table of graphs are for: id, name, split, folds, target, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.data.node_columns import choose_id, other_column, spec_of, suggest_target, target_column
from engine.data.profile import Profile
from engine.data.roles import ColumnKind, Role
from engine.data.table import ColumnSpec


def suggest_graph_columns(
    profiles: Mapping[str, Profile], target: str | None, id_name: str | None = None
) -> dict[str, ColumnSpec]:
    """Suggest role and kind of each column.

    Columns beside the target are no features unless a person says so: what stands beside a measurement was often
    calculated from it, or measured with it.

    Args: profiles: the columns. target: column to predict, None to suggest one. id_name: the id column where nodes
        refer to it, None to find it.
    """
    id_name = id_name or choose_id(profiles, ())
    columns: dict[str, ColumnSpec] = {}
    for name, profile in profiles.items():
        if name == id_name:
            reason = "Every value is unique" if profile.is_unique else f"{profile.distinct:,} different values"
            columns[name] = spec_of(profile, Role.GRAPH_ID, ColumnKind.ID, f"{reason}: the ids of the graphs.")
        elif name == target:
            columns[name] = target_column(profile, "Chosen as what to predict")
        else:
            columns[name] = other_column(profile)
    if target is None:
        columns = suggest_target(columns, profiles)
    return {name: _no_feature(spec) for name, spec in columns.items()}


def _no_feature(spec: ColumnSpec) -> ColumnSpec:
    if spec.role is not Role.FEATURE:
        return spec
    return replace(spec, role=Role.IGNORE, reason=f"{spec.reason} No feature unless you choose it.")
