"""The floor of molecules that is hard to beat: circular fingerprints and a random forest."""

from __future__ import annotations

from typing import ClassVar

from engine.core.cancel import CancelToken
from engine.core.events import EventSink
from engine.data.chem.asking import fingerprints, unpacked
from engine.data.items import Level
from engine.learn.baselines._base import Answer, Baseline, Evidence
from engine.learn.finetuning import Labels
from engine.learn.tabular import Candidate, best_on_valid
from engine.learn.tasks._base import FittedTask

_TREES = 200
_SHARES = ("sqrt", 0.1)


class FingerprintForest(Baseline):
    """Which substructures a molecule has, and a random forest on that: 200 trees on Morgan fingerprints.

    Radius 2 (ECFP4), 2,048 bits; how many of the bits each cut may choose from is chosen on valid, and is the root of
    their number where there are several targets. For tables of molecules only.

    Source: Rogers and Hahn (2010) for the fingerprints; Breiman (2001) for the forest; the pair is the usual yardstick
    of molecular property prediction (Jiang et al., J. Cheminformatics 13, 2021).
    """

    key = "fingerprint_forest"
    label = "Fingerprints and a random forest"
    levels: ClassVar[frozenset[Level]] = frozenset({"graph"})

    @classmethod
    def suits(cls, evidence: Evidence, task: FittedTask) -> bool:
        """Say whether the items are molecules."""
        return super().suits(evidence, task) and evidence.smiles() is not None

    def answer(self, evidence: Evidence, labels: Labels, *, seed: int, sink: EventSink, cancel: CancelToken) -> Answer:
        """Grow each forest and keep the one that is better on valid."""
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        smiles = evidence.smiles()
        assert smiles is not None
        x = unpacked(fingerprints(smiles.tolist(), cancel=cancel, sink=sink))
        kind = RandomForestRegressor if labels.task.kind == "regression" else RandomForestClassifier
        candidates = [
            Candidate(
                kind(_TREES, max_features=share, random_state=seed),
                x,
                {"trees": _TREES, "bits_per_cut": share},
                takes_several=True,
            )
            for share in (_SHARES if labels.target.ndim == 1 else _SHARES[:1])
        ]
        return best_on_valid(candidates, labels, cancel)
