"""Several objectives at once, weighted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError
from engine.data.known import KnownTable
from engine.graph.batch import GraphBatch
from engine.learn.objectives import OBJECTIVES
from engine.learn.objectives._base import Objective, require_weights
from engine.nn.encoders._base import Encoder


class Mixed(Objective):
    """Trains several objectives on one encoder, each with a weight.

    The loss is the weighted sum of theirs; each has parts of its own and draws in turn from the same generator.

    Source: Jin et al. (2022), "Automated self-supervised learning for graphs", with weights that are
    given instead of searched.
    """

    key = "mixed"
    label = "Several objectives"
    suggested = {
        "training": {"epochs": 200, "patience": 0},
        "optimiser": {"type": "adam", "rate": 1e-3, "weight_decay": 0.0},
        "encoder": {"type": "gcn", "layers": 1, "width": 256, "activation": "prelu", "head": "linear", "dropout": 0.5},
    }

    class Config(ConfigBase):
        objectives: tuple[str, ...] = option(("dgi", "links"), "Keys of the objectives.")
        weights: tuple[float, ...] = option((), "Weight of each, in the same order; none gives each 1.")
        options: dict[str, dict[str, Any]] = option(  # Any: the objectives decide
            {}, "Options of single objectives, by key.", advanced=True
        )

    def __init__(self, config: Any) -> None:  # Any: Mixed.Config
        super().__init__(config)
        self._weights = _weights(config)
        self._objectives: dict[str, Objective] = {}
        for key in config.objectives:
            kind = OBJECTIVES.get(key, "objectives")
            self._objectives[key] = kind(kind.parse(config.options.get(key, {}), f"options.{key}"))

    def needs_graphs(self) -> bool:
        """Return whether one of them looks at several graphs at once."""
        return any(one.needs_graphs() for one in self._objectives.values())

    def wanted(self) -> Mapping[KnownTable, tuple[str, ...]]:
        """Return all tables that one of them wants."""
        return {name: columns for one in self._objectives.values() for name, columns in one.wanted().items()}

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return the parts of each; see `Objective`."""
        require_weights(encoder, self.label)
        return nn.ModuleDict({key: one.prepare(encoder, batch, generator) for key, one in self._objectives.items()})

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the weighted sum, and the loss of each under its key; see `Objective`."""
        assert isinstance(heads, nn.ModuleDict), "heads are what prepare returned"
        found = {key: one.loss(encoder, heads[key], batch, generator)["loss"] for key, one in self._objectives.items()}
        total = sum(self._weights[key] * value for key, value in found.items())
        assert isinstance(total, Tensor), "there is at least one"
        return {"loss": total, **{key: value.detach() for key, value in found.items()}}


def _weights(config: Any) -> dict[str, float]:  # Any: Mixed.Config
    keys, weights = config.objectives, config.weights or (1.0,) * len(config.objectives)
    if not keys or len(set(keys)) < len(keys) or Mixed.key in keys:
        raise OptionError(
            f'"objectives" is {list(keys)}: it names one or more objectives, each once, and not itself.',
            hint='For example ["dgi", "links"].',
            path="pretrain.objectives",
        )
    if len(weights) != len(keys) or min(weights) <= 0:
        raise OptionError(
            f'"weights" has {len(weights)} numbers for {len(keys)} objectives; each needs one above 0.',
            hint="Give one weight for each objective, or none at all.",
            path="pretrain.weights",
        )
    return dict(zip(keys, weights, strict=True))
