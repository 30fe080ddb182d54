"""Suggest what the columns of a table of nodes are for: id, name, split, target, features, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.data import words
from engine.data.profile import Profile
from engine.data.roles import ColumnKind, Role
from engine.data.table import ColumnSpec

_FEW = 20
_MOST_CODES = 100
_LONG_TEXT = 40


def suggest_node_columns(
    profiles: Mapping[str, Profile],
    ends: Sequence[Profile],
    target: str | None,
    id_name: str | None = None,
    *,
    may_be_target: bool = True,
) -> dict[str, ColumnSpec]:
    """Suggest role and kind of each column.

    Args:
        profiles: the columns.
        ends: columns of other tables that refer to nodes; the id column is the one they refer to.
        target: column to predict, None to suggest one.
        id_name: the id column where the format states it, None to find it.
        may_be_target: whether one of the columns may be suggested as the target.
    """
    id_name = id_name or choose_id(profiles, ends)
    columns: dict[str, ColumnSpec] = {}
    for name, profile in profiles.items():
        if name == id_name:
            columns[name] = spec_of(profile, Role.NODE_ID, ColumnKind.ID, _id_reason(profile, ends))
        elif name == target:
            columns[name] = target_column(profile, "Chosen as what to predict")
        else:
            columns[name] = other_column(profile)
    columns = _one_label_text(columns)
    return suggest_target(columns, profiles) if may_be_target and target is None else columns


def spec_of(profile: Profile, role: Role, kind: ColumnKind, reason: str) -> ColumnSpec:
    """Return what is known about a profiled column."""
    counts = (profile.missing, profile.distinct)
    return ColumnSpec(profile.name, kind, role, reason, *counts, profile.examples, profile.decimal)


def choose_id(profiles: Mapping[str, Profile], ends: Sequence[Profile]) -> str:
    """Return the column that names the nodes: the one that other tables refer to, else one that could."""
    able = [p for p in profiles.values() if p.is_nearly_unique] or list(profiles.values())
    places = {name: place for place, name in enumerate(profiles)}

    def fitness(profile: Profile) -> tuple[float, bool, bool, bool, int]:
        known = max((end.share_in(profile) for end in ends), default=0.0)
        is_named = words.is_named(profile.name, words.NODE_ID)
        is_plain = profile.is_mostly_integer or not profile.is_number
        # A hair's breadth of agreement is chance: small whole numbers agree with anything.
        return (round(known, 1), is_plain and profile.is_unique, is_named, profile.words <= 1, -places[profile.name])

    return max(able, key=fitness).name


def _id_reason(profile: Profile, ends: Sequence[Profile]) -> str:
    unique = "Every value is unique" if profile.is_unique else f"{profile.distinct:,} different values"
    known = max((end.share_in(profile) for end in ends), default=0.0)
    if known == 1:
        return f"{unique}, and the other tables refer to this column."
    return f"{unique}, and {known:.0%} of the edge ends stand here." if known >= 0.005 else f"{unique}, like an id."


def other_column(profile: Profile) -> ColumnSpec:
    """Suggest what a column is for that is neither id nor target."""
    if not profile.distinct:
        return spec_of(profile, Role.IGNORE, ColumnKind.TEXT, "It is empty.")
    if profile.is_split:
        return spec_of(profile, Role.SPLIT, ColumnKind.CATEGORY, "It holds only words for train, valid and test.")
    if words.is_named(profile.name, words.FOLD) and is_code(profile):
        return spec_of(profile, Role.FOLD, ColumnKind.CATEGORY, f"Numbers of {profile.distinct:,} folds.")
    if profile.counts_rows and profile.rows > 2:
        return spec_of(profile, Role.IGNORE, ColumnKind.ID, "It only counts the rows.")
    if profile.is_date:
        return spec_of(profile, Role.FEATURE, ColumnKind.DATE, f"Dates such as {profile.examples[0]}.")
    if profile.is_boolean:
        reason = f"Yes or no, written {' and '.join(profile.examples[:2])}."
        return spec_of(profile, Role.FEATURE, ColumnKind.BOOLEAN, reason)
    return _number_column(profile) if profile.is_number and not profile.is_padded else _text_column(profile)


def _number_column(profile: Profile) -> ColumnSpec:
    if profile.is_integer and profile.is_unique and _looks_like_id(profile):
        return spec_of(profile, Role.IGNORE, ColumnKind.ID, "Every value is unique, like an id.")
    if is_code(profile):
        reason = f"Whole numbers with only {profile.distinct} different values: taken as categories."
        return spec_of(profile, Role.FEATURE, ColumnKind.CATEGORY, reason)
    if profile.numbers < 1:
        reason = f"Numbers, but {1 - profile.numbers:.1%} of the cells are none; those count as unknown."
        return spec_of(profile, Role.FEATURE, ColumnKind.NUMBER, reason)
    return spec_of(profile, Role.FEATURE, ColumnKind.NUMBER, f"Numbers such as {', '.join(profile.examples[:2])}.")


def is_code(profile: Profile) -> bool:
    """Say whether whole numbers are rather names of classes: few, each several times over.

    Up to 20 different ones from 0 up, or up to 100 that start at 0 or 1 and leave none out.
    """
    if not profile.is_integer or profile.distinct > _MOST_CODES or profile.filled < 4 * profile.distinct:
        return False
    numbers = profile.integers
    lowest, highest = min(numbers), max(numbers)
    if profile.distinct <= _FEW:
        return lowest >= 0 and highest < 1000
    return lowest in (0, 1) and highest - lowest + 1 == len(numbers)


def _looks_like_id(profile: Profile) -> bool:
    if words.is_named(profile.name, words.NODE_ID) or profile.rows >= 200:
        return True
    return len(profile.widths) == 1 and profile.widths != {1}


def _text_column(profile: Profile) -> ColumnSpec:
    share = profile.distinct / max(profile.filled, 1)
    if share >= 0.9 and profile.distinct > 1:
        return _unique_text(profile)
    if profile.distinct <= _FEW or (share <= 0.5 and profile.words <= 4 and profile.length <= _LONG_TEXT):
        noun = "value" if profile.distinct == 1 else "values"
        reason = f"{profile.distinct:,} different {noun} in {profile.filled:,} cells: categories."
        return spec_of(profile, Role.FEATURE, ColumnKind.CATEGORY, reason)
    return spec_of(profile, Role.FEATURE, ColumnKind.TEXT, "Words that are mostly different: free text.")


def _unique_text(profile: Profile) -> ColumnSpec:
    if profile.words > 6 or profile.length > 2 * _LONG_TEXT:
        return spec_of(profile, Role.FEATURE, ColumnKind.TEXT, "Long texts, nearly all different: free text.")
    if words.is_named(profile.name, words.NODE_ID) or (profile.is_integer and profile.is_padded):
        return spec_of(profile, Role.IGNORE, ColumnKind.ID, "Every value is unique, like an id.")
    return spec_of(profile, Role.LABEL_TEXT, ColumnKind.TEXT, "Nearly every value is different: names to show.")


def _one_label_text(columns: dict[str, ColumnSpec]) -> dict[str, ColumnSpec]:
    names = [name for name, spec in columns.items() if spec.role is Role.LABEL_TEXT]
    if len(names) < 2:
        return columns
    shown = next((name for name in names if words.is_named(name, words.LABEL_TEXT)), names[0])
    for name in names:
        if name != shown:
            reason = f"Nearly every value is different, like an id; names are taken from {shown!r}."
            columns[name] = replace(columns[name], role=Role.IGNORE, reason=reason)
    return columns


def target_column(profile: Profile, why: str) -> ColumnSpec:
    """Return a column as the target. Args: why: begins the reason."""
    if profile.is_boolean:
        return spec_of(profile, Role.TARGET, ColumnKind.BOOLEAN, f"{why}: two classes.")
    is_scale = profile.is_number and not is_code(profile) and profile.distinct > 2
    if is_scale and not profile.is_padded:
        return spec_of(profile, Role.TARGET, ColumnKind.NUMBER, f"{why}: numbers, so a value for each row.")
    return spec_of(profile, Role.TARGET, ColumnKind.CATEGORY, f"{why}: {profile.distinct:,} classes.")


def suggest_target(
    columns: dict[str, ColumnSpec], profiles: Mapping[str, Profile], *, of_graphs: bool = False
) -> dict[str, ColumnSpec]:
    """Return the columns with one of them as the target, where its name says so or no other could be it.

    Columns of nodes describe them, so a lone one is taken only where a split says that something is to be predicted.
    Columns of graphs are what was measured or what was calculated; of several, a person has to say which is which.

    Args: of_graphs: the rows are graphs; numbers can be the target as well as classes.
    """
    kinds = (ColumnKind.CATEGORY, ColumnKind.BOOLEAN) + (ColumnKind.NUMBER,) * of_graphs
    able = [n for n, s in columns.items() if s.role is Role.FEATURE and s.kind in kinds and s.distinct > 1]
    named = [name for name in able if words.is_named(name, words.TARGET)]
    if named:
        columns[named[0]] = target_column(profiles[named[0]], "Its name says that it is what to predict")
    elif len(able) == 1 and (of_graphs or any(spec.role is Role.SPLIT for spec in columns.values())):
        columns[able[0]] = target_column(profiles[able[0]], "Only this column could be what to predict")
    return columns
