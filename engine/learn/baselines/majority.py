"""The floor that looks at nothing: the most frequent class, or the mean."""

from __future__ import annotations

import numpy as np

from engine.core.cancel import CancelToken
from engine.core.events import EventSink
from engine.learn.baselines._base import Answer, Baseline, Evidence, train_prior
from engine.learn.finetuning import Labels


class Majority(Baseline):
    """Give every node the train items' class shares, so the most frequent class wins; or their mean value.

    Source: the ZeroR rule (Witten, Frank and Hall 2011, section 4.1).
    """

    key = "majority"
    label = "Most frequent class or mean"

    def answer(self, evidence: Evidence, labels: Labels, *, seed: int, sink: EventSink, cancel: CancelToken) -> Answer:
        """Repeat the same answer for all nodes."""
        prior = train_prior(labels)
        count = len(labels.target)
        logits = labels.task.to_logits(np.tile(prior, (count, 1)))
        if labels.task.class_names:
            return Answer(logits, {"class": labels.task.class_names[int(prior.argmax())]})
        return Answer(logits, {"mean": float(prior[0])} if len(prior) == 1 else {"means": prior.tolist()})
