"""Views: what a contrastive objective compares, made by one augmentation after another."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from engine.graph.batch import GraphBatch
from engine.learn.augmentations import AUGMENTATIONS
from engine.learn.augmentations._base import Augmentation


class View:
    """One way to change a graph: edges dropped, columns hidden, and whatever is asked for beside.

    Args: edges, features: shares that are left out. more: keys of further augmentations, with their own defaults.
    Raises: UnknownComponentError: a key is no augmentation's.
    """

    def __init__(self, edges: float, features: float, more: Sequence[str] = ()) -> None:
        shares = {"drop_edges": edges, "mask_features": features}
        self._steps: list[Augmentation] = []
        for key in (*shares, *more):
            kind = AUGMENTATIONS.get(key, "pretrain.more")
            self._steps.append(kind(kind.parse({"share": shares[key]} if key in shares else {})))

    def of(self, batch: GraphBatch, generator: torch.Generator) -> GraphBatch:
        """Return the changed graph: as many nodes, in the same order."""
        for step in self._steps:
            batch = step.apply(batch, generator)
        return batch
