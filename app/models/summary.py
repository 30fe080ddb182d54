"""The graph, or a selection of its nodes, in a few pairs of name and value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.kit.translate import tr
from app.session.attributes import CORRECT, SPLIT, Attributes

if TYPE_CHECKING:
    from app.session.frames import DatasetFrame, RunFrame

Pair = tuple[str, str]


def of_selection(attributes: Attributes, mask: NDArray[np.bool_]) -> list[Pair]:
    """Return edges within and out of a selection, its degrees, and how it fares. Args: mask: bool [N]."""
    ends = attributes.edges
    within = int((mask[ends[:, 0]] & mask[ends[:, 1]]).sum()) if len(ends) else 0
    leaving = int((mask[ends[:, 0]] ^ mask[ends[:, 1]]).sum()) if len(ends) else 0
    pairs = [(tr("Edges among them"), f"{within:,}"), (tr("Edges to others"), f"{leaving:,}")]
    pairs.append((tr("Mean degree"), f"{attributes.degree[mask].mean():.1f}"))
    for key in (CORRECT, SPLIT):
        one = attributes.get(key)
        if one is not None and one.kind == "category":
            counts = np.bincount(one.codes()[mask] + 1, minlength=len(one.categories) + 1)[1:]
            words = [f"{count:,} {name}" for name, count in zip(one.categories, counts, strict=True) if count]
            pairs.append((one.title, ", ".join(words) or "–"))
    return pairs


def of_graph(dataset: DatasetFrame, run: RunFrame | None) -> list[Pair]:
    """Return the size of the graph, its pieces, and what is predicted."""
    if dataset.is_collection:
        return _of_collection(dataset, run)
    card = dataset.summary.get("card") or {}
    pairs = [(tr("Nodes"), f"{dataset.num_nodes:,}"), (tr("Edges"), f"{dataset.num_edges:,}")]
    directed = bool(dataset.summary.get("directed"))
    pairs.append((tr("Direction"), tr("directed") if directed else tr("undirected")))
    pieces = card.get("components") or {}
    if pieces:
        largest = tr("{count}, the largest of {nodes} nodes", count=pieces["count"], nodes=pieces["largest"])
        pairs.append((tr("Components"), largest if pieces["count"] > 1 else f"{pieces['count']}"))
    if card.get("isolated"):
        pairs.append((tr("Without an edge"), f"{card['isolated']:,}"))
    degree = card.get("degree") or {}
    if degree:
        pairs.append((tr("Mean degree"), f"{degree['mean']:.1f}"))
        pairs.append((tr("Largest degree"), f"{degree['largest']:,}"))
    pairs.append((tr("Columns"), f"{len(dataset.nodes.columns):,}"))
    if run is not None and run.target is not None:
        pairs.append((tr("Predicted"), run.target))
    return pairs


def _of_collection(dataset: DatasetFrame, run: RunFrame | None) -> list[Pair]:
    molecules, sizes = dataset.are_molecules, dataset.sizes
    assert sizes is not None, "a collection knows how large its graphs are"
    pairs = [
        (tr("Molecules") if molecules else tr("Graphs"), f"{dataset.num_nodes:,}"),
        (tr("Atoms") if molecules else tr("Nodes"), f"{int(sizes.sum()):,}"),
        (tr("Bonds") if molecules else tr("Edges"), f"{dataset.num_edges:,}"),
    ]
    if len(sizes):
        mean = f"{sizes.mean():.1f}"
        size = tr("{low} to {high}, {mean} on average", low=int(sizes.min()), high=int(sizes.max()), mean=mean)
        pairs.append((tr("Size"), size))
    pairs.append((tr("Columns"), f"{len(dataset.nodes.columns):,}"))
    if run is not None and run.target is not None:
        pairs.append((tr("Predicted"), run.target))
    return pairs
