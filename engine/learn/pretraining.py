"""Train an encoder on the unlabelled graph with an objective; its auxiliary heads are dropped afterwards."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from engine.graph.batch import GraphBatch
from engine.learn.finetuning import smaller_setting
from engine.learn.loaders._base import Loader
from engine.learn.minibatches import whole_graph_needed
from engine.learn.objectives._base import Objective
from engine.learn.optimisers import grouped
from engine.learn.runtime import derived_seed
from engine.learn.trainer import Fit, FitResult, Stage, Watch, fit
from engine.nn.encoders._base import Encoder


def pretrain(
    encoder: Encoder,
    objective: Objective,
    batch: GraphBatch,
    stage: Stage,
    watch: Watch | None = None,
    loader: Loader | None = None,
) -> FitResult:
    """Minimise the objective's own loss; the encoder ends with the weights of the best epoch.

    No target is looked at: the best epoch is the one of the lowest loss, and early stopping watches the same. The
    loss of an epoch is that of the step, so the weights kept are those right after it (the papers differ by that
    one step).

    Args: encoder: on the batch's device. batch: the whole graph. loader: what one step sees of it; None and
        the loader of the whole graph are the same.
    Raises: MismatchError: encoder or graph do not suit the objective. Cancelled, DivergedError, DeviceMemoryError: as
        `trainer.fit`.
    """
    generator = torch.Generator().manual_seed(derived_seed(stage.seed, stage.name, "objective"))
    feed = None if loader is None else loader.graphs(batch, derived_seed(stage.seed, stage.name, "loader"))
    if feed is None:
        return _fitted(encoder, objective, batch, lambda step: batch, 1, None, generator, stage, watch)
    try:
        is_cut = loader is not None and loader.level == "node" and not loader.gives_graphs
        if encoder.hops is None and is_cut:
            raise whole_graph_needed(encoder)
        return _fitted(encoder, objective, batch, feed.graph, feed.steps, feed.num_nodes, generator, stage, watch)
    finally:
        feed.close()


def _fitted(
    encoder: Encoder,
    objective: Objective,
    whole: GraphBatch,
    graph: Callable[[int], GraphBatch],
    steps: int,
    rows: int | None,
    generator: torch.Generator,
    stage: Stage,
    watch: Watch | None,
) -> FitResult:
    heads = objective.prepare(encoder, whole, generator)
    both = nn.ModuleDict({"encoder": encoder, "heads": heads})
    both.requires_grad_(True)
    return fit(
        Fit(
            module=both,
            groups=grouped([*encoder.blocks(), heads], stage.optimiser),
            step=lambda number: objective.loss(encoder, heads, graph(number), generator),
            evaluate=lambda epoch: {},
            monitor="train_loss",
            maximise=False,
            on_epoch=lambda epoch: _train_mode(both),
            generators=(generator,),
            steps=steps,
            rows=rows,
            smaller=smaller_setting(encoder.config),
        ),
        stage,
        watch,
    )


def _train_mode(module: nn.Module) -> None:
    module.train()
