"""What a regime is told from: the train labels along the edges, and a model solved at once with and without them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray

from engine.core.cancel import CancelToken
from engine.graph.batch import GraphBatch
from engine.graph.features import SparseFeatures
from engine.graph.graph import Graph
from engine.learn.baselines._base import Evidence
from engine.learn.baselines.features_only import FeaturesOnly
from engine.learn.finetuning import Labels
from engine.learn.ridge import CHANNELS, ridge

# Measured by `python -m tests.golden.regimes`.
FEW_LABELS = 40
# Fewer pairs of labelled neighbours say nothing; then nodes two edges apart are asked.
_LEAST_PAIRS = 40
# Nodes and stored edges beyond which the closed form would keep somebody waiting, and deep models far longer.
_MOST_ENTRIES = 4_000_000
_MOST_PAIRS = 200_000
_SHUFFLES = 60
# Standard errors from which on labels along edges are taken as no accident.
_SURE = 4.0
# What edges have to add to the closed form, in standard errors, to count.
CLEAR = 2.0


@dataclass(frozen=True, slots=True)
class Signals:
    """What a regime is told from; no test target takes part.

    Args:
        is_class: whether the target names classes. classes: how many. train_labels: labelled nodes that train.
        degree: mean number of neighbours. is_large: whether the graph is too large for deep models on all of it.
        own_features: whether nodes bring features of their own; those made from the graph know the edges already.
        alike: adjusted homophily of the train labels, for numbers their assortativity; None when too few pairs of
            labelled nodes are joined. chance: how much it varies among shuffled labels. pairs: how many pairs it
            rests on. two_steps: whether these have a common neighbour instead of an edge.
        metric: the main metric. with_edges, without_edges: what the closed form reaches on valid, with a sign that
            makes more better; None where it was not asked. noise: their difference's standard error.
        linear: whether a linear model of the features alone is better on valid than a small network; asked only
            where edges say nothing.
    """

    is_class: bool
    classes: int
    train_labels: int
    degree: float = 0.0
    is_large: bool = False
    own_features: bool = True
    alike: float | None = None
    chance: float = 0.0
    pairs: int = 0
    two_steps: bool = False
    metric: str = ""
    with_edges: float | None = None
    without_edges: float | None = None
    noise: float = 0.0
    linear: bool = False

    @property
    def few(self) -> bool:
        """Whether labels are as few as in the semi-supervised benchmarks."""
        return self.is_class and self.train_labels <= FEW_LABELS * max(1, self.classes)

    def may_be_alike(self, least: float) -> bool:
        """Whether neighbours are alike to more than `least`, with the benefit of the doubt of one standard error."""
        return self.alike is None or self.alike + self.chance > least

    @property
    def gain(self) -> float | None:
        """What edges add to the closed form, in standard errors; None where it was not asked."""
        if self.with_edges is None or self.without_edges is None:
            return None
        return (self.with_edges - self.without_edges) / max(self.noise, 1e-9)

    @property
    def are_edges_mute(self) -> bool:
        """Whether neither the train labels nor the closed form show that the edges say anything."""
        if not self.own_features or self.gain is None or self.gain > CLEAR:
            return False
        if self.alike is None:
            # Where labels are too far apart to be compared, any gain speaks for the edges.
            return self.gain <= 0
        return abs(self.alike) < _SURE * self.chance


def measure(
    graph: Graph, batch: GraphBatch, labels: Labels, *, own_features: bool = True, cancel: CancelToken | None = None
) -> Signals:
    """Look at the train labels along the edges, and at what the closed form reaches on valid with and without edges.

    Args: graph, batch: the same graph. labels: those of the first split. own_features: see `Signals`.
    """
    task, train = labels.task, labels.rows("train")
    is_class = task.kind != "regression"
    known = np.zeros(graph.num_nodes, dtype=bool)
    known[train] = True
    pairs = _pairs(graph, known)
    two_steps = len(pairs) < _LEAST_PAIRS and graph.num_edges <= _MOST_ENTRIES
    if two_steps:
        pairs = _far_pairs(graph, known)
    alike, chance = _alike(pairs, labels.target, train, is_class=is_class)
    with_edges = without_edges = None
    noise = 0.0
    if graph.num_edges + graph.num_nodes <= _MOST_ENTRIES and len(labels.rows("valid")):
        with_edges, without_edges, noise = _closed_form(batch, labels, cancel or CancelToken())
    found = Signals(
        is_class=is_class,
        classes=task.width if is_class else 0,
        train_labels=len(train),
        degree=graph.num_edges / max(1, graph.num_nodes),
        is_large=graph.num_edges + graph.num_nodes > _MOST_ENTRIES,
        own_features=own_features,
        alike=alike,
        chance=chance,
        pairs=len(pairs),
        two_steps=two_steps,
        metric=task.main_metric,
        with_edges=with_edges,
        without_edges=without_edges,
        noise=noise,
    )
    return replace(found, linear=_is_linear(graph, batch, labels)) if found.are_edges_mute else found


def _is_linear(graph: Graph, batch: GraphBatch, labels: Labels) -> bool:
    """Return whether the features-only floor is a linear model: it tries both and takes the better one on valid."""
    x: Any = batch.x.cpu().numpy() if isinstance(batch.x, torch.Tensor) else _as_csr(batch.x)
    floor = FeaturesOnly(FeaturesOnly.parse({}))
    return floor.score(Evidence(graph, x), labels, seed=0).chosen.get("model") == "linear"


def _as_csr(x: SparseFeatures) -> Any:  # Any: scipy.sparse has no types
    parts = (x.values.cpu().numpy(), x.pattern.indices.cpu().numpy(), x.pattern.indptr.cpu().numpy())
    return sp.csr_matrix(parts, shape=tuple(x.shape))


def _pairs(graph: Graph, known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the pairs of joined train nodes, shape [P, 2], each once; no node with itself."""
    rows = np.flatnonzero(known)
    starts, counts = graph.indptr[rows], np.diff(graph.indptr)[rows]
    target = np.repeat(rows, counts)
    within = np.arange(len(target)) - np.repeat(np.cumsum(counts) - counts, counts)
    source = graph.indices[np.repeat(starts, counts) + within].astype(np.int64)
    kept = known[source] & (source != target)
    low, high = np.minimum(source, target)[kept], np.maximum(source, target)[kept]
    low, high = np.divmod(np.unique(low * graph.num_nodes + high), graph.num_nodes)
    return _some(np.stack([low, high], axis=1))


