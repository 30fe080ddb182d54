"""What a run found: every finished training scored on test once, the numbers put side by side, files written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.analysis.audit import audit
from engine.core.atomic import write_json
from engine.core.cancel import CancelToken
from engine.core.events import ArtefactWritten, EventSink, Notice
from engine.data.splits._base import Split
from engine.infer.calibration import Calibration, calibrate, judge
from engine.infer.embedder import embedding_table, item_vectors
from engine.infer.predictor import prediction_table
from engine.jobs._answers import Answers, Scored
from engine.jobs._pieces import Material, Piece, read_json, read_manifest
from engine.jobs._tables import write_csv, write_parquet
from engine.jobs._training import Training
from engine.learn.verdict import Findings, Verdict, verdict


class Results:
    """Collects a run's numbers and writes its files.

    Args: material, training: as the run had them. environment: of the machine. sink: hears of each file.
        cancel: checked between the parts of long work.
    """

    def __init__(
        self,
        material: Material,
        training: Training,
        environment: Mapping[str, Any],  # Any: JSON values
        sink: EventSink,
        cancel: CancelToken,
    ) -> None:
        self._material = material
        self._training = training
        self._environment = environment
        self._sink = sink
        self._cancel = cancel
        self._answers = Answers(material, training, cancel)

    def write(self) -> dict[str, Any]:  # Any: JSON values
        """Score, choose, write predictions, embeddings, report and metrics; metrics come last and tell of the rest."""
        scored = self._answers.all()
        metrics = self._metrics(scored)
        chosen = self._choose(scored)
        if chosen is not None:
            self._write_tables(chosen, self._final(scored), metrics)
        found = self._verdict(scored)
        metrics["verdict"] = None if found is None else found.sentence
        metrics["verdict_parts"] = None if found is None else found.to_plain()
        write_json(self._material.run.path / "metrics.json", metrics)
        self._sink(ArtefactWritten("metrics", "metrics.json"))
        return metrics

    def _final(self, scored: Sequence[Scored]) -> list[Scored]:
        """Return the trainings that the recipe asks for; without pretrained ones yet, those from scratch."""
        wanted = "finetune" if self._training.uses_pretrained and not self._transfer_hurts(scored) else "scratch"
        return [one for one in scored if one.stage == wanted] or list(scored)

    def _transfer_hurts(self, scored: Sequence[Scored]) -> bool:
        """Whether an encoder of another graph is worse on valid than none, as it often is; then none is used."""
        if self._material.recipe.transfer is None or not scored:
            return False
        task = scored[0].piece.labels.task
        means = {}
        for kind in ("scratch", "pretrained"):
            values = [
                one.valid[task.main_metric] for one in scored if one.kind == kind and task.main_metric in one.valid
            ]
            if not values:
                return False
            means[kind] = float(np.mean(values))
        gain = means["pretrained"] - means["scratch"]
        return gain < 0 if task.maximise else gain > 0

    def _choose(self, scored: Sequence[Scored]) -> Scored | None:
        """Return the one that is best on valid; the first of equals, and of those without a valid score."""
        best: Scored | None = None
        best_gain = -np.inf
        for one in self._final(scored):
            task = one.piece.labels.task
            value = one.valid.get(task.main_metric)
            gain = -np.inf if value is None else (value if task.maximise else -value)
            if best is None or gain > best_gain:
                best, best_gain = one, gain
        return best

    def _metrics(self, scored: Sequence[Scored]) -> dict[str, Any]:  # Any: JSON values
        pieces = self._training.pieces
        task = pieces[0].labels.task
        metric = task.main_metric
        recipe = self._material.recipe
        final = self._final(scored)
        chosen = self._choose(scored)
        return {
            "version": 1,
            "task": {"type": recipe.task.type, "target": task.target_name, "kind": task.kind},
            "metric": metric,
            "maximise": task.maximise,
            "encoder": recipe.encoder.type,
            "objective": recipe.pretrain.type if recipe.pretrain else None,
            "strategy": recipe.finetune.type,
            "transfer": self._transfer(final),
            "device": self._environment["device"],
            "seeds": list(recipe.runtime.seeds),
            "splits": list(dict.fromkeys(piece.split.name for piece in pieces)),
            "sizes": _sizes(pieces),
            "valid": _spread(one.valid.get(metric) for one in final),
            "test": _spread(one.test.get(metric) for one in final),
            "all": {
                "valid": _spreads([one.valid for one in final]),
                "test": _spreads([one.test for one in final]),
            },
            "floors": self._floors(metric),
            "probe": self._probe("pretrained", metric),
            "random_init_probe": self._probe("random_init", metric),
            "comparison": self._comparison(scored, metric),
            "runs": [_row(one) for one in scored],
            "chosen": None
            if chosen is None
            else {"split": chosen.piece.split.name, "seed": chosen.piece.seed, "kind": chosen.kind},
            "stopped": self._training.stopped,
            "data": self._material.dataset.fingerprint,
            "history": self._histories(),
            "ensemble": None,
            "out_of_fold": None,
            "calibration": None,
            "audit": None,
            "pruning": self._prunings(),
        }

    def _floors(self, metric: str) -> dict[str, Any]:  # Any: JSON values
        folders = dict.fromkeys(piece.floors_folder for piece in self._training.pieces)
        found = [floors for folder in folders if (floors := read_json(folder / "floors.json")) is not None]
        names = found[0] if found else {}
        return {
            name: {
                **{part: _spread(floors[name][part].get(metric) for floors in found) for part in ("valid", "test")},
                "chosen": [floors[name]["chosen"] for floors in found],
            }
            for name in names
        }

    def _probe(self, name: str, metric: str) -> dict[str, Any] | None:  # Any: JSON values
        found = [read_json(piece.folder / "probe.json") for piece in self._training.pieces]
        scores = [probe[name] for probe in found if probe is not None]
        if not scores:
            return None
        return {
            **{part: _spread(one[part].get(metric) for one in scores) for part in ("valid", "test")},
            "each": [one["test"].get(metric) for one in scores],
        }

    def _comparison(self, scored: Sequence[Scored], metric: str) -> dict[str, Any] | None:  # Any: JSON values
        """Pair scratch and pretrained of the same split and seed; None without a pair."""
        pairs = self._pairs(scored, metric)
        if not pairs:
            return None
        differences = [both["pretrained"] - both["scratch"] for both in pairs]
        return {
            "scratch": _spread(both["scratch"] for both in pairs),
            "pretrained": _spread(both["pretrained"] for both in pairs),
            "paired_difference": _spread(differences),
            "differences": differences,
        }

    def _pairs(self, scored: Sequence[Scored], metric: str) -> list[dict[str, float]]:
        by_place: dict[tuple[str, int], dict[str, float]] = {}
        for one in scored:
            value = one.test.get(metric)
            if value is not None:
                by_place.setdefault((one.piece.split.name, one.piece.seed), {})[one.kind] = value
        return [both for both in by_place.values() if len(both) == 2]

    def _verdict(self, scored: Sequence[Scored]) -> Verdict | None:
        """Set the final trainings against their own floors; None when none of them has a test score."""
        final = self._final(scored)
        if not final:
            return None
        task = final[0].piece.labels.task
        metric = task.main_metric
        there = [one for one in final if metric in one.test]
        if not there:
            return None
        both = self._pairs(scored, metric)
        split = there[0].piece.split
        return verdict(
            Findings(
                model=self._material.parts.encoder.label,
                metric=metric,
                scores=[one.test[metric] for one in there],
                test_items=int((split.test & task.known(there[0].piece.labels.target)).sum()),
                floors=self._floor_scores(there, metric),
                scratch=[one["scratch"] for one in both],
                pretrained=[one["pretrained"] for one in both],
                kind="value" if task.kind == "regression" else "class",
                runs_are=_differ_in(there),
                uses_edges=self._material.parts.encoder.uses_edges,
                transferred=self._material.recipe.transfer is not None,
            )
        )

    def _floor_scores(self, scored: Sequence[Scored], metric: str) -> dict[str, list[float]]:
        """Return each floor's test score beside each training; a floor that says nothing here is left out."""
        found: dict[str, list[float]] = {}
        for one in scored:
            for name, floor in (read_json(one.piece.floors_folder / "floors.json") or {}).items():
                if metric in floor["test"]:
                    found.setdefault(name, []).append(floor["test"][metric])
        if self._material.own_features is None:
            found.pop("features_only", None)
        return {name: scores for name, scores in found.items() if len(scores) == len(scored)}

    def _transfer(self, final: Sequence[Scored]) -> dict[str, Any] | None:  # Any: JSON values
        """Return where the encoders were carried over from, and whether they are used; None without a transfer."""
        manifests = (read_manifest(piece.pretrain_folder) for piece in self._training.pieces)
        facts = next((found["transfer"] for found in manifests if found is not None and "transfer" in found), None)
        if facts is None:
            return None
        return {**facts, "used": any(one.kind == "pretrained" for one in final)}

    def _prunings(self) -> list[dict[str, Any]]:  # Any: JSON values
        """Return what each split and seed leaves out of the graph; nothing where that was not asked for."""
        stored = [(piece, read_json(piece.floors_folder / "pruning.json")) for piece in self._training.pieces]
        return [
            {"split": piece.split.name, "seed": piece.seed, **plain} for piece, plain in stored if plain is not None
        ]

    def _histories(self) -> list[str]:
        folder = self._material.run.path
        return sorted(path.relative_to(folder).as_posix() for path in folder.glob("seeds/*/*/history.json"))

    def _write_tables(self, chosen: Scored, final: Sequence[Scored], metrics: dict[str, Any]) -> None:
        # Any: JSON values
        folder, data = self._material.run.path, self._material.dataset.data
        items = data.items
        labels = chosen.piece.labels
        together = self._answers.together(chosen, final)
        metrics["ensemble"] = None if together is None else together.to_plain()
        members = together.members if together is not None and together.used else [chosen]
        logits = self._answers.logits(members)
        self._cancel.check()
        metrics["audit"] = [one.to_plain(items.ids) for one in audit(data, labels, logits)]
        self._cancel.check()
        calibration = self._calibration(members, logits, metrics)
        self._cancel.check()
        unseen = self._answers.out_of_fold(final)
        if unseen is not None:
            metrics["out_of_fold"] = unseen.judge(unseen.task.encode(self._material.values))
        self._write_predictions(chosen, logits, calibration, None if unseen is None else unseen.columns())
        graph = self._training.batch(chosen.piece)
        vectors = item_vectors(self._answers.model(chosen), graph, self._cancel)
        id_name = self._material.id_name
        write_parquet(
            len(vectors),
            lambda a, b: embedding_table(vectors[a:b], items.ids[a:b], id_name),
            folder / "embeddings.parquet",
            self._cancel,
        )
        write_json(folder / "schema.json", self._material.dataset.schema.to_plain())
        write_json(folder / "task.json", labels.task.to_plain())
        report = self._report(chosen, logits)
        write_json(folder / "report.json", report)
        metrics["report"] = report
        metrics["confusion"] = report["test"].get("confusion")
        for kind, name in (
            ("predictions", "predictions.csv"),
            ("predictions", "predictions.parquet"),
            ("embeddings", "embeddings.parquet"),
            ("report", "report.json"),
        ):
            self._sink(ArtefactWritten(kind, name))

    def _write_predictions(
        self,
        chosen: Scored,
        logits: NDArray[np.float32],
        calibration: Calibration | None,
        unseen: Mapping[str, NDArray[Any]] | None,  # Any: text or numbers
    ) -> None:
        """Write both tables of predictions; the table of millions of rows is gone before more memory is needed."""
        folder, labels, items = self._material.run.path, chosen.piece.labels, self._material.dataset.data.items
        facts = (labels.task, logits, items, labels.split)
        table = prediction_table(*facts, id_name=self._material.id_name, calibration=calibration, unseen=unseen)
        write_csv(table, folder / "predictions.csv", self._cancel)
        write_parquet(len(table), lambda a, b: table[a:b], folder / "predictions.parquet", self._cancel)

    def _calibration(
        self,
        members: Sequence[Scored],
        logits: NDArray[np.float32],
        metrics: dict[str, Any],  # Any: JSON values
    ) -> Calibration | None:
        """Fit, judge on test and write what predicting for new files needs; None where it is not asked for."""
        after, labels = self._material.recipe.after, members[0].piece.labels
        path = self._material.run.path / "calibration.json"
        if not after.calibrate or labels.task.kind == "sequence":
            path.unlink(missing_ok=True)
            return None
        facts = (labels.target, labels.split)
        found = calibrate(labels.task, logits, *facts, after.coverage)
        metrics["calibration"] = judge(found, labels.task, logits, *facts)
        new = found
        if self._material.recipe.labels.reuse or any(one.smoothing is not None for one in members):
            # Nodes of other files have no train labels around them, so their answers come without these.
            new = calibrate(labels.task, self._answers.logits(members, smoothed=False), *facts, after.coverage)
        write_json(path, {"own": found.to_plain(), "new": new.to_plain()})
        return found

    def _report(self, chosen: Scored, logits: NDArray[np.float32]) -> dict[str, Any]:  # Any: JSON values
        labels = chosen.piece.labels
        parts = {}
        for part in ("valid", "test"):
            rows = getattr(labels.split, part) & labels.task.known(labels.target)
            parts[part] = labels.task.report(logits[rows], labels.target[rows]) if rows.any() else {}
        told = {"split": labels.split.name, "seed": chosen.piece.seed, "kind": chosen.kind, **parts}
        similarity = self._similarity(labels.split)
        return told if similarity is None else {**told, "similarity": similarity}

    def _similarity(self, split: Split) -> dict[str, Any] | None:  # Any: JSON values
        """Say of molecules how near those of the test are to train; None of anything else."""
        smiles = self._material.dataset.data.items.smiles()
        if smiles is None or not split.test.any() or not split.train.any():
            return None
        from engine.data.chem.similarity import similarity_to_train

        parts = (smiles[split.train].tolist(), smiles[split.test].tolist())
        found = similarity_to_train(*parts, cancel=self._cancel).to_plain()
        text = " ".join(found["sentences"])
        self._sink(Notice("info", "molecules.similarity", text, {"quantiles": found["quantiles"]}))
        return found


