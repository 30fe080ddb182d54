"""The data card: what a graph and its columns are like, in numbers and in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.analysis.assortativity import assortativity
from engine.analysis.components import components
from engine.analysis.degree import degree_summary
from engine.analysis.homophily import Homophily, homophily
from engine.analysis.leaks import suspects
from engine.data.builders.relational import RelationalData
from engine.data.columns import column_of
from engine.data.judging import numbers_of
from engine.data.roles import ColumnKind, Role

# Columns with more values than that are names rather than classes.
_MOST_CLASSES = 100
_CLASSES_LISTED = 30
_KINDS = (ColumnKind.CATEGORY, ColumnKind.BOOLEAN)
_ROLES = (Role.FEATURE, Role.TARGET, Role.IGNORE)


def data_card(data: RelationalData) -> dict[str, Any]:  # Any: JSON values
    """Describe a graph and every column that holds classes.

    Returns: plain data: nodes, edges, directed, weighted, density, components {count, largest, largest_share},
        isolated, degree (see `degree_summary`), columns [{name, kind, role, known, coverage, classes, counts
        [{value, nodes}], edge_homophily, adjusted_homophily, sentence}], and sentences, the whole in words.
    """
    graph = data.graph
    n, links = graph.num_nodes, graph.num_links
    pairs = n * (n - 1) / (1 if graph.directed else 2)
    sizes = np.bincount(components(graph)) if n else np.zeros(0, np.int64)
    degree = degree_summary(graph)
    columns = [_column(data, name) for name in _columns_of(data, _KINDS)]
    numbers = [_numbers(data, name) for name in _columns_of(data, (ColumnKind.NUMBER,))]
    card = {
        "nodes": n,
        "edges": links,
        "directed": graph.directed,
        "weighted": graph.weight is not None,
        "density": links / pairs if pairs else 0.0,
        "components": {
            "count": len(sizes),
            "largest": int(sizes[0]) if len(sizes) else 0,
            "largest_share": float(sizes[0] / n) if n else 0.0,
        },
        "isolated": degree["isolated"],
        "degree": degree,
        "columns": columns,
        "numbers": numbers,
        "suspects": _suspects(data),
    }
    words = [*(one["sentence"] for one in card["suspects"]), *(column["sentence"] for column in columns)]
    words += [column["sentence"] for column in numbers if column["role"] == Role.TARGET.value]
    return {**card, "sentences": [*_graph_words(card), *words]}


def _columns_of(data: RelationalData, kinds: tuple[ColumnKind, ...]) -> list[str]:
    """Return the columns of these kinds that describe nodes, the target first."""
    found = []
    for name, spec in data.columns.items():
        if name in data.nodes and spec.kind in kinds and spec.role in _ROLES:
            found.append((spec.role is not Role.TARGET, name))
    return [name for _, name in sorted(found, key=lambda item: item[0])]


def _numbers(data: RelationalData, name: str) -> dict[str, Any]:  # Any: JSON values
    spec = data.columns[name]
    values = numbers_of(column_of(data.nodes, name), spec.decimal)
    known = values[np.isfinite(values)]
    if not len(known):
        return {"name": name, "role": spec.role.value, "known": 0, "coverage": 0.0, "sentence": f'"{name}" is empty.'}
    alike = assortativity(data.graph, values)
    words = (
        f'"{name}" is known for {_percent(len(known) / len(values))} of the nodes, '
        f"{known.min():,.6g} to {known.max():,.6g}, {known.mean():,.6g} on average."
    )
    if alike is not None:
        words += f" Neighbours have {_similar(alike)} numbers (correlation {alike:.2f})."
    return {
        "name": name,
        "role": spec.role.value,
        "known": len(known),
        "coverage": len(known) / len(values),
        "mean": float(known.mean()),
        "deviation": float(known.std()),
        "smallest": float(known.min()),
        "largest": float(known.max()),
        "assortativity": alike,
        "sentence": words,
    }


def _suspects(data: RelationalData) -> list[dict[str, Any]]:  # Any: JSON values
    targets = [name for name in _columns_of(data, _KINDS) if data.columns[name].role is Role.TARGET]
    return [
        {"column": one.column, "target": name, "purity": one.purity, "sentence": one.sentence(name)}
        for name in targets
        for one in suspects(data.items, name)
    ]


def _similar(correlation: float) -> str:
    if correlation > 0.3:
        return "similar"
    if correlation > 0.1:
        return "somewhat similar"
    return "unrelated" if correlation > -0.1 else "opposite"


def _column(data: RelationalData, name: str) -> dict[str, Any]:  # Any: JSON values
    column = column_of(data.nodes, name)
    codes, values = column.codes.astype(np.int64), column.values.objects()
    known = int((codes >= 0).sum())
    counts = np.bincount(codes[codes >= 0], minlength=len(values))
    order = np.lexsort((values.astype(str), -counts))
    is_classes = 2 <= len(values) <= _MOST_CLASSES
    found = homophily(data.graph, codes) if is_classes else Homophily(0, None, None)
    spec = data.columns[name]
    card = {
        "name": name,
        "kind": spec.kind.value,
        "role": spec.role.value,
        "known": known,
        "coverage": known / len(codes) if len(codes) else 0.0,
        "classes": len(values),
        "counts": [{"value": str(values[k]), "nodes": int(counts[k])} for k in order[:_CLASSES_LISTED]],
        "edge_homophily": found.edge,
        "adjusted_homophily": found.adjusted,
    }
    return {**card, "sentence": _column_words(card, counts)}


def _graph_words(card: dict[str, Any]) -> list[str]:  # Any: JSON values
    kind = "directed" if card["directed"] else "undirected"
    pieces = card["components"]
    words = [
        f"{_count(card['nodes'], 'node')} and {_count(card['edges'], kind + ' edge')}; "
        f"a node has {card['degree']['mean']:.1f} of them on average, {card['degree']['largest']:,} at most."
    ]
    if pieces["count"] == 1:
        words.append("All nodes are connected.")
    elif pieces["count"] > 1:
        words.append(
            f"The graph falls into {pieces['count']:,} pieces; the largest holds "
            f"{_percent(pieces['largest_share'], 1)} of the nodes."
        )
    if card["isolated"]:
        has = "has" if card["isolated"] == 1 else "have"
        words.append(f"{_count(card['isolated'], 'node')} {has} no edge: nothing can be learnt from neighbours there.")
    return words


def _column_words(card: dict[str, Any], counts: npt.NDArray[np.int64]) -> str:  # Any: JSON values
    name, classes = card["name"], card["classes"]
    if classes < 2:
        return f'"{name}" holds {"one value only" if classes else "nothing"}.'
    if classes > _MOST_CLASSES:
        return f'"{name}" holds {classes:,} different values.'
    smallest, largest = int(counts.min()), int(counts.max())
    sizes = f"of {smallest:,} to {largest:,} nodes" if smallest < largest else f"of {smallest:,} nodes each"
    most = ""
    if largest > 0.8 * counts.sum():
        most = f"; one of them holds {largest / counts.sum():.0%}, so accuracy alone says little"
    words = f'"{name}" is known for {_percent(card["coverage"])} of the nodes, in {classes:,} classes {sizes}{most}.'
    if card["adjusted_homophily"] is None:
        return words
    return f"{words} {_alike(card['edge_homophily'], card['adjusted_homophily'])}"


def _alike(edge: float, adjusted: float) -> str:
    """Say what homophily means for learning from the graph."""
    hundred = f"{edge * 100:.0f} of 100 edges join equal values"
    if adjusted > 0.6:
        return f"Neighbours are very much alike: {hundred}, far above chance. The graph should help a lot."
    if adjusted > 0.3:
        return f"Neighbours are alike: {hundred}, well above chance. The graph should help."
    if adjusted > 0.05:
        return f"Neighbours are somewhat alike: {hundred}, a little above chance. The graph may help."
    if adjusted >= -0.05:
        return f"Neighbours are no more alike than chance: {hundred}. Smoothing over neighbours will not help."
    return f"Neighbours differ more than chance: {hundred}. Plain neighbour averaging will hurt."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _percent(share: float, decimals: int = 0) -> str:
    """Write a share for people; only all is 100 %."""
    text = f"{share:.{decimals}%}"
    return f"{math.floor(1000 * share) / 10:.1f}%" if float(text.rstrip("%")) == 100 and share < 1 else text