def _far_pairs(graph: Graph, known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the pairs of train nodes with a common neighbour, shape [P, 2]."""
    rows = np.flatnonzero(known)
    ones = np.ones(graph.num_edges, dtype=np.float32)
    matrix = sp.csr_matrix((ones, graph.indices, graph.indptr), shape=(graph.num_nodes, graph.num_nodes))[rows]
    found = sp.triu(matrix @ matrix.T, k=1).tocoo()
    return _some(np.stack([rows[found.row], rows[found.col]], axis=1).astype(np.int64))


def _some(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the pairs, or as many of them at random as are enough."""
    if len(pairs) <= _MOST_PAIRS:
        return pairs
    return pairs[np.random.default_rng(0).choice(len(pairs), _MOST_PAIRS, replace=False)]


def _alike(
    pairs: NDArray[np.int64], target: NDArray[Any], train: NDArray[np.int64], *, is_class: bool
) -> tuple[float | None, float]:
    """Return how alike joined train nodes are, and how much that varies when their labels are shuffled."""
    if len(pairs) < _LEAST_PAIRS // 2:
        return None, 0.0
    score = _homophily if is_class else _correlation
    value = score(pairs, target)
    if value is None:
        return None, 0.0
    draw = np.random.default_rng(0)
    shuffled = target.copy()
    by_chance = []
    for _ in range(_SHUFFLES):
        shuffled[train] = target[draw.permutation(train)]
        by_chance.append(score(pairs, shuffled) or 0.0)
    return value, float(np.std(by_chance))


def _homophily(pairs: NDArray[np.int64], target: NDArray[Any]) -> float | None:
    """Return the adjusted homophily of some pairs; see `engine.analysis.homophily`."""
    ends = target[pairs].astype(np.int64)
    chance = float(((np.bincount(ends.ravel()) / ends.size) ** 2).sum())
    share = float((ends[:, 0] == ends[:, 1]).mean())
    return (share - chance) / (1 - chance) if chance < 1 - 1e-12 else None


def _correlation(pairs: NDArray[np.int64], target: NDArray[Any]) -> float | None:
    """Return the correlation of the numbers at both ends; see `engine.analysis.assortativity`."""
    ends = target[np.concatenate([pairs, pairs[:, ::-1]])].astype(np.float64)
    return float(np.corrcoef(ends.T)[0, 1]) if np.ptp(ends) > 0 else None


def _closed_form(batch: GraphBatch, labels: Labels, cancel: CancelToken) -> tuple[float, float, float]:
    """Return the main metric on valid with and without edges, more being better, and their difference's error."""
    task, rows = labels.task, labels.rows("valid")
    sign = 1.0 if task.maximise else -1.0
    target = task.tensor(labels.target[rows], torch.device("cpu"))
    both = [
        torch.from_numpy(ridge(batch, labels, channels=channels, cancel=cancel).logits[rows])
        for channels in (CHANNELS, ("own",))
    ]
    draw = torch.Generator().manual_seed(0)
    apart = []
    for _ in range(_SHUFFLES):
        some = torch.randint(0, len(rows), (len(rows),), generator=draw)
        near, own = (task.main_score(logits[some], target[some]) for logits in both)
        apart.append(near - own)
    near, own = (sign * task.main_score(logits, target) for logits in both)
    return near, own, float(np.nanstd(apart))
