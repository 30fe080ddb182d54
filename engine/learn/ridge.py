"""A graph model without training: ridge regression on a node's own features and those of its neighbourhoods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.core.cancel import CancelToken
from engine.graph.batch import GraphBatch
from engine.graph.features import SparseFeatures
from engine.graph.products import SparseMap
from engine.learn.evaluation import evaluate_valid
from engine.learn.finetuning import Labels
from engine.learn.runtime import derived_seed
from engine.learn.tasks._base import FittedTask, Target
from engine.nn.ops import matmul

Channel = Literal["own", "near", "far", "difference"]
CHANNELS: tuple[Channel, ...] = ("own", "near", "far", "difference")

# From much to little, so that each solution starts the next one; in shares of the mean squared length of a row.
_STRENGTHS = (100.0, 10.0, 1.0, 0.1, 0.01)
_WITHOUT_VALID = 1.0
_MOST_ROUNDS = 60
_TOLERANCE = 1e-3
_PROBES = 8
# Nodes from which on the table is laid out, and the most bytes that it may take.
_LARGE = 50_000
_MOST_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class RidgeAnswer:
    """Logits of every node, shape [N, width] float32; the strength chosen on valid, and every metric on valid."""

    logits: NDArray[np.float32]
    strength: float
    valid: dict[str, float]


def ridge(
    batch: GraphBatch,
    labels: Labels,
    *,
    channels: Sequence[Channel] = CHANNELS,
    seed: int = 0,
    cancel: CancelToken | None = None,
) -> RidgeAnswer:
    """Solve for the train targets and choose the strength on valid.

    The features of a node are x ("own"), A x ("near"), A² x ("far") and x - A x ("difference", which keeps what
    sets a node apart from its neighbours), with A = D^-1/2 (A + I) D^-1/2, each channel scaled to rows of mean
    length 1 over the train nodes. The system is solved in the space of the train nodes by conjugate gradients, so
    that the table is never laid out and sparse features stay sparse.

    Args: batch: the whole graph. labels: task, targets and split; test targets are not looked at. seed: of the probes
        that measure the channels.
    Source: Hoerl and Kennard (1970), "Ridge regression: biased estimation for nonorthogonal problems"; the channels
        after Wu et al. (2019, SGC) and Luan et al. (2022), "Revisiting heterophily for graph neural networks".
    """
    token = cancel or CancelToken()
    task, rows = labels.task, torch.as_tensor(labels.rows("train"), device=batch.device)
    wanted, prior = _wanted(task, labels.target, labels.rows("train"))
    target = torch.as_tensor(wanted - prior, dtype=torch.float32, device=batch.device)
    token.check()
    table = _laid_out(batch, rows, channels) or _Table(batch, rows, channels, seed)
    token.check()
    best: tuple[float, RidgeAnswer] | None = None
    solution = torch.zeros_like(target)
    for strength in _STRENGTHS if len(labels.rows("valid")) else (_WITHOUT_VALID,):
        solution = _solved(_shifted(table, strength), target, solution, token)
        estimate = table.product(solution).cpu().numpy() + prior
        logits = task.to_logits(_shares(estimate) if task.kind != "regression" else estimate[:, 0])
        valid = evaluate_valid(task, logits, labels.target, labels.split)
        gain = valid.get(task.main_metric, -np.inf) * (1 if task.maximise else -1)
        if best is None or gain > best[0]:
            best = gain, RidgeAnswer(logits, strength, dict(valid))
    assert best is not None, "there are strengths to try"
    return best[1]


def _shifted(table: _Table | _LaidOut, strength: float) -> Callable[[Tensor], Tensor]:
    return lambda a: table.of_train(a) + strength * a


def _laid_out(batch: GraphBatch, rows: Tensor, channels: Sequence[Channel]) -> _LaidOut | None:
    """Return the table itself where the graph is large and its features are few and dense; None elsewhere."""
    x = batch.x
    if not isinstance(x, Tensor) or batch.num_nodes < _LARGE or 3 * x.numel() * x.element_size() > _MOST_BYTES:
        return None
    return _LaidOut(batch, x, rows, channels)


class _LaidOut:
    """The same features as `_Table`, propagated once: then the system needs the train rows alone."""

    def __init__(self, batch: GraphBatch, x: Tensor, rows: Tensor, channels: Sequence[Channel]) -> None:
        operator = batch.propagation("gcn").forward
        near = operator.product(x)
        self._parts = (x, near, operator.product(near))
        own, once, twice = (part.index_select(0, rows) for part in self._parts)
        train: dict[Channel, Tensor] = {"own": own, "near": once, "far": twice, "difference": own - once}
        self._train = {name: part for name, part in train.items() if name in channels and bool(part.any())}
        self._factors = {name: len(rows) / part.square().sum() for name, part in self._train.items()}

    def of_train(self, a: Tensor) -> Tensor:
        """Return Z_train Z_trainᵀ a with a constant feature beside, [train rows, C]. Args: a: [train rows, C]."""
        parts = (part @ (self._factors[name] * (part.t() @ a)) for name, part in self._train.items())
        return sum(parts, a.sum(dim=0).expand_as(a))

    def product(self, a: Tensor) -> Tensor:
        """Return the same for every node, [N, C]."""
        x, near, far = self._parts
        none = a.new_zeros(x.shape[1], a.shape[1])
        w = {name: self._factors[name] * (part.t() @ a) for name, part in self._train.items()}
        own, once, twice, apart = (w.get(name, none) for name in CHANNELS)
        return x @ (own + apart) + near @ (once - apart) + far @ twice + a.sum(dim=0)


class _Table:
    """The features Z [N, channels · F] that are never laid out: only products with them are made."""

    def __init__(self, batch: GraphBatch, rows: Tensor, channels: Sequence[Channel], seed: int) -> None:
        self._operator = batch.propagation("gcn")
        self._x = batch.x
        self._turned = _transposed(batch.x)
        self._rows = rows
        self._factors = dict.fromkeys(CHANNELS, 0.0)
        draw = torch.Generator().manual_seed(derived_seed(seed, "ridge"))
        signs = (torch.randint(0, 2, (len(rows), _PROBES), generator=draw).float() * 2 - 1).to(batch.device)
        # E |Zᵀ s|² over random signs s is the sum of the squared lengths of the train rows (Hutchinson 1990).
        for name, part in self._gathered(signs).items():
            length = part.square().sum().item() / (_PROBES * len(rows))
            self._factors[name] = 1.0 / length if name in channels and length > 0 else 0.0

    def product(self, a: Tensor) -> Tensor:
        """Return Z Z_trainᵀ a with a constant feature beside, shape [N, C]. Args: a: [train rows, C]."""
        w = {name: part * self._factors[name] for name, part in self._gathered(a).items()}
        own = matmul(self._x, w["own"] + w["difference"])
        near = matmul(self._x, w["near"] - w["difference"])
        far = self._operator.forward.product(matmul(self._x, w["far"]))
        return own + self._operator.forward.product(near + far) + a.sum(dim=0)

    def of_train(self, a: Tensor) -> Tensor:
        """Return the rows of the train nodes of the same, [train rows, C]."""
        return self.product(a)[self._rows]

    def _gathered(self, a: Tensor) -> dict[Channel, Tensor]:
        """Return Zᵀ a of each channel, [F, C]."""
        spread = a.new_zeros(self._x.shape[0], a.shape[1])
        spread[self._rows] = a
        near = self._operator.backward.product(spread)
        own, once, twice = (self._turned(part) for part in (spread, near, self._operator.backward.product(near)))
        return {"own": own, "near": once, "far": twice, "difference": own - once}


def _transposed(x: Tensor | SparseFeatures) -> Callable[[Tensor], Tensor]:
    """Return what multiplies by the transposed features."""
    if isinstance(x, Tensor):
        return lambda part: x.t() @ part
    turned = x.pattern.turned()
    values = x.values[turned.order]
    return SparseMap(turned.pattern.indptr, turned.pattern.indices, x.pattern.num_rows, values=values).product


def _solved(product: Callable[[Tensor], Tensor], wanted: Tensor, start: Tensor, cancel: CancelToken) -> Tensor:
    """Solve a symmetric positive system for each column by conjugate gradients (Hestenes and Stiefel 1952)."""
    solution = start.clone()
    rest = wanted - product(solution)
    way, left = rest.clone(), rest.square().sum(dim=0)
    enough = _TOLERANCE**2 * wanted.square().sum(dim=0)
    for _ in range(_MOST_ROUNDS):
        cancel.check()
        if bool((left <= enough).all()):
            break
        moved = product(way)
        step = left / (way * moved).sum(dim=0).clamp(min=torch.finfo(way.dtype).tiny)
        solution += step * way
        rest -= step * moved
        before, left = left, rest.square().sum(dim=0)
        way = rest + way * (left / before.clamp(min=torch.finfo(way.dtype).tiny))
    return solution


def _wanted(task: FittedTask, target: Target, rows: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the train targets, classes as one column each, and their mean."""
    if task.kind == "regression":
        wanted = np.asarray(target[rows], dtype=np.float64)[:, None]
    else:
        wanted = np.eye(task.width)[target[rows].astype(np.int64)]
    return wanted, wanted.mean(axis=0)


def _shares(estimate: NDArray[Any]) -> NDArray[Any]:
    """Bring estimates of ones and zeros into probabilities; their order in a row stays."""
    kept = np.clip(estimate, 1e-3, None)
    return np.asarray(kept / kept.sum(axis=1, keepdims=True))
