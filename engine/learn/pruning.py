"""Whether edges between unlike nodes are left out, by a simple model's word on valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from engine.core.cancel import CancelToken
from engine.graph.batch import GraphBatch
from engine.graph.thinning import keep_edges, unlike_edges
from engine.learn.finetuning import Labels
from engine.learn.probe import linear_probe
from engine.learn.runtime import derived_seed
from engine.nn.ops import matmul, propagate

Kind = Literal["off", "jaccard", "cosine"]

_STEPS = 2
# Wider features are projected at random: inner products stay as they are, to about 1 / sqrt(columns) of the lengths.
_MOST_COLUMNS, _LEAST_COLUMNS = 256, 16
# Numbers that the simple model may read, half a gigabyte: of very many nodes fewer columns.
_MOST_NUMBERS = 1 << 27


@dataclass(frozen=True, slots=True)
class Pruning:
    """What was decided about edges between unlike nodes.

    Args: kind: of likeness, or off. threshold: an edge at or below it is left out. edges, left_out: stored entries of
        the graph, an undirected edge counts twice. valid: what the simple model reached with each kind, where it was
        asked.
    """

    kind: Kind = "off"
    threshold: float = 0.0
    edges: int = 0
    left_out: int = 0
    valid: Mapping[str, float] = field(default_factory=dict)

    def apply(self, batch: GraphBatch) -> GraphBatch:
        """Return a graph, which may be another one, without the edges that this rule leaves out."""
        return batch if self.kind == "off" else prune(batch, self.kind, self.threshold)

    @property
    def sentence(self) -> str:
        """Return in words what is left out of the graph."""
        if self.kind == "off":
            return "All edges stay: without those between unlike nodes a simple model is no better on valid."
        share = 100 * self.left_out / max(1, self.edges)
        return f"{share:.1f} % of the edges join nodes that are unlike by their {self.kind} similarity; left out."

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return it as JSON values."""
        return {
            "kind": self.kind,
            "threshold": self.threshold,
            "edges": self.edges,
            "left_out": self.left_out,
            "valid": dict(self.valid),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Pruning:  # Any: JSON values
        """Rebuild what `to_plain` wrote."""
        return cls(plain["kind"], plain["threshold"], plain["edges"], plain["left_out"], plain["valid"])


def prune(batch: GraphBatch, kind: Kind, threshold: float) -> GraphBatch:
    """Return the graph without edges between unlike nodes. Args: as `engine.graph.thinning.unlike_edges`."""
    return batch if kind == "off" else keep_edges(batch, ~unlike_edges(batch, kind, threshold))


def decide(
    batch: GraphBatch, labels: Labels, threshold: float, *, seed: int, cancel: CancelToken | None = None
) -> Pruning:
    """Return the rule with which a linear model on twice propagated features is best on valid; off wins a tie.

    Args: batch: the whole graph with features of the nodes' own. labels: train teaches, valid decides.
    Source: the model is that of Wu et al. (2019), "Simplifying graph convolutional networks", equation 8, K = 2: a
        graph convolution that is trained in a second.
    """
    metric, sign = labels.task.main_metric, 1.0 if labels.task.maximise else -1.0
    best, reached = "off", {}
    kinds: tuple[Kind, ...] = ("off", "jaccard", "cosine")
    left_out = {"off": 0}
    for kind in kinds:
        thin = prune(batch, kind, threshold)
        left_out[kind] = batch.num_edges - thin.num_edges
        if kind != "off" and not left_out[kind]:
            continue
        found = linear_probe(_propagated(thin, seed), labels, seed=seed, cancel=cancel).valid
        if metric not in found:
            continue
        reached[kind] = found[metric]
        if best in reached and sign * reached[kind] > sign * reached[best]:
            best = kind
    return Pruning(best, threshold, batch.num_edges, left_out[best], reached)  # type: ignore[arg-type]  # one of kinds


def _propagated(batch: GraphBatch, seed: int) -> NDArray[np.float32]:
    width = batch.in_width
    most = min(_MOST_COLUMNS, max(_LEAST_COLUMNS, _MOST_NUMBERS // max(1, batch.num_nodes)))
    if width <= most:
        weight = torch.eye(width)
    else:
        generator = torch.Generator().manual_seed(derived_seed(seed, "prune"))
        weight = torch.randn(width, most, generator=generator) / most**0.5
    with torch.no_grad():
        h = matmul(batch.x, weight.to(batch.device))
        for _ in range(_STEPS):
            h = propagate(batch.propagation("gcn"), h)
    return np.asarray(h.cpu().numpy())
