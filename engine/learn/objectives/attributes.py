"""Attribute masking: hide what some nodes and edges carry and predict it from what is around them."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.objectives._base import Objective, node_vectors, require_weights
from engine.nn.encoders._base import Encoder
from engine.nn.layers import Linear


class Attributes(Objective):
    """Hides the features of some nodes, and what their edges carry, behind learned tokens and predicts both.

    A node's features are predicted from its vector, an edge's attributes from the sum of the vectors of its ends.
    Columns of 0 and 1 are learned as yes and no (cross-entropy), others as standardised numbers (squared error). Of
    molecules these are atoms and bonds.

    Source: Hu et al. (2020), "Strategies for pre-training graph neural networks", section 3.1.2, who predict the
    element and the kind of bond; here every column that the encoder sees is predicted.
    """

    key = "attributes"
    label = "Attribute masking"
    suggested = {
        "training": {"epochs": 50, "patience": 0},
        "optimiser": {"type": "adam", "rate": 1e-3, "weight_decay": 0.0},
        "encoder": {"type": "gine", "layers": 4, "width": 64, "dropout": 0.0},
    }

    recommended_for_graphs = True

    class Config(ConfigBase):
        masked: float = option(0.15, "Share of the nodes whose features are hidden.", gt=0, lt=1)
        edges: bool = option(True, "Hides and predicts what the hidden nodes' edges carry, too.")

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return tokens and layers that predict; see `Objective`."""
        require_weights(encoder, self.label)
        x = batch.x if isinstance(batch.x, Tensor) else batch.x.to_dense()
        reads_edges = self.config.edges and encoder.uses_edge_attr and batch.edge_attr is not None and batch.num_edges
        edge_attr = batch.edge_attr if reads_edges else None
        return _Heads(x, edge_attr, encoder.out_width, generator).to(batch.device, batch.dtype)

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss, and its parts for nodes and edges; see `Objective`."""
        assert isinstance(heads, _Heads), "heads are what prepare returned"
        x = batch.x if isinstance(batch.x, Tensor) else batch.x.to_dense()
        count = max(1, round(self.config.masked * batch.num_nodes))
        chosen = torch.randperm(batch.num_nodes, generator=generator)[:count].to(batch.device)
        is_hidden = torch.zeros(batch.num_nodes, dtype=torch.bool, device=batch.device).index_fill_(0, chosen, True)
        given = torch.where(is_hidden.unsqueeze(1), heads.nodes.token, x)
        if heads.edges is None or batch.edge_attr is None:
            loss = heads.nodes.loss(node_vectors(encoder, batch, given)[chosen], x[chosen])
            return {"loss": loss, "nodes": loss.detach()}
        row, heard = batch.pattern().row_of_entry(), batch.indices.long()
        # Both directions of an edge are hidden together; it is predicted once, as the sum over its ends is the same.
        touched = is_hidden[row] | is_hidden[heard]
        once = torch.nonzero(touched if batch.directed else touched & (row < heard)).squeeze(1)
        seen = replace(batch, edge_attr=torch.where(touched.unsqueeze(1), heads.edges.token, batch.edge_attr))
        h = node_vectors(encoder, seen, given)
        nodes = heads.nodes.loss(h[chosen], x[chosen])
        if not len(once):
            return {"loss": nodes, "nodes": nodes.detach()}
        edges = heads.edges.loss(h[row[once]] + h[heard[once]], batch.edge_attr[once])
        return {"loss": nodes + edges, "nodes": nodes.detach(), "edges": edges.detach()}


class _Heads(nn.Module):
    """What predicts nodes, and edges where they carry something that the encoder reads."""

    def __init__(self, x: Tensor, edge_attr: Tensor | None, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.nodes = _Hidden(x, width, generator)
        self.edges = None if edge_attr is None else _Hidden(edge_attr, width, generator)


class _Hidden(nn.Module):
    """A token to hide rows of a table behind, and a linear map that predicts them."""

    mean: Tensor
    scale: Tensor
    is_binary: Tensor

    def __init__(self, table: Tensor, width: int, generator: torch.Generator) -> None:
        super().__init__()
        # Not zeros: where nobody is heard, a rectifier would give neither an answer nor a gradient.
        self.token = nn.Parameter(0.1 * torch.randn(table.shape[1], generator=generator))
        self.predict = Linear(width, table.shape[1])
        self.predict.reset(generator)
        binary = ((table == 0) | (table == 1)).all(0)
        scale, mean = torch.std_mean(table.double(), 0, correction=0)
        self.register_buffer("is_binary", binary)
        self.register_buffer("mean", torch.where(binary, 0.0, mean))
        self.register_buffer("scale", torch.where(binary | (scale < 1e-9), 1.0, scale))

    def loss(self, h: Tensor, table: Tensor) -> Tensor:
        """Return the mean loss over all columns of some rows. Args: h: [M, H]. table: [M, F], the truth."""
        out, target = self.predict(h), ((table - self.mean) / self.scale).to(h.dtype)
        binary = F.binary_cross_entropy_with_logits(out, target.clamp(0, 1), reduction="none")
        return torch.where(self.is_binary, binary, (out - target).square()).sum(1).mean()
