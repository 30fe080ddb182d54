"""What the trained models of a run answer: one by one, brought into line with their neighbours, and together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.cancel import CancelToken
from engine.infer.ensemble import average
from engine.infer.out_of_fold import Answer, OutOfFold, out_of_fold
from engine.infer.smoothing import Smoothing, best_smoothing, correct_and_smooth
from engine.jobs._pieces import Material, Piece, read_manifest
from engine.jobs._training import Training
from engine.learn.baselines.label_spreading import symmetric_operator
from engine.learn.evaluation import evaluate_test, evaluate_valid
from engine.learn.finetuning import predict_logits
from engine.learn.metrics import softmax
from engine.learn.verdict import shown
from engine.nn.model import Model
from engine.project import checkpoint
from engine.project.parts import strategy_of

_KINDS = {"scratch": "scratch", "finetune": "pretrained"}


@dataclass(frozen=True, slots=True)
class Averaged:
    """Whether several of the best epochs of a training answer as one.

    Args: used: whether their average predicts. count: epochs, the best among them. valid_alone, valid_together: scores
        of the best epoch and of the average.
    """

    used: bool
    count: int
    valid_alone: Mapping[str, float]
    valid_together: Mapping[str, float]

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return `{used, count, valid_alone, valid_together}`."""
        return {
            "used": self.used,
            "count": self.count,
            "valid_alone": dict(self.valid_alone),
            "valid_together": dict(self.valid_together),
        }


@dataclass(frozen=True, slots=True)
class Scored:
    """One finished training: where it came from, its scores, and what valid chose: smoothing, several epochs."""

    piece: Piece
    stage: str
    manifest: Mapping[str, Any]  # Any: JSON values
    valid: Mapping[str, float]
    test: Mapping[str, float]
    smoothing: Smoothing | None = None
    averaged: Averaged | None = None

    @property
    def kind(self) -> str:
        """`scratch` or `pretrained`."""
        return _KINDS[self.stage]


