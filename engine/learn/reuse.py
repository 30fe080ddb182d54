"""Labels as columns: what is known of the train nodes is told to the model, but never to the node that is asked.

Source: Wang et al. (2021), "Bag of tricks for node classification with graph neural networks", section 3 (label usage):
    in each step a part of the train nodes shows its labels and the others are asked; afterwards all train nodes show
    theirs. What the model itself predicts for the other nodes is not fed back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.graph.batch import GraphBatch
from engine.graph.features import Pattern, SparseFeatures

if TYPE_CHECKING:
    from engine.learn.finetuning import Labels


def with_labels(batch: GraphBatch, labels: Labels) -> GraphBatch:
    """Return the graph with one more column for each class, 1 where a train node has it.

    Args: batch: features of width F. labels: of classes.
    Returns: features of width F + C; sparse ones stay sparse.
    """
    rows, codes = _known(labels, batch.device)
    return _wider(batch, rows, codes, len(labels.task.class_names))


def without_labels(batch: GraphBatch, classes: int) -> GraphBatch:
    """Return the graph with as many more columns as `with_labels` adds, all zero: no label is known."""
    nobody = torch.empty(0, dtype=torch.int64, device=batch.device)
    return _wider(batch, nobody, nobody, classes)


class HiddenLabels:
    """Hides labels for one training step at a time.

    Args: batch: the graph as `with_labels` returns it. labels: as given there. share: of the train nodes that go on to
        show their label; at least one node is asked. seed: of what is drawn.
    """

    def __init__(self, batch: GraphBatch, labels: Labels, share: float, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self._x = batch.x
        self._rows, codes = _known(labels, batch.device)
        self._columns = batch.in_width - len(labels.task.class_names) + codes
        self._shown = min(round(share * len(self._rows)), len(self._rows) - 1)

    def draw(self) -> tuple[Tensor | SparseFeatures, Tensor]:
        """Return features [N, F + C] of one step, and which of the train nodes are asked.

        Returns: the nodes that are asked as positions among the labelled train nodes, int64 [n]; their columns of
            labels are zero.
        """
        order = torch.randperm(len(self._rows), generator=self.generator)
        asked = order[self._shown :].sort().values.to(self._rows.device)
        if isinstance(self._x, Tensor):
            x = self._x.clone()
            x[self._rows[asked], self._columns[asked]] = 0.0
            return x, asked
        # The label is the last entry of its row. Zeros stay in their places, so that the pattern is turned once only.
        values = self._x.values.clone()
        values[self._x.pattern.indptr[self._rows[asked] + 1] - 1] = 0.0
        return self._x.with_values(values), asked


def _known(labels: Labels, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the labelled train nodes and their classes, both int64 [n]."""
    rows = labels.rows("train")
    return torch.as_tensor(rows, device=device), torch.as_tensor(labels.target[rows], device=device).long()


def _wider(batch: GraphBatch, rows: Tensor, codes: Tensor, classes: int) -> GraphBatch:
    x = batch.x
    if isinstance(x, Tensor):
        shown = torch.zeros(batch.num_nodes, classes, dtype=x.dtype, device=x.device)
        shown[rows, codes] = 1.0
        return replace(batch.with_x(torch.cat([x, shown], dim=1)), lasting=True)
    old = x.pattern
    more = torch.zeros(old.num_rows + 1, dtype=torch.int64, device=x.device)
    more[rows + 1] = 1
    indptr = old.indptr + torch.cumsum(more, 0)
    count = len(old.indices) + len(rows)
    places = indptr[rows + 1] - 1
    was_there = torch.ones(count, dtype=torch.bool, device=x.device)
    was_there[places] = False
    indices = torch.empty(count, dtype=old.indices.dtype, device=x.device)
    values = torch.ones(count, dtype=x.dtype, device=x.device)
    indices[was_there], values[was_there] = old.indices, x.values
    indices[places] = (old.width + codes).to(old.indices.dtype)
    wider = SparseFeatures(Pattern(indptr, indices, old.width + classes), values)
    return replace(batch.with_x(wider), lasting=True)
