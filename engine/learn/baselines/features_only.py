"""The floor that knows the items' own features, and no edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, Notice
from engine.data.splits._base import Split
from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.learn.baselines._base import Answer, Baseline, Evidence, gain_on_valid, train_prior
from engine.learn.finetuning import Labels, finetune, predict_logits
from engine.learn.options import OptimiserOptions, TrainingOptions
from engine.learn.runtime import derived_seed
from engine.learn.strategies.scratch import Scratch
from engine.learn.trainer import Stage, Watch
from engine.nn.encoders.mlp import MLP
from engine.nn.model import Model

_STRENGTHS = (0.1, 1.0, 10.0, 100.0)
_MOST_ROUNDS = 200
_WIDTH = 64
_EPOCHS = 200
_PATIENCE = 50
_PATIENCE_OF_MANY = 20
_MANY = 5000


class FeaturesOnly(Baseline):
    """Learn from each item's own features, without the edges: the better of a linear model and a small MLP.

    The linear model is a logistic regression (for numbers a ridge regression) whose strength is chosen on valid; the
    MLP has one hidden layer of 64, dropout .5, Adam .01, weight decay 5e-4 on the first layer, at most 200 epochs,
    its epoch chosen on valid. Which of the two counts is chosen on valid too. Sparse features stay sparse. A whole
    graph is described by its size and by the sums and means of its nodes' features. Without features a node gets the
    answer of the majority floor, and a notice says so.

    Source: the MLP row of Kipf and Welling (2017), table 2, and the advice of Shchur et al. (2018), "Pitfalls of
    graph neural network evaluation", to print both.
    """

    key = "features_only"
    label = "Features without the edges"

    def answer(self, evidence: Evidence, labels: Labels, *, seed: int, sink: EventSink, cancel: CancelToken) -> Answer:
        """Train both and keep the one that is better on valid."""
        if evidence.x is None:
            sink(
                Notice(
                    "info",
                    "baseline.no_features",
                    "The nodes have no features of their own, so the features-only floor is the majority floor.",
                )
            )
            prior = train_prior(labels)
            return Answer(labels.task.to_logits(np.tile(prior, (len(labels.target), 1))), {"model": "majority"})
        linear = _linear(evidence.x, labels, seed, cancel)
        cancel.check()
        perceptron = _perceptron(evidence.x, labels, seed, cancel)
        return perceptron if gain_on_valid(labels, perceptron.logits) > gain_on_valid(labels, linear.logits) else linear


def _linear(x: Any, labels: Labels, seed: int, cancel: CancelToken) -> Answer:  # Any: numpy or untyped scipy CSR
    scaled = MaxAbsScaler().fit_transform(x) if sp.issparse(x) else StandardScaler().fit_transform(x)
    valid = labels.rows("valid")
    chosen = Labels(labels.task, labels.target[valid], _all_valid(labels.split.name, len(valid)))
    best: tuple[float, Any, float] | None = None
    for strength in _STRENGTHS:
        cancel.check()
        model = _fitted(scaled, labels, strength, seed)
        # Which strength counts is decided by valid alone; the others need no answer before that.
        gain = gain_on_valid(chosen, _logits(model, scaled[valid], labels)) if len(valid) else 0.0
        if best is None or gain > best[0]:
            best = gain, model, strength
    assert best is not None
    return Answer(_logits(best[1], scaled, labels), {"model": "linear", "strength": best[2]})


def _all_valid(name: str, count: int) -> Split:
    none = np.zeros(count, bool)
    return Split(name, none, ~none, none)


def _fitted(x: Any, labels: Labels, strength: float, seed: int) -> list[Any]:  # Any: scipy, scikit-learn: no types
    """Return one model, or one for each column of several targets."""
    train, target = labels.rows("train"), labels.target[labels.rows("train")]
    found = []
    for column in np.reshape(target, (len(train), -1)).T:
        known = labels.task.known(column) if target.ndim == 1 else ~np.isnan(column)
        if labels.task.kind == "regression":
            model: Any = Ridge(alpha=1 / strength, solver="lsqr" if sp.issparse(x) else "cholesky")
        else:
            model = LogisticRegression(C=strength, max_iter=_MOST_ROUNDS, tol=1e-3, random_state=seed)
        found.append(model.fit(x[train[known]], column[known]))
    return found


def _logits(models: list[Any], x: Any, labels: Labels) -> NDArray[np.float32]:  # Any: scipy, scikit-learn: no types
    if labels.task.kind == "regression":
        return labels.task.to_logits(np.stack([model.predict(x) for model in models], axis=1).astype(np.float64))
    shares = [np.asarray(model.predict_proba(x), dtype=np.float64) for model in models]
    return labels.task.to_logits(shares[0] if labels.target.ndim == 1 else np.stack([s[:, 1] for s in shares], axis=1))


def _perceptron(x: Any, labels: Labels, seed: int, cancel: CancelToken) -> Answer:  # Any: numpy or untyped scipy CSR
    features = x if sp.issparse(x) else StandardScaler().fit_transform(x).astype(np.float32)
    # Without edges no node needs another: only those that teach or choose are computed in every epoch.
    needed = np.sort(np.concatenate([labels.rows("train"), labels.rows("valid")]))
    part = Split(labels.split.name, labels.split.train[needed], labels.split.valid[needed], np.zeros(len(needed), bool))
    stage = Stage(
        "features_only",
        _training(len(needed)),
        OptimiserOptions(rate=0.01, weight_decay=5e-4, decay_on="first_layer"),
        seed=seed,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "features_only"))
        batch = _without_edges(features[needed])
        model = Model(MLP(MLP.parse({"width": _WIDTH}), batch.in_width), labels.task.width)
        own = Labels(labels.task, labels.target[needed], part)
        done = finetune(model, batch, own, Scratch(Scratch.parse({})), stage, Watch(cancel=cancel))
    return Answer(predict_logits(model, _without_edges(features)), {"model": "mlp", "epoch": done.fit.best_epoch})


def _training(rows: int) -> TrainingOptions:
    """Many rows need fewer looks: each epoch teaches more, and costs more."""
    if rows > _MANY:
        return TrainingOptions(epochs=_EPOCHS, patience=_PATIENCE_OF_MANY, evaluate_every=2)
    return TrainingOptions(epochs=_EPOCHS, patience=_PATIENCE)


def _without_edges(x: Any) -> GraphBatch:  # Any: numpy or untyped scipy CSR
    return GraphBatch.from_graph(Graph(np.zeros(x.shape[0] + 1, dtype=np.int64), np.zeros(0, dtype=np.int32)), x)
