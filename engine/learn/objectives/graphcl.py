"""GraphCL: find each graph again in another view of it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError
from engine.graph.batch import GraphBatch
from engine.graph.subgraph import among
from engine.learn.augmentations import AUGMENTATIONS
from engine.learn.augmentations._base import Augmentation, NodeAugmentation
from engine.learn.objectives._base import Objective, node_vectors, require_graphs, require_weights, unit
from engine.nn.encoders._base import Encoder
from engine.nn.layers import Linear
from engine.nn.segments import Aggregation, pool


class GraphCL(Objective):
    """Finds each graph of a step again among the others, in another view of it.

    For each view one of the augmentations is drawn. The ones that are on at first only take away: nodes at random,
    all but a connected part, or the features of some nodes. None of them joins atoms that are not bonded. With
    projected vectors u and v of unit length the loss is the mean of
    -log(exp(u_i . v_i / t) / sum over j ≠ i of exp(u_i . v_j / t)), both ways round.

    Source: You et al. (2020), "Graph contrastive learning with augmentations", sections 3.1 and 3.2, equation 3.
    """

    key = "graphcl"
    label = "GraphCL"
    for_graphs = True
    for_data = ("graphs", "molecules")
    suggested = {
        "training": {"epochs": 20, "patience": 0},
        "optimiser": {"type": "adam", "rate": 1e-3, "weight_decay": 0.0},
        "encoder": {"type": "gine", "layers": 4, "width": 64, "dropout": 0.0},
    }

    class Config(ConfigBase):
        augmentations: tuple[str, ...] = option(
            ("drop_nodes", "subgraph", "mask_nodes"), "Keys of the augmentations that views are drawn from."
        )
        temperature: float = option(0.1, "Lower looks harder at the most similar graphs.", gt=0, le=10)
        readout: Aggregation = option("mean", "How nodes' vectors become the graph's.")
        options: dict[str, dict[str, Any]] = option(  # Any: the augmentations decide
            {}, "Options of single augmentations, by key.", advanced=True
        )

    def __init__(self, config: Any) -> None:  # Any: GraphCL.Config
        super().__init__(config)
        if not config.augmentations:
            raise OptionError('"augmentations" is empty.', hint="Name at least one.", path="pretrain.augmentations")
        self._augmentations: list[Augmentation] = []
        for key in config.augmentations:
            kind = AUGMENTATIONS.get(key, "pretrain.augmentations")
            self._augmentations.append(kind(kind.parse(config.options.get(key, {}), f"pretrain.options.{key}")))

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return the projection; see `Objective`."""
        require_weights(encoder, self.label)
        require_graphs(batch, self.label)
        layers = Linear(encoder.out_width, encoder.out_width), Linear(encoder.out_width, encoder.out_width)
        for layer in layers:
            layer.reset(generator)
        return nn.Sequential(layers[0], nn.ReLU(), layers[1]).to(batch.device, batch.dtype)

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss, and how often the same graph is the most similar one; see `Objective`."""
        views = [self._view(batch, generator) for _ in range(2)]
        one, two = (
            unit(heads(pool(node_vectors(encoder, view), view.graph_ptr, self.config.readout))) for view in views
        )
        score = one @ two.t() / self.config.temperature
        itself = torch.eye(len(score), dtype=torch.bool, device=score.device)
        own, others = score.diagonal(), score.masked_fill(itself, -torch.inf)
        if len(score) < 2:
            return {"loss": score.sum() * 0, "found_again": own.detach().sum() * 0}
        loss = 0.5 * (others.logsumexp(1) + others.logsumexp(0)).mean() - own.mean()
        found = (score.detach().amax(1) == own.detach()).to(loss.dtype).mean()
        return {"loss": loss, "found_again": found}

    def _view(self, batch: GraphBatch, generator: torch.Generator) -> GraphBatch:
        which = int(torch.randint(len(self._augmentations), (), generator=generator))
        step = self._augmentations[which]
        if isinstance(step, NodeAugmentation):
            return among(batch, step.kept(batch, generator))
        return step.apply(batch, generator)