@dataclass(frozen=True, slots=True)
class Together:
    """Several trainings of one split that answer as one.

    Args: members: of the same masks and kind. valid, test: scores of their average. best: the member that is best on
        valid. used: whether the average predicts.
    """

    members: Sequence[Scored]
    valid: Mapping[str, float]
    test: Mapping[str, float]
    best: Scored
    used: bool

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return `{split, members, valid, test, used, sentence}`."""
        return {
            "split": self.best.piece.split.name,
            "members": [{"seed": one.piece.seed, "kind": one.kind} for one in self.members],
            "valid": dict(self.valid),
            "test": dict(self.test),
            "used": self.used,
            "sentence": self._sentence(),
        }

    def _sentence(self) -> str:
        metric = self.best.piece.labels.task.main_metric
        texts = []
        for part, ours in (("valid", self.valid), ("test", self.test)):
            theirs = [getattr(one, part)[metric] for one in self.members if metric in getattr(one, part)]
            if metric in ours and theirs:
                alone = shown(float(np.mean(theirs)), metric)
                texts.append(f"{shown(ours[metric], metric)} on {part} (each alone {alone} on average)")
        name = metric.replace("_", " ")
        use = "It predicts" if self.used else "The best single model predicts"
        scores = f" reach {name} {' and '.join(texts)}" if texts else " cannot be scored here"
        return f"The {len(self.members)} seeds together{scores}. {use}."


class Answers:
    """Asks the models of a run.

    Args: material, training: as the run had them. cancel: checked between the parts of long work.
    """

    def __init__(self, material: Material, training: Training, cancel: CancelToken) -> None:
        self._material = material
        self._cancel = cancel
        self._training = training
        # Scoring and writing ask the same model one after the other, which takes seconds on large data.
        self._last: tuple[tuple[object, ...], NDArray[np.float32]] | None = None

    def all(self) -> list[Scored]:
        """Return every finished training with its scores; test is scored here, once."""
        found = []
        for piece in self._training.pieces:
            for stage in self._training.kinds():
                manifest = read_manifest(piece.folder / stage)
                if manifest is not None and manifest["best_epoch"] > 0:
                    found.append(self._score(piece, stage, manifest))
        return found

    def model(self, one: Scored) -> Model:
        """Return the trained model, on the device."""
        return self._load(one.piece, one.stage)

    def logits(self, members: Sequence[Scored], *, smoothed: bool = True) -> NDArray[np.float32]:
        """Return what one training, or several together, answer for every node, shape [N, width].

        Args: smoothed: as scored; False leaves out what nodes of new files have not: smoothing, and labels as columns.
        """
        return average(members[0].piece.labels.task, (self._answer(one, smoothed) for one in members))

    def together(self, chosen: Scored, final: Sequence[Scored]) -> Together | None:
        """Average the trainings that share the masks of the chosen one; None with a single one, or when not asked.

        Seeds that draw a split of their own do not mix: one would answer for nodes that it was trained on.
        """
        wanted = self._material.recipe.after.ensemble
        members = [one for one in final if one.piece.floors_folder == chosen.piece.floors_folder]
        if wanted == "off" or len(members) < 2:
            return None
        labels = chosen.piece.labels
        facts = (labels.task, self.logits(members), labels.target, labels.split)
        valid, test = evaluate_valid(*facts), evaluate_test(*facts)
        metric, sign = labels.task.main_metric, 1.0 if labels.task.maximise else -1.0
        wins = metric in valid and sign * valid[metric] >= sign * chosen.valid.get(metric, -sign * np.inf)
        return Together(members, valid, test, chosen, wanted == "on" or wins)

    def out_of_fold(self, final: Sequence[Scored]) -> OutOfFold | None:
        """Put together what the folds say of items they did not see; None without several folds.

        Args: final: the trainings that the run is judged by.
        """
        is_kfold = self._material.recipe.split.type == "kfold"
        if not is_kfold or len({one.piece.split.name for one in final}) < 2:
            return None
        tasks = [one.piece.labels.task for one in final]
        each = (Answer(one.piece.labels.task, one.piece.split, self.logits([one])) for one in final)
        return out_of_fold(each, max(tasks, key=lambda task: len(task.class_names)))

    def _score(self, piece: Piece, stage: str, manifest: Mapping[str, Any]) -> Scored:  # Any: JSON values
        labels = piece.labels
        logits = self._epochs(piece, stage, together=False)
        valid: Mapping[str, float] = manifest["valid"]
        averaged = self._average(piece, stage, manifest)
        if averaged is not None and averaged.used:
            logits, valid = self._epochs(piece, stage, together=True), averaged.valid_together
        setting = None
        if self._material.recipe.after.smooth == "auto":
            best = best_smoothing(self._operator, logits, labels)
            setting, logits = best.setting, best.logits
            if setting is not None:
                valid = evaluate_valid(labels.task, logits, labels.target, labels.split)
        test = evaluate_test(labels.task, logits, labels.target, labels.split)
        return Scored(piece, stage, manifest, valid, test, setting, averaged)

    def _average(self, piece: Piece, stage: str, manifest: Mapping[str, Any]) -> Averaged | None:  # Any: JSON values
        """Try the average of the best epochs on valid; None where only one was kept.

        Source: after Huang et al. (2017), "Snapshot ensembles: train 1, get M for free"; the epochs are the best on
            valid instead of the ends of a cyclic schedule.
        """
        others = manifest.get("runners_up")
        if not others:
            return None
        labels, alone = piece.labels, manifest["valid"]
        logits = self._epochs(piece, stage, together=True)
        together = evaluate_valid(labels.task, logits, labels.target, labels.split)
        metric, sign = labels.task.main_metric, 1.0 if labels.task.maximise else -1.0
        wins = metric in together and metric in alone and sign * together[metric] > sign * alone[metric]
        return Averaged(wins, 1 + len(others), alone, together)

    def _epochs(self, piece: Piece, stage: str, *, together: bool, told: bool = True) -> NDArray[np.float32]:
        """Return what the best epoch of a training answers, or all that were kept together, shape [N, width]."""
        asked = (piece.folder, stage, together, told)
        if self._last is not None and self._last[0] == asked:
            return self._last[1]
        model, batch = self._load(piece, stage), self._training.batch(piece, told=told)
        states = checkpoint.load_snapshots(piece.folder / stage) if together else []

        def each() -> Iterator[NDArray[np.float32]]:
            yield predict_logits(model, batch, self._cancel)
            for state in states:
                model.load_state_dict(state)
                yield predict_logits(model, batch, self._cancel)

        self._last = asked, average(piece.labels.task, each())
        return self._last[1]

    def _answer(self, one: Scored, smoothed: bool) -> NDArray[np.float32]:
        together = one.averaged is not None and one.averaged.used
        logits = self._epochs(one.piece, one.stage, together=together, told=smoothed)
        if one.smoothing is None or not smoothed:
            return logits
        shares = correct_and_smooth(self._operator, softmax(logits), one.piece.labels, one.smoothing)
        return one.piece.labels.task.to_logits(shares)

    @cached_property
    def _operator(self) -> Any:  # Any: scipy.sparse has no types
        return symmetric_operator(self._material.dataset.data.graph)

    def _load(self, piece: Piece, stage: str) -> Model:
        model = self._training.new_model(piece)
        stored = checkpoint.load(piece.folder / stage)
        strategy_of(stored.manifest).extend(model)
        model.load_state_dict(dict(stored.tensors))
        return model
