"""The floor that is a graph model, solved at once."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import scipy.sparse as sp

from engine.core.cancel import CancelToken
from engine.core.events import EventSink
from engine.data.items import Level
from engine.graph.batch import GraphBatch
from engine.learn.baselines._base import Answer, Baseline, Evidence
from engine.learn.finetuning import Labels
from engine.learn.ridge import ridge


class RidgeFloor(Baseline):
    """Solve a linear graph model at once: ridge regression on own features, neighbourhoods, and what sets apart.

    The features of a node are x, A x, A² x and x - A x with A = D^-1/2 (A + I) D^-1/2; the strength is chosen on
    valid. Without features of their own the nodes are told apart by their places alone (x is the identity). It takes
    about a second, so it is also what one may look at before anything is trained.

    Source: Hoerl and Kennard (1970), "Ridge regression: biased estimation for nonorthogonal problems"; low- and
    high-pass channels as in Luan et al. (2022), "Revisiting heterophily for graph neural networks".
    """

    key = "ridge"
    label = "Linear graph model, solved at once"
    levels: ClassVar[frozenset[Level]] = frozenset({"node"})

    def answer(self, evidence: Evidence, labels: Labels, *, seed: int, sink: EventSink, cancel: CancelToken) -> Answer:
        """Solve with each strength and keep the one that is best on valid."""
        x = sp.identity(evidence.graph.num_nodes, dtype=np.float32, format="csr") if evidence.x is None else evidence.x
        found = ridge(GraphBatch.from_graph(evidence.graph, x), labels, seed=seed, cancel=cancel)
        return Answer(found.logits, {"strength": found.strength})
