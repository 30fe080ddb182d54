"""The floor of writing: the next token by the two before it, whatever the molecule is."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.core.cancel import CancelToken
from engine.core.events import EventSink
from engine.data.items import Level
from engine.learn.baselines._base import Answer, Baseline, Evidence, gain_on_valid
from engine.learn.finetuning import Labels
from engine.learn.tasks._base import FittedTask

_ADDED = (0.001, 0.01, 0.1, 1.0)


class Trigram(Baseline):
    """Say each token as often as it follows the two before it in train: p(c | a, b) = (n_abc + k) / (n_ab + k V).

    k is chosen on valid among .001, .01, .1 and 1; V counts the tokens that can be said. What a model's likelihood is
    beyond this one comes from the graph, or from a longer memory.

    Source: add-k smoothing as in Jurafsky and Martin (2009), "Speech and language processing", section 4.5.
    """

    key = "trigram"
    label = "Two tokens before"
    levels: ClassVar[frozenset[Level]] = frozenset({"graph"})

    @classmethod
    def suits(cls, evidence: Evidence, task: FittedTask) -> bool:
        """Say yes to sequences alone."""
        return task.kind == "sequence"

    def answer(self, evidence: Evidence, labels: Labels, *, seed: int, sink: EventSink, cancel: CancelToken) -> Answer:
        """Count in train, and say how likely every item's tokens are."""
        tokens = labels.target.astype(np.int64)
        size = int(tokens.max()) + 1
        # Begin stands twice before the first token.
        before = np.concatenate([tokens[:, :1], tokens[:, :-2]], axis=1)
        pair = before * size + tokens[:, :-1]
        triple = pair * size + tokens[:, 1:]
        is_said = tokens[:, 1:] > 0
        train = np.zeros(len(tokens), dtype=bool)
        train[labels.rows("train")] = True
        counted = is_said & train[:, None]
        pairs = np.bincount(pair[counted], minlength=size**2)
        triples = np.bincount(triple[counted], minlength=size**3)
        can_be_said = size - 2  # neither padding nor begin
        best: Answer | None = None
        best_gain = -np.inf
        for added in _ADDED:
            cancel.check()
            chance = (triples[triple] + added) / (pairs[pair] + added * can_be_said)
            answer = Answer(np.where(is_said, np.log(chance), 0.0).astype(np.float32), {"k": added})
            gain = gain_on_valid(labels, answer.logits)
            if best is None or gain > best_gain:
                best, best_gain = answer, gain
        assert best is not None, "there is something to add"
        return best
