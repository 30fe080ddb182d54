"""The floor of molecules that knows what chemists calculate: descriptors of the whole molecule."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.core.cancel import CancelToken
from engine.core.events import EventSink
from engine.data.chem.asking import descriptors
from engine.data.items import Level
from engine.learn.baselines._base import Answer, Baseline, Evidence
from engine.learn.finetuning import Labels
from engine.learn.tabular import Candidate, best_on_valid, filled_and_scaled
from engine.learn.tasks._base import FittedTask

# 9 ms a molecule: beyond this a floor would take longer than what it is a yardstick for.
_MOST = 20_000
_STRENGTHS = (0.001, 0.01, 0.1, 1.0)
_ROUNDS = 300
_MOST_BOOSTED = 5  # targets up to which trees are boosted for each


class Descriptors(Baseline):
    """Sizes, charges, areas, rings and functional groups of a molecule, about 200 numbers, without its graph.

    The better on valid of a linear model (logistic or ridge regression, strength chosen on valid) and of boosted trees.
    What cannot be calculated counts as train's median in the linear model and as unknown in the trees; scales are those
    of train. For tables of up to 20,000 molecules; trees for up to five targets, each of which has its own model.

    Source: RDKit's descriptors; that they are hard to beat on small sets is the finding of Jiang et al., J.
    Cheminformatics 13 (2021). Boosting by histograms as in Ke et al. (2017), LightGBM.
    """

    key = "descriptors"
    label = "Descriptors of the whole molecule"
    levels: ClassVar[frozenset[Level]] = frozenset({"graph"})

    @classmethod
    def suits(cls, evidence: Evidence, task: FittedTask) -> bool:
        """Say whether the items are molecules, and not too many."""
        smiles = evidence.smiles() if super().suits(evidence, task) else None
        return smiles is not None and len(smiles) <= _MOST

    def answer(self, evidence: Evidence, labels: Labels, *, seed: int, sink: EventSink, cancel: CancelToken) -> Answer:
        """Fit each model and keep the one that is best on valid."""
        smiles = evidence.smiles()
        assert smiles is not None
        raw = descriptors(smiles.tolist(), cancel=cancel, sink=sink).values
        scaled = filled_and_scaled(raw, labels.rows("train"))
        is_value = labels.task.kind == "regression"
        candidates = [_linear(scaled, strength, is_value=is_value, seed=seed) for strength in _STRENGTHS]
        if labels.target.ndim == 1 or labels.target.shape[1] <= _MOST_BOOSTED:
            candidates.append(_boosted(raw, is_value=is_value, seed=seed))
        return best_on_valid(candidates, labels, cancel)


def _linear(x: NDArray[np.float32], strength: float, *, is_value: bool, seed: int) -> Candidate:
    from sklearn.linear_model import LogisticRegression, Ridge

    model: Any  # Any: scikit-learn has no types
    if is_value:
        model = Ridge(alpha=1 / strength)
    else:
        model = LogisticRegression(C=strength, max_iter=300, tol=1e-3, random_state=seed)
    return Candidate(model, x, {"model": "linear", "strength": strength}, takes_several=is_value)


def _boosted(x: NDArray[np.float32], *, is_value: bool, seed: int) -> Candidate:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if is_value else HistGradientBoostingClassifier
    model = kind(max_iter=_ROUNDS, learning_rate=0.05, early_stopping=False, random_state=seed)
    return Candidate(model, x, {"model": "boosted trees", "rounds": _ROUNDS})
