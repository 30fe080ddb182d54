"""How much a frozen encoder knows: a linear model on its node vectors, chosen on valid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.core.cancel import CancelToken
from engine.learn.evaluation import evaluate_test, evaluate_valid
from engine.learn.finetuning import Labels
from engine.learn.runtime import derived_seed

# GraphMAE's linear evaluation: Adam .01, 300 epochs, best epoch on valid.
_EPOCHS = 300
_RATE = 0.01
_DECAYS = (0.0, 5e-4, 5e-3)
_LOOK_EVERY = 5
# Above this many multiplications an epoch, fewer epochs: with so many rows the answer is there long before.
_LARGE = 3e7
_LARGE_EPOCHS = 100
_ALPHAS = tuple(10.0**power for power in range(-4, 6))


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """Scores of a linear probe. `chosen` says what valid decided: weight decay, epoch, scaling."""

    valid: Mapping[str, float]
    test: Mapping[str, float]
    chosen: Mapping[str, float | str]


def linear_probe(
    embeddings: NDArray[np.float32], labels: Labels, *, seed: int, cancel: CancelToken | None = None
) -> ProbeResult:
    """Train a linear model on frozen node vectors and score it.

    Classes: logistic regression by Adam .01 over 300 epochs; weight decay, epoch, and whether rows are brought to unit
    length or columns standardised over all nodes (no target is involved) are chosen on valid by the main metric, ties
    by lower loss. The vectors as they are would be learnt at a speed that depends on their scale alone.
    Numbers: ridge regression on standardised columns, its penalty chosen on valid. Without a labelled valid node the
    first weight decay (or penalty 1) and the last epoch are taken.

    Args: embeddings: shape [N, H]. labels: task, target, split. seed: of the first weights. cancel: checked each epoch.
    Source: Veličković et al. (2019), section 4.2; Hou et al. (2022, GraphMAE), appendix A.
    """
    cancel = cancel or CancelToken()
    if labels.task.kind == "regression":
        logits, chosen = _ridge(embeddings.astype(np.float64), labels)
    else:
        logits, chosen = _logistic(embeddings, labels, seed, cancel)
    return ProbeResult(
        valid=evaluate_valid(labels.task, logits, labels.target, labels.split),
        test=evaluate_test(labels.task, logits, labels.target, labels.split),
        chosen=chosen,
    )


@dataclass(slots=True)
class _Best:
    """The best candidate so far: larger gain first, then lower loss."""

    gain: float = -np.inf
    loss: float = np.inf
    candidate: int = 0
    epoch: int = 0
    weight: Tensor | None = None
    bias: Tensor | None = None

    def beats(self, gain: float, loss: float) -> bool:
        return (gain, -loss) > (self.gain, -self.loss)


def _logistic(
    embeddings: NDArray[np.float32], labels: Labels, seed: int, cancel: CancelToken
) -> tuple[NDArray[np.float32], dict[str, float | str]]:
    generator = torch.Generator().manual_seed(derived_seed(seed, "probe"))
    versions = {"unit_rows": unit_rows(embeddings), "standardised": standardised(embeddings)}
    best, scaling, first = _Best(), "", True
    for name, x in versions.items():
        found = _train(torch.from_numpy(np.ascontiguousarray(x)), labels, generator, cancel)
        if first or best.beats(found.gain, found.loss):
            best, scaling, first = found, name, False
    assert best.weight is not None
    assert best.bias is not None
    logits = torch.from_numpy(versions[scaling]) @ best.weight + best.bias
    return logits.numpy(), {
        "weight_decay": _DECAYS[best.candidate],
        "epoch": best.epoch,
        "scaling": scaling,
    }


def _train(x: Tensor, labels: Labels, generator: torch.Generator, cancel: CancelToken) -> _Best:
    """Train one linear model for each weight decay side by side and keep the best on valid."""
    task = labels.task
    train, valid = (torch.from_numpy(labels.rows(part)) for part in ("train", "valid"))
    target = task.tensor(labels.target, x.device)
    x_train, y_train, x_valid, y_valid = x[train], target[train], x[valid], target[valid]
    width, count = x.shape[1], len(_DECAYS)
    bound = (6 / (width + task.width)) ** 0.5  # Glorot and Bengio (2010), uniform
    start = (torch.rand(width, task.width, generator=generator) * 2 - 1) * bound
    weights = [start.clone().requires_grad_() for _ in range(count)]
    biases = [torch.zeros(task.width, requires_grad=True) for _ in range(count)]
    groups = [{"params": [w, b], "weight_decay": d} for w, b, d in zip(weights, biases, _DECAYS, strict=True)]
    optimiser = torch.optim.Adam(groups, lr=_RATE)
    epochs = _EPOCHS if x_train.numel() * task.width * count < _LARGE else _LARGE_EPOCHS
    best = _Best()
    for epoch in range(1, epochs + 1):
        cancel.check()
        optimiser.zero_grad()
        logits = x_train @ torch.cat(weights, dim=1) + torch.cat(biases)
        # The candidates share no weight, so the gradient of the sum is each one's own.
        losses = [task.loss(part, y_train) for part in logits.split(task.width, dim=1)]
        torch.stack(losses).sum().backward()
        optimiser.step()
        if not len(valid):
            if epoch == epochs:
                best = _Best(0.0, 0.0, 0, epoch, weights[0].detach().clone(), biases[0].detach().clone())
        elif epoch % _LOOK_EVERY == 0 or epoch == epochs:
            with torch.no_grad():
                shown = x_valid @ torch.cat(weights, dim=1) + torch.cat(biases)
            for number, part in enumerate(shown.split(task.width, dim=1)):
                gain, loss = _gain(labels, part, y_valid), task.loss(part, y_valid).item()
                if best.weight is None or best.beats(gain, loss):
                    kept = weights[number].detach().clone(), biases[number].detach().clone()
                    best = _Best(gain, loss, number, epoch, *kept)
    return best


def _gain(labels: Labels, logits: Tensor, target: Tensor) -> float:
    score = labels.task.main_score(logits, target)
    signed = score if labels.task.maximise else -score
    return signed if np.isfinite(signed) else -np.inf


def _ridge(embeddings: NDArray[np.float64], labels: Labels) -> tuple[NDArray[np.float32], dict[str, float | str]]:
    """Solve every penalty, column by column, from one decomposition of the train rows: x = U S Vᵀ."""
    x = standardised(embeddings)
    task, valid = labels.task, labels.rows("valid")
    target = np.reshape(labels.target, (len(labels.target), -1))
    solutions = [_solutions(x, column, labels) for column in target.T]
    best_gain, best_alpha, best = -np.inf, 1.0, np.zeros(0, dtype=np.float32)
    for alpha in _ALPHAS if len(valid) else (1.0,):
        logits = task.to_logits(np.stack([solve(alpha) for solve in solutions], axis=1))
        gain = 0.0
        if len(valid):
            gain = _gain(labels, torch.from_numpy(logits[valid]), torch.from_numpy(labels.target[valid]))
        if not len(best) or gain > best_gain:
            best_gain, best_alpha, best = gain, alpha, logits
    return best, {"alpha": best_alpha, "scaling": "standardised"}


def _solutions(
    x: NDArray[np.floating], column: NDArray[np.floating], labels: Labels
) -> Callable[[float], NDArray[np.float64]]:
    """Return what a penalty answers for every item, shape [I]; unknown targets teach nothing."""
    train = labels.rows("train")
    train = train[~np.isnan(column[train])]
    centre, mean = x[train].mean(axis=0), float(column[train].mean())
    u, s, vt = np.linalg.svd(x[train] - centre, full_matrices=False)
    projected = u.T @ (column[train] - mean)
    return lambda alpha: (x - centre) @ (vt.T @ (s / (s**2 + alpha) * projected)) + mean


def standardised(x: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return columns with zero mean and unit variance over all nodes; constant columns become zero."""
    scale = x.std(axis=0)
    return np.asarray((x - x.mean(axis=0)) / np.where(scale > 1e-12, scale, 1.0)).astype(x.dtype)


def unit_rows(x: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return rows of length one; rows of zeros stay."""
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(x / np.where(length > 0, length, 1.0)).astype(x.dtype)