def _row(one: Scored) -> dict[str, Any]:  # Any: JSON values
    return {
        "split": one.piece.split.name,
        "seed": one.piece.seed,
        "kind": one.kind,
        "valid": dict(one.valid),
        "test": dict(one.test),
        "best_epoch": one.manifest["best_epoch"],
        "epochs": one.manifest["epochs"],
        "moved": one.manifest["moved"],
        "status": one.manifest["status"],
        "reason": one.manifest["reason"],
        "seconds": one.manifest["seconds"],
        "smoothing": None if one.smoothing is None else one.smoothing.to_plain(),
        **({} if one.averaged is None else {"snapshots": one.averaged.to_plain()}),
    }


def _sizes(pieces: Sequence[Piece]) -> list[dict[str, Any]]:  # Any: JSON values
    """Return how many labelled items each part of each split has."""
    found: dict[str, dict[str, Any]] = {}  # Any: JSON values
    for piece in pieces:
        known = piece.labels.task.known(piece.labels.target)
        masks = {part: getattr(piece.split, part) for part in ("train", "valid", "test")}
        counts = {part: int((mask & known).sum()) for part, mask in masks.items()}
        found.setdefault(piece.split.name, {"split": piece.split.name, **counts})
    return list(found.values())


def _spread(values: Iterable[float | None]) -> dict[str, Any] | None:  # Any: JSON values
    """Return mean and sample standard deviation (0 of a single value) of what is there; None of nothing."""
    there = [float(value) for value in values if value is not None]
    if not there:
        return None
    std = float(np.std(there, ddof=1)) if len(there) > 1 else 0.0
    return {"mean": float(np.mean(there)), "std": std, "count": len(there)}


def _spreads(scores: Sequence[Mapping[str, float]]) -> dict[str, Any]:  # Any: JSON values
    names = dict.fromkeys(name for one in scores for name in one)
    return {name: _spread(one.get(name) for one in scores) for name in names}


def _differ_in(scored: Sequence[Scored]) -> Literal["seeds", "splits", "runs"]:
    """Say what several trainings differ in."""
    names = {one.piece.split.name for one in scored}
    if len(names) == 1:
        return "seeds"
    return "splits" if len({one.piece.seed for one in scored}) == 1 else "runs"
