"""Tell tables of nodes, edges and features apart by how their columns refer to each other, not by their headers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from engine.data import words
from engine.data.profile import Profile
from engine.data.roles import TableKind

# Wide tables are tables of nodes; looking at every pair of their columns would take for ever.
_MOST_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns that may be the ends of edges, and how well they fit that."""

    source: str
    target: str
    score: float


@dataclass(frozen=True, slots=True)
class Triple:
    """Columns that may be node id, feature name and value, and how well they fit that."""

    id: str
    feature: str
    value: str | None
    score: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one table may be.

    Args:
        file: name of the file.
        profiles: its columns.
        pair: the best two ends, None when no two columns could be.
        triple: the best feature columns, None when none could be.
        node_score: how well the table fits one row a node.
        stated: kind that the file format itself states.
    """

    file: str
    profiles: dict[str, Profile]
    pair: Pair | None
    triple: Triple | None
    node_score: float
    stated: TableKind | None = None


def look_at_tables(
    files: Sequence[str], tables: Sequence[dict[str, Profile]], stated: Sequence[TableKind | None]
) -> list[Sighting]:
    """Look at all tables together: what one is depends on what refers to it.

    Args: files: names of the files. tables: their columns. stated: kinds that the formats state, None where not.
    """
    sightings = []
    for place, (file, profiles) in enumerate(zip(files, tables, strict=True)):
        others = [other for k, other in enumerate(tables) if k != place]
        ids = [p for other in others for p in other.values() if _may_be_id(p) and p.is_nearly_unique]
        pair = _best_pair(file, profiles, ids)
        triple = _best_triple(file, profiles, ids)
        score = _node_score(file, profiles, others)
        sightings.append(Sighting(file, profiles, pair, triple, score, stated[place]))
    return sightings


def decide_kinds(sightings: Sequence[Sighting]) -> list[TableKind]:
    """Decide what each table is; where no table looks like edges, the one that comes nearest is it."""
    kinds = [sighting.stated or _likeliest(sighting) for sighting in sightings]
    if TableKind.EDGES not in kinds:
        able = [k for k, s in enumerate(sightings) if s.pair is not None and s.stated is None and s.pair.score > 0]
        if able and (len(sightings) > 1 or sightings[0].node_score <= 0):
            best = max(able, key=lambda k: _pair_score(sightings[k]) - sightings[k].node_score)
            kinds[best] = TableKind.EDGES
    return kinds


def _pair_score(sighting: Sighting) -> float:
    return sighting.pair.score if sighting.pair is not None else -1.0


def _likeliest(sighting: Sighting) -> TableKind:
    scores = {
        TableKind.EDGES: _pair_score(sighting),
        TableKind.FEATURES: sighting.triple.score if sighting.triple is not None else -1.0,
        TableKind.NODES: sighting.node_score,
    }
    return max(scores, key=lambda kind: scores[kind])


def _may_be_id(profile: Profile) -> bool:
    """Say whether cells could name nodes: filled, and neither measures, dates nor split words."""
    if profile.filled < 0.5 * profile.rows or not profile.distinct or profile.is_split or profile.is_date:
        return False
    return profile.is_mostly_integer or not profile.is_number


def _may_be_end(profile: Profile, width: int) -> bool:
    is_counter = profile.counts_rows and width > 2
    return _may_be_id(profile) and not is_counter and not (profile.is_constant and profile.rows > 5)


def _best_pair(file: str, profiles: dict[str, Profile], ids: Sequence[Profile]) -> Pair | None:
    ends = [(k, p) for k, p in enumerate(profiles.values()) if _may_be_end(p, len(profiles))][:_MOST_COLUMNS]
    pairs = [_score_pair(*left, *right, len(profiles), ids) for left, right in itertools.combinations(ends, 2)]
    if not pairs:
        return None
    best = max(pairs, key=lambda pair: pair.score)
    bonus = 1.0 if words.is_named(file, words.EDGE_FILES) else 0.0
    return Pair(best.source, best.target, best.score + bonus)


def _score_pair(place_a: int, a: Profile, place_b: int, b: Profile, width: int, ids: Sequence[Profile]) -> Pair:
    is_forward = words.is_named(a.name, words.EDGE_SOURCE) and words.is_named(b.name, words.EDGE_TARGET)
    is_backward = words.is_named(b.name, words.EDGE_SOURCE) and words.is_named(a.name, words.EDGE_TARGET)
    is_triple = words.is_named(a.name, frozenset({"head", "subject"})) and words.is_named(
        b.name, frozenset({"tail", "object"})
    )
    score = 3.0 if is_forward or is_backward or is_triple else 0.0
    score += 2.0 * a.overlap(b)
    score += 3.0 * max((min(a.share_in(known), b.share_in(known)) for known in ids), default=0.0)
    score += 0.5 if a.is_mostly_integer == b.is_mostly_integer else -1.0
    score += 1.0 if width == 2 else 0.0
    # Where more columns would do, the ends stand side by side at the left.
    score -= 0.25 * (place_a + place_b - 1)
    for end in (a, b):
        if end.is_unique:
            score -= 1.5
        if end.distinct <= 20 and end.rows > 10 * end.distinct:
            score -= 1.5
        if not end.is_integer and (end.words > 4 or end.length > 60):
            score -= 2.0
    source, target = (b, a) if is_backward and not is_forward else (a, b)
    return Pair(source.name, target.name, score)


def _best_triple(file: str, profiles: dict[str, Profile], ids: Sequence[Profile]) -> Triple | None:
    columns = list(profiles.values())
    if not 2 <= len(columns) <= 4:
        return None
    found = [
        _score_triple(node, feature, columns, ids)
        for node, feature in itertools.permutations(columns, 2)
        if _may_be_end(node, len(columns)) and _may_be_end(feature, 3) and not node.is_unique
    ]
    if not found:
        return None
    best = max(found, key=lambda triple: triple.score)
    bonus = 1.0 if words.is_named(file, words.FEATURE_FILES) else 0.0
    return Triple(best.id, best.feature, best.value, best.score + bonus)


def _score_triple(node: Profile, feature: Profile, columns: Sequence[Profile], ids: Sequence[Profile]) -> Triple:
    rest = [p for p in columns if p is not node and p is not feature]
    value = next((p for p in rest if p.is_number), None)
    known = max(ids, key=node.share_in, default=None)
    match = node.share_in(known) if known is not None else 0.0
    is_named = words.is_named(feature.name, words.FEATURE_NAME)
    # Without a table of nodes to refer to, only its name tells a feature from the other end of an edge.
    score = 2.0 * match if match > 0.5 else 0.0 if is_named else -3.0
    score += 3.0 if is_named else 0.0
    if known is not None and match > 0.5:
        score += _feature_clue(node, feature, known)
    score += 0.5 if value is not None else 0.0
    score -= 1.0 * (len(rest) - (value is not None))
    score -= 0.1 * columns.index(node)
    # A number that every row has for itself is rather the row's own id than a value.
    score -= 3.0 if value is not None and value.is_unique and value.is_integer and value.rows > 10 else 0.0
    return Triple(node.name, feature.name, value.name if value is not None else None, score)


def _feature_clue(node: Profile, feature: Profile, known: Profile) -> float:
    """Score what tells a feature's name from the other end of an edge: it lies outside the ids, or in a low corner.

    Numbers of features run from 0 to K-1 while the ids run to N-1; the ends of edges reach across all ids.
    """
    inside = feature.share_in(known)
    if inside < 0.5:
        # Edges to nodes that are in no table reach outside as well, but then the two columns share values.
        return 3.0 if feature.overlap(node) < 0.5 else 1.0
    if not (feature.is_integer and known.is_integer):
        return 0.0
    highest = feature.highest
    top = known.highest
    covers = node.num_keys >= 0.5 * known.num_keys
    return 4.0 if covers and highest < 0.8 * top else 0.0


def _node_score(file: str, profiles: dict[str, Profile], others: Sequence[dict[str, Profile]]) -> float:
    candidates = [p for p in profiles.values() if _may_be_id(p) and p.is_nearly_unique]
    if not candidates:
        return -1.0
    # An id column is one that a longer table refers to.
    referring = [p for other in others for p in other.values() if _may_be_id(p) and not p.is_nearly_unique]
    known = max((p.share_in(own) for p in referring for own in candidates), default=0.0)
    # A column that only counts rows and has no name of its own is no id by itself.
    is_counter = len(candidates) == 1 and candidates[0].counts_rows and candidates[0].name.startswith("column ")
    if is_counter and known < 0.5:
        return -1.0
    score = 2.0 if any(p.is_unique for p in candidates) else 1.5
    score += 0.5 if len(profiles) != 2 else 0.0
    score += 1.0 if words.is_named(file, words.NODE_FILES) else 0.0
    score += 0.5 if any(words.is_named(p.name, words.NODE_ID) for p in candidates) else 0.0
    return score + 3.0 * known
