"""What every pretraining objective promises: parts of its own, and a loss that needs no targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from engine.core.component import Component, Data
from engine.core.component import Config as ConfigBase
from engine.core.errors import MismatchError
from engine.data.known import KnownTable
from engine.graph.batch import GraphBatch
from engine.learn.known_numbers import KnownNumbers
from engine.nn.encoders._base import Encoder, Features
from engine.nn.segments import pool


class Objective(Component):
    """Base of all pretraining objectives.

    `for_graphs` says that it needs several graphs at once; the others see nodes, of one graph or of many.
    `suggested` holds the loop's options that its paper trained with, in the form of a recipe's stage
    (`training`, `optimiser`, `schedule`), and under `encoder` those of the encoder it was shown with.

    Args: config: its options.
    """

    Config: ClassVar[type[ConfigBase]] = ConfigBase
    for_graphs: ClassVar[bool] = False
    suggested: ClassVar[Mapping[str, Mapping[str, Any]]] = {}  # Any: option values

    def __init__(self, config: Any) -> None:  # Any: the subclass's own Config
        self.config = config

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Make the parts that the loss needs beside the encoder; they are dropped after pretraining.

        Args:
            encoder: what is pretrained.
            batch: the graph it will see, or the whole collection of them, whose tables may hold bytes.
            generator: source of their first weights (on the CPU).
        Returns: a module on the batch's device and in its dtype.
        Raises: MismatchError: the encoder or the graph does not suit the objective.
        """
        raise NotImplementedError

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss of one step.

        Args:
            encoder: what is pretrained, in training mode.
            heads: what `prepare` returned.
            batch: the graph, or some of a collection.
            generator: source of everything drawn (on the CPU, so that devices draw alike).
        Returns: scalars; "loss" is minimised, the others are its parts for the curves.
        """
        raise NotImplementedError

    def needs_graphs(self) -> bool:
        """Return whether it looks at several graphs at once."""
        return self.for_graphs

    def wanted(self) -> Mapping[KnownTable, tuple[str, ...]]:
        """Return the tables that must be known of each graph, see `GraphBatch.known`, with their columns; () is all."""
        return {}


class PredictsKnown(Objective):
    """Base of the objectives that predict a table of numbers from a graph's vector.

    The vector is the mean, sum or largest of its nodes' vectors, as the option `readout` says.
    """

    for_graphs = True
    for_data: ClassVar[tuple[Data, ...]] = ("graphs", "molecules")
    suggested = {
        "training": {"epochs": 30, "patience": 0},
        "optimiser": {"type": "adam", "rate": 1e-3, "weight_decay": 0.0},
        "encoder": {"type": "gine", "layers": 4, "width": 64, "dropout": 0.0},
    }

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return the layers that predict; see `Objective`."""
        require_weights(encoder, self.label)
        return KnownNumbers(self._table(batch), encoder.out_width, generator).to(batch.device, batch.dtype)

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss, and the mean absolute error in standard deviations; see `Objective`."""
        assert isinstance(heads, KnownNumbers), "heads are what prepare returned"
        v = pool(node_vectors(encoder, batch), batch.graph_ptr, self.config.readout)
        loss, error = heads.losses(v, self._table(batch))
        return {"loss": loss, "error": error}

    def _table(self, batch: GraphBatch) -> Tensor:
        """Return the table that is predicted, [B, K].

        Raises: MismatchError: it is not known of these graphs.
        """
        (name,) = self.wanted()
        if name not in batch.known:
            raise MismatchError(
                f"The {name} that shall be predicted are not known of these graphs.",
                hint="Choose another objective, or data of which they are known.",
            )
        return batch.known[name]


def require_weights(encoder: Encoder, label: str) -> None:
    """Refuse an encoder that has nothing to pretrain.

    Raises: MismatchError: the encoder holds no weights, such as a single convolution that is its own output layer.
    """
    if not any(True for _ in encoder.parameters()):
        raise MismatchError(
            f"{label} has nothing to train: the encoder holds no weights before the output layer.",
            hint='Give the encoder more layers, or set its head to "linear".',
        )


def require_edges(batch: GraphBatch, label: str) -> None:
    """Refuse a graph in which nobody is joined.

    Raises: MismatchError: it has no edges.
    """
    if batch.num_edges == 0:
        raise MismatchError(
            f"{label} has nothing to learn: the graph has no edges.",
            hint="Choose another objective, or train from scratch.",
        )


def require_graphs(batch: GraphBatch, label: str) -> None:
    """Refuse a single graph.

    Raises: MismatchError: there is nothing to tell a graph from.
    """
    if batch.num_graphs < 2:
        raise MismatchError(
            f"{label} tells graphs apart, but there is only one.", hint="Choose an objective for a single graph."
        )


def unit(h: Tensor) -> Tensor:
    """Return rows of length 1; rows of zeros stay as they are and get no gradient, which would have no bounds."""
    length = torch.linalg.vector_norm(h.detach(), dim=1, keepdim=True)
    there = length > 1e-6
    safe = torch.where(there, h, torch.ones_like(h))
    return torch.where(there, safe / torch.linalg.vector_norm(safe, dim=1, keepdim=True), 0.0)


def node_vectors(encoder: Encoder, batch: GraphBatch, x: Features | None = None) -> Tensor:
    """Return the encoder's vectors [N, H]; an encoder that passes sparse features through has been refused before."""
    h = encoder(batch, x)
    assert isinstance(h, Tensor), "an encoder with weights returns dense vectors"
    return h
