"""All trainings of a run, one split and seed after another; what is finished lies on disk and is not done again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.core.atomic import write_json
from engine.core.cancel import Cancelled, CancelToken
from engine.core.events import EventSink, Notice, StageStarted
from engine.core.fingerprint import of_plain
from engine.data.known import known_names
from engine.graph.batch import GraphBatch
from engine.infer.embedder import item_vectors
from engine.jobs._pieces import Material, Piece, is_finished, pieces, read_json
from engine.jobs._taken import pretrain_needs
from engine.jobs._transfer import Source
from engine.jobs._unlabelled import pretraining_batch
from engine.learn.baselines import BASELINES
from engine.learn.baselines._base import Evidence
from engine.learn.choosing import choose
from engine.learn.finetuning import Finetuned, Labels, finetune
from engine.learn.objectives._base import Objective
from engine.learn.pretraining import pretrain
from engine.learn.probe import ProbeResult, linear_probe
from engine.learn.pruning import Kind, Pruning, decide, prune
from engine.learn.reuse import with_labels, without_labels
from engine.learn.strategies._base import Strategy
from engine.learn.strategies.choose import Choose
from engine.learn.strategies.scratch import Scratch
from engine.learn.trainer import FitResult, Stage, Watch
from engine.nn.encoders._base import Encoder
from engine.nn.model import Model
from engine.project import checkpoint
from engine.project.parts import strategy_of, strategy_to_plain
from engine.project.recipe import StagePart


class Training:
    """Does what of a run is not done yet.

    Args: material: shared by all. sink, cancel: as the job has them.
    """

    def __init__(self, material: Material, sink: EventSink, cancel: CancelToken) -> None:
        self._material = material
        self._sink = sink
        self._cancel = cancel
        self._stage_number = 0
        self.pieces = list(pieces(material, sink))
        self._batches: dict[str, GraphBatch] = {"off": material.batch}
        self._source: Source | None = None
        self._pretraining: GraphBatch | None = None
        self.stopped = False
        self._plan = self._planned()

    @property
    def stage_count(self) -> int:
        """Number of stages of the whole run: reading, every training, and the evaluation."""
        return len(self._plan) + 2

    def all(self, *, until_pretrained: bool) -> None:
        """Do every stage in turn; Stop ends after the one that goes on.

        Args: until_pretrained: leave out what needs labels for training.
        """
        for name, piece, work in self._plan:
            self._stage_number += 1
            if until_pretrained and name in ("scratch", "finetune"):
                continue
            if self._cancel.is_stopping:
                self._cancel.check()
                self.stopped = True
                return
            self.announce(name, piece)
            work(piece)
            if self.stopped:
                return

    def announce(self, name: str, piece: Piece | None = None) -> None:
        """Tell that a stage begins."""
        number = self.stage_count - 1 if name == "evaluate" else self._stage_number
        seed, split = (piece.seed, piece.split.name) if piece else (None, None)
        self._sink(StageStarted(name, number, self.stage_count, seed, split))

    def kinds(self) -> list[str]:
        """Return the trainings each piece has: scratch, and finetune where there is a pretrained encoder to use."""
        return ["scratch", "finetune"] if self.uses_pretrained else ["scratch"]

    @property
    def uses_pretrained(self) -> bool:
        """Whether the strategy starts from a pretrained encoder."""
        return self._material.parts.objective is not None and self._material.parts.strategy.needs_pretrained

    def pruning(self, piece: Piece) -> Pruning:
        """Return which edges a piece's split leaves out; decided once for all pieces with the same masks."""
        noise, batch = self._material.recipe.noise, self._material.batch
        if noise.prune == "off" or self._material.own_features is None:
            return Pruning()
        path = piece.floors_folder / "pruning.json"
        stored = read_json(path)
        if stored is not None:
            return Pruning.from_plain(stored)
        if noise.prune == "auto":
            found = decide(batch, piece.labels, noise.threshold, seed=piece.seed, cancel=self._cancel)
        else:
            left = batch.num_edges - self._pruned(noise.prune).num_edges
            found = Pruning(noise.prune, noise.threshold, batch.num_edges, left)
        write_json(path, found.to_plain())
        self._sink(Notice("info", "run.pruning", found.sentence, {"kind": found.kind, "left_out": found.left_out}))
        return found

    def batch(self, piece: Piece, *, told: bool = True) -> GraphBatch:
        """Return the graph that a piece's models see.

        Args: told: where labels are columns, they are those of the train nodes; False leaves them at zero, as for new
            files.
        """
        found = self._pruned(self.pruning(piece).kind)
        found = piece.labels.task.told(found, piece.labels.target)
        if not self._material.recipe.labels.reuse:
            return found
        classes = len(piece.labels.task.class_names)
        return with_labels(found, piece.labels) if told else without_labels(found, classes)

    def _shared_batch(self) -> GraphBatch:
        """Return the graph that pretraining sees, which all splits share: what one split's valid says is not asked."""
        kind = self._material.recipe.noise.prune
        return self._pruned("off" if kind == "auto" or self._material.own_features is None else kind)

    def _pruned(self, kind: Kind) -> GraphBatch:
        if kind not in self._batches:
            self._batches[kind] = prune(self._material.batch, kind, self._material.recipe.noise.threshold)
        return self._batches[kind]

    def _planned(self) -> list[tuple[str, Piece, Callable[[Piece], None]]]:
        plan: list[tuple[str, Piece, Callable[[Piece], None]]] = []
        for piece in self.pieces:
            if piece.floors_folder == piece.folder:
                plan.append(("floors", piece, self._floors))
            if self._material.parts.objective is not None:
                if piece.pretrain_folder.parent == piece.folder:
                    plan.append(("pretrain", piece, self._pretrain))
                # A probe is a linear map, and no linear map writes.
                if piece.labels.task.kind != "sequence":
                    plan.append(("probe", piece, self._probe))
            plan.append(("scratch", piece, self._scratch))
            if self.uses_pretrained:
                plan.append(("finetune", piece, self._finetune))
        return plan

    def _floors(self, piece: Piece) -> None:
        path = piece.folder / "floors.json"
        if path.is_file():
            return
        data = self._material.dataset.data
        evidence = Evidence(data.graph, self._material.own_features, data.items)
        hurried = self._cancel.hurried()
        found = {}
        for baseline in BASELINES:
            if not baseline.suits(evidence, piece.labels.task):
                continue
            floor = baseline(baseline.parse({}))
            try:
                result = floor.score(evidence, piece.labels, seed=piece.seed, sink=self._sink, cancel=hurried)
            except Cancelled:
                # Half a floor says nothing: Stop leaves it out, and it is laid when the run goes on.
                self._cancel.check()
                self.stopped = True
                return
            found[baseline.key] = result.to_plain()
        write_json(path, found)

    def _pretrain(self, piece: Piece) -> None:
        folder, stage = piece.pretrain_folder, self._material.recipe.pretrain
        assert stage is not None
        assert self._material.parts.objective is not None
        if is_finished(folder):
            return
        if self._material.recipe.transfer is not None:
            self._carry_over(piece)
            return
        encoder = self._new_encoder(piece.seed)
        progress = checkpoint.ProgressFile(folder, self._material.run.path, self._sink)
        result = pretrain(
            encoder,
            self._material.parts.objective,
            self._pretraining_batch(self._material.parts.objective),
            _stage("pretrain", stage, piece),
            Watch(self._sink, self._cancel, progress, progress.load()),
            self._material.parts.loader,
        )
        needs = pretrain_needs(self._material.recipe, self._material.dataset.fingerprint, piece.seed)
        self._keep(folder, encoder.state_dict(), result, piece, {"needs": needs})
        self._ended(result, progress)

    def _pretraining_batch(self, objective: Objective) -> GraphBatch:
        """Return the graphs that pretraining sees, with what the objective wants to be known of them."""
        if self._pretraining is None:
            self._pretraining = pretraining_batch(
                self._material, self._shared_batch(), objective, sink=self._sink, cancel=self._cancel
            )
        return self._pretraining

    def _carry_over(self, piece: Piece) -> None:
        """Put another run's pretrained encoder where this graph's own would lie."""
        began = time.perf_counter()
        if self._source is None:
            dataset = self._material.dataset
            self._source = Source(self._material.recipe, dataset.schema, dataset.x, self._sink, self._cancel)
        parts = self._material.parts
        edge_width = self._material.batch.edge_width
        found = self._source.carried(piece.seed, lambda width: parts.new_encoder(width, 0, edge_width=edge_width))
        needs = of_plain([self._material.dataset.fingerprint, dict(found.facts)])
        result = FitResult(1, {}, (), "finished", "carried over", time.perf_counter() - began, found.state)
        self._keep(piece.pretrain_folder, found.state, result, piece, {"needs": needs, "transfer": dict(found.facts)})

    def _probe(self, piece: Piece) -> None:
        path = piece.folder / "probe.json"
        if path.is_file():
            return
        random, trained = self.new_model(piece), self.new_model(piece)
        trained.encoder.load_state_dict(dict(checkpoint.load(piece.pretrain_folder).tensors))
        try:
            found = {
                name: _probe_to_plain(self._probed(model, piece))
                for name, model in (("pretrained", trained), ("random_init", random))
            }
        except Cancelled:
            self._cancel.check()
            self.stopped = True
            return
        write_json(path, found)

    def _probed(self, model: Model, piece: Piece) -> ProbeResult:
        hurried = self._cancel.hurried()
        vectors = item_vectors(model, self._shared_batch(), hurried)
        return linear_probe(vectors, piece.labels, seed=piece.seed, cancel=hurried)

    def _scratch(self, piece: Piece) -> None:
        own = self._material.parts.strategy
        strategy = Scratch(Scratch.parse({})) if own.needs_pretrained else own
        self._train("scratch", piece, strategy, None)

    def scratch_only(self, piece: Piece) -> dict[str, Any]:  # Any: JSON values
        """Train a piece from scratch, which a search does with each of its trials; returns the manifest."""
        self._scratch(piece)
        return checkpoint.read_manifest(piece.folder / "scratch")

    def _finetune(self, piece: Piece) -> None:
        if is_finished(piece.folder / "finetune"):
            return
        weights = checkpoint.load(piece.pretrain_folder).tensors
        strategy = self._chosen_strategy(piece, weights)
        if strategy is not None:
            self._train("finetune", piece, strategy, weights)

    def _chosen_strategy(self, piece: Piece, weights: Mapping[str, Tensor]) -> Strategy | None:
        """Return the recipe's strategy, or the one it chooses for this piece, once; None when Stop came before."""
        own = self._material.parts.strategy
        if not isinstance(own, Choose):
            return own
        path, task = piece.folder / "choice.json", piece.labels.task
        kept = read_json(path)
        if kept is None:
            found = choose(
                own,
                lambda strategy, stage, watch: self._trained(piece, strategy, weights, stage, watch)[1],
                _stage("finetune", self._material.recipe.finetune, piece),
                task.main_metric,
                maximise=task.maximise,
                watch=Watch(self._sink, self._cancel),
            )
            if found is None:
                self.stopped = True
                return None
            kept = {**strategy_to_plain(found.strategy), "scores": found.scores}
            write_json(path, kept)
        return strategy_of(kept)

    def _train(self, name: str, piece: Piece, strategy: Strategy, weights: Mapping[str, Tensor] | None) -> None:
        folder = piece.folder / name
        if is_finished(folder):
            return
        progress = checkpoint.ProgressFile(folder, self._material.run.path, self._sink)
        watch = Watch(self._sink, self._cancel, progress, progress.load())
        stage = _stage(name, self._material.recipe.finetune, piece)
        model, done = self._trained(piece, strategy, weights, stage, watch)
        found = {"valid": dict(done.valid), "moved": done.moved, **strategy_to_plain(strategy)}
        self._keep(folder, model.state_dict(), done.fit, piece, found)
        self._ended(done.fit, progress)

    def _trained(
        self, piece: Piece, strategy: Strategy, weights: Mapping[str, Tensor] | None, stage: Stage, watch: Watch
    ) -> tuple[Model, Finetuned]:
        """Train a new model of a piece, from pretrained weights where there are some."""
        model = self.new_model(piece)
        if weights is not None:
            model.encoder.load_state_dict(dict(weights))
        done = finetune(
            model,
            self.batch(piece),
            self._tolerant(piece.labels),
            strategy,
            stage,
            watch,
            self._material.parts.term,
            loader=self._material.parts.loader,
            snapshots=self._material.recipe.after.snapshots,
            drop_edge=self._material.recipe.noise.drop_edge,
            show_labels=self._material.recipe.labels.share if self._material.recipe.labels.reuse else 0.0,
        )
        return model, done

    def _tolerant(self, labels: Labels) -> Labels:
        noise = self._material.recipe.noise
        return labels if noise.loss == "cross_entropy" else replace(labels, task=labels.task.tolerant(noise.q))

    def new_model(self, piece: Piece) -> Model:
        """Return encoder and head with the first weights of a piece's seed, on the device."""
        material, task = self._material, piece.labels.task
        edge_width = material.batch.edge_width
        model = material.parts.new_model(self._in_width(piece), task, piece.seed, edge_width=edge_width)
        return model.to(self._material.batch.device)

    def _in_width(self, piece: Piece) -> int:
        told = len(piece.labels.task.class_names) if self._material.recipe.labels.reuse else 0
        return self._material.batch.in_width + told

    def _new_encoder(self, seed: int) -> Encoder:
        batch = self._material.batch
        encoder = self._material.parts.new_encoder(batch.in_width, seed, edge_width=batch.edge_width)
        return encoder.to(self._material.batch.device)

    def _keep(
        self,
        folder: Path,
        state: Mapping[str, Tensor],
        result: FitResult,
        piece: Piece,
        more: Mapping[str, Any],  # Any: JSON values
    ) -> None:
        write_json(folder / "history.json", [dict(metrics) for metrics in result.history])
        manifest = {
            "recipe": self._material.recipe.fingerprint(),
            "schema": of_plain(self._material.dataset.schema.to_plain()),
            "data": self._material.dataset.fingerprint,
            "encoder": self._material.recipe.encoder.model_dump(mode="json"),
            "in_width": self._in_width(piece),
            "edge_width": self._material.batch.edge_width,
            "split": piece.split.name,
            "seed": piece.seed,
            "status": result.status,
            "reason": result.reason,
            "best_epoch": result.best_epoch,
            "epochs": len(result.history),
            "best": dict(result.best),
            "seconds": round(result.seconds, 3),
            **more,
        }
        whole = self._material.parts.whole
        if whole is not None:
            manifest["whole"] = of_plain(known_names(whole, self._in_width(piece)))
        if result.runners_up:
            manifest["runners_up"] = [kept.epoch for kept in result.runners_up]
        checkpoint.save(folder, state, manifest, [kept.state for kept in result.runners_up])

    def _ended(self, result: FitResult, progress: checkpoint.ProgressFile) -> None:
        if result.status == "stopped":
            self.stopped = True
        else:
            progress.remove()


def _stage(name: str, part: StagePart, piece: Piece) -> Stage:
    return Stage(name, part.training, part.optimiser, part.schedule, piece.seed, piece.split.name)


def _probe_to_plain(result: ProbeResult) -> dict[str, Any]:  # Any: JSON values
    return {"valid": dict(result.valid), "test": dict(result.test), "chosen": dict(result.chosen)}
