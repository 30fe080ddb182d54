"""What every floor answers: logits for all nodes, chosen on valid, scored like any model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.core.cancel import CancelToken
from engine.core.component import Component
from engine.core.events import EventSink, silent
from engine.data.items import Items, Level
from engine.graph.graph import Graph
from engine.learn.evaluation import evaluate_test, evaluate_valid
from engine.learn.finetuning import Labels
from engine.learn.tasks._base import FittedTask


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a floor may use.

    Args:
        graph: the edges; of a collection those of all its graphs.
        x: the items' own features, shape [I, F] float32, numpy or scipy CSR; None when there are none (features made
            from the graph are not the nodes' own). Of a whole graph: its size, sums and means over its nodes.
        items: the nodes or graphs with their columns; None where nobody has named them.
    """

    graph: Graph
    x: Any  # Any: numpy array, scipy CSR matrix (untyped) or None
    items: Items | None = None

    @property
    def level(self) -> Level:
        """Whether nodes or whole graphs are predicted."""
        return "node" if self.items is None else self.items.level

    def smiles(self) -> NDArray[np.object_] | None:
        """Return the SMILES of each item, [I] object, None where the items are no molecules."""
        return None if self.items is None else self.items.smiles()


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """Scores of a floor on valid and test; `chosen` says in plain values what valid decided."""

    valid: Mapping[str, float]
    test: Mapping[str, float]
    chosen: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON values

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return the result as JSON values."""
        return {"valid": dict(self.valid), "test": dict(self.test), "chosen": dict(self.chosen)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a floor predicts: logits of all items, shape [I, width], and what was chosen."""

    logits: NDArray[np.float32]
    chosen: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON values


class Baseline(Component):
    """Base of all floors. A floor has no options of its own: it is a yardstick, so it must not be tuned by hand.

    `levels` says whether it knows an answer for nodes, for whole graphs, or for both.

    Args: config: an empty Config.
    """

    levels: ClassVar[frozenset[Level]] = frozenset({"node", "graph"})

    def __init__(self, config: Any) -> None:  # Any: the subclass's own Config
        self.config = config

    @classmethod
    def suits(cls, evidence: Evidence, task: FittedTask) -> bool:
        """Say whether this floor can be laid here."""
        return evidence.level in cls.levels and task.kind != "sequence"

    def answer(self, evidence: Evidence, labels: Labels, *, seed: int, sink: EventSink, cancel: CancelToken) -> Answer:
        """Predict every item from train targets; choose anything there is to choose on valid."""
        raise NotImplementedError

    def score(
        self,
        evidence: Evidence,
        labels: Labels,
        *,
        seed: int,
        sink: EventSink = silent,
        cancel: CancelToken | None = None,
    ) -> BaselineResult:
        """Return the floor's scores on valid and test, by the same functions as every model's."""
        answer = self.answer(evidence, labels, seed=seed, sink=sink, cancel=cancel or CancelToken())
        parts = (labels.task, answer.logits, labels.target, labels.split)
        return BaselineResult(evaluate_valid(*parts), evaluate_test(*parts), answer.chosen)


def gain_on_valid(labels: Labels, logits: NDArray[np.float32]) -> float:
    """Return the main metric on valid with the sign that makes more better; minus infinity where undefined."""
    scores = evaluate_valid(labels.task, logits, labels.target, labels.split)
    value = scores.get(labels.task.main_metric)
    if value is None:
        return -np.inf
    return value if labels.task.maximise else -value


def train_prior(labels: Labels) -> NDArray[np.float64]:
    """Return what the train items say to somebody who looks at nothing else; see `FittedTask.prior`."""
    return labels.task.prior(labels.target[labels.rows("train")])
