"""A part of a large collection, on which steps are timed in place of all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.data.splits._base import Split
from engine.graph.batch import GraphBatch
from engine.learn.finetuning import Labels

#: Graphs from which on a part is enough: their epochs last seconds, and batches of the others cost the same.
MOST_GRAPHS = 2_000
# A part of the labels is never smaller, where there are so many: a few batches must be whole.
_FEWEST = 64


@dataclass(frozen=True, slots=True)
class Sample:
    """Some graphs of a collection.

    Args: batch: of them. labels: theirs. epoch: times an epoch of all labels takes longer. answer: times as many
        graphs there are.
    """

    batch: GraphBatch
    labels: Labels
    epoch: float = 1.0
    answer: float = 1.0


def sample_labelled(batch: GraphBatch, labels: Labels, most: int = MOST_GRAPHS) -> Sample:
    """Take graphs of train and valid in the shares that these have; everything where there are few graphs.

    Args: batch: all graphs. labels: of all of them. most: about how many graphs are taken.
    """
    if batch.num_graphs <= most:
        return Sample(batch, labels)
    draw = np.random.default_rng(0)
    parts = [labels.rows(part) for part in ("train", "valid")]
    share = min(1.0, most / max(1, sum(len(rows) for rows in parts)))
    chosen = [_drawn(rows, max(round(share * len(rows)), _FEWEST), draw) for rows in parts]
    rows = np.sort(np.concatenate(chosen))
    split = labels.split
    masks = (split.train[rows], split.valid[rows], split.test[rows])
    own = replace(labels, target=labels.target[rows], split=Split(split.name, *masks))
    return Sample(_of(batch, rows), own, len(parts[0]) / max(1, len(chosen[0])), batch.num_graphs / max(1, len(rows)))


def sample_graphs(batch: GraphBatch, most: int = MOST_GRAPHS) -> GraphBatch:
    """Take graphs without regard to labels, in their order; all where there are few."""
    if batch.num_graphs <= most:
        return batch
    return _of(batch, np.sort(np.random.default_rng(0).choice(batch.num_graphs, most, replace=False)))


def _drawn(rows: NDArray[np.int64], count: int, draw: np.random.Generator) -> NDArray[np.int64]:
    return rows if count >= len(rows) else draw.choice(rows, count, replace=False)


def _of(batch: GraphBatch, rows: NDArray[np.int64]) -> GraphBatch:
    """Return graphs side by side, kept as small as those they come from."""
    found = batch.graphs(rows)
    if isinstance(found.x, Tensor) and isinstance(batch.x, Tensor):
        found = found.with_x(found.x.to(batch.x.dtype))
    if found.edge_attr is not None and batch.edge_attr is not None:
        found = replace(found, edge_attr=found.edge_attr.to(batch.edge_attr.dtype))
    return found
