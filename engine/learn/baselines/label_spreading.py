"""The floor that knows the edges and the train labels, and no features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.core.cancel import CancelToken
from engine.core.events import EventSink
from engine.data.items import Level
from engine.graph.graph import Graph
from engine.graph.products import SparseMap
from engine.learn.baselines._base import Answer, Baseline, Evidence, gain_on_valid, train_prior
from engine.learn.finetuning import Labels

_ALPHAS = (0.5, 0.8, 0.9, 0.95, 0.99)
_MOST_ROUNDS = 200
_TOLERANCE = 1e-4
_PIECE = 65_536
#: Tables up to this size are spread whole.
TOGETHER_BYTES = 128 << 20


class LabelSpreading(Baseline):
    """Let the train labels spread along the edges: F ← α S F + (1 - α) Y, with S = D^-1/2 A D^-1/2, no features.

    α is chosen on valid. A node that no label reaches gets the train items' class shares, or their mean. Numbers
    spread in the same way as values and as ones; their ratio is the weighted mean of the train values. A directed
    edge spreads both ways, since the floor asks only who is joined to whom.

    Source: Zhou et al. (2004), "Learning with local and global consistency", equation of step 3.
    """

    key = "label_spreading"
    label = "Label spreading on the graph alone"
    levels: ClassVar[frozenset[Level]] = frozenset({"node"})

    def answer(self, evidence: Evidence, labels: Labels, *, seed: int, sink: EventSink, cancel: CancelToken) -> Answer:
        """Spread with each α and keep the one that is best on valid."""
        train = labels.rows("train")
        prior = train_prior(labels)
        start = np.zeros((len(labels.target), 2 if labels.task.kind == "regression" else labels.task.width))
        if labels.task.kind == "regression":
            start[train] = np.stack([labels.target[train] - prior[0], np.ones(len(train))], axis=1)
        else:
            start[train, labels.target[train]] = 1.0
        best: tuple[float, Answer] | None = None
        operator = spreading_map(evidence.graph)
        for alpha, spread in _spread_all(operator, start, cancel):
            cancel.check()
            answer = Answer(labels.task.to_logits(_estimate(spread, prior, labels)), {"alpha": alpha})
            gain = gain_on_valid(labels, answer.logits)
            if best is None or gain > best[0]:
                best = gain, answer
        assert best is not None
        return best[1]


def spreading_map(graph: Graph) -> SparseMap:
    """Return what `symmetric_operator` does, without a number for each entry where none is needed."""
    if graph.weight is None and not graph.directed:
        degree = np.maximum(graph.degree(), 1).astype(np.float64)
        indptr, indices = torch.as_tensor(graph.indptr), torch.as_tensor(graph.indices)
        return SparseMap(indptr, indices, graph.num_nodes, scale=torch.from_numpy(degree**-0.5))
    matrix = symmetric_operator(graph)
    matrix.sort_indices()
    indptr, indices = (torch.from_numpy(a.astype(t)) for a, t in ((matrix.indptr, "int64"), (matrix.indices, "int32")))
    return SparseMap(indptr, indices, graph.num_nodes, values=torch.from_numpy(matrix.data))


def symmetric_operator(graph: Graph) -> Any:  # Any: scipy.sparse has no types
    """Return D^-1/2 A D^-1/2 as scipy CSR, shape [N, N]; an edge counts in both directions, isolated rows are 0."""
    weight = np.ones(graph.num_edges) if graph.weight is None else np.abs(graph.weight.astype(np.float64))
    matrix = sp.csr_matrix((weight, graph.indices, graph.indptr), shape=(graph.num_nodes, graph.num_nodes))
    if graph.directed:
        matrix = matrix + matrix.T
    degree = np.asarray(matrix.sum(axis=1)).ravel()
    root = np.divide(1.0, np.sqrt(degree), out=np.zeros_like(degree), where=degree > 0)
    return sp.diags(root) @ matrix.tocsr() @ sp.diags(root)


def _spread_all(
    operator: SparseMap, start: NDArray[np.float64], cancel: CancelToken
) -> Iterator[tuple[float, NDArray[np.floating]]]:
    """Yield each α with what it ends in; of a large table some columns at a time, kept in single precision.

    All α share the products, and each needs a table of its own while they go on.
    """
    if start.nbytes <= TOGETHER_BYTES:
        yield from _spread(operator, start, _ALPHAS, cancel)
        return
    whole = {alpha: np.empty(start.shape, np.float32) for alpha in _ALPHAS}
    step = max(1, start.shape[1] * TOGETHER_BYTES // start.nbytes)
    for first in range(0, start.shape[1], step):
        some = slice(first, first + step)
        for alpha, spread in _spread(operator, np.ascontiguousarray(start[:, some]), _ALPHAS, cancel):
            whole[alpha][:, some] = spread
    for alpha in _ALPHAS:
        yield alpha, whole.pop(alpha)


def _spread(
    operator: SparseMap, start: NDArray[np.float64], alphas: Sequence[float], cancel: CancelToken
) -> Iterator[tuple[float, NDArray[np.float64]]]:
    """Yield each α with what it ends in: the step is repeated until nothing moves by more than the tolerance.

    After t steps F = α^t S^t Y + (1 - α) (Y + α S Y + … + α^(t-1) S^(t-1) Y), so every α shares the products S^t Y.
    """
    power = torch.from_numpy(start)
    sums = {alpha: torch.zeros_like(power) for alpha in alphas}
    for rounds in range(_MOST_ROUNDS):
        cancel.check()
        following = operator.product(power)
        # The largest number by which the step moves F is alpha^(t+1) times this.
        moved = _largest_move(following, power)
        for alpha in list(sums):
            sums[alpha].add_(power, alpha=(1 - alpha) * alpha**rounds)
            if alpha ** (rounds + 1) * moved < _TOLERANCE * (1 - alpha) or rounds + 1 == _MOST_ROUNDS:
                yield alpha, sums.pop(alpha).add_(following, alpha=alpha ** (rounds + 1)).numpy()
        power = following
        if not sums:
            return


def _largest_move(following: Tensor, power: Tensor) -> float:
    """Return the largest difference of two tables [N, C], without a third of their size."""
    pieces = zip(following.split(_PIECE), power.split(_PIECE), strict=True)
    return max((float((a - b).abs().max()) for a, b in pieces if a.numel()), default=0.0)


def _estimate(spread: NDArray[np.floating], prior: NDArray[np.float64], labels: Labels) -> NDArray[np.float64]:
    """Turn what arrived into probabilities [N, C] or values [N]."""
    if labels.task.kind == "regression":
        reached = spread[:, 1] > 0
        share = np.divide(spread[:, 0], spread[:, 1], out=np.zeros(len(spread)), where=reached)
        return np.asarray(share + prior[0])
    mass = spread.sum(axis=1, keepdims=True)
    return np.where(mass > 0, spread / np.where(mass > 0, mass, 1.0), prior)
