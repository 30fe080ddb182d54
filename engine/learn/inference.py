"""Answers for every node or graph: in one go where that fits, otherwise layer by layer and some rows at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.core.cancel import CancelToken
from engine.graph.batch import GraphBatch
from engine.graph.blocks import AnyBatch, Block, BlockBatch, take_rows
from engine.graph.sampler import EVERYONE, Sampler, blocks
from engine.learn.loaders._base import MOST_NODES, graph_chunks
from engine.learn.loaders.full import Full
from engine.learn.minibatches import has_tables, row_feed
from engine.nn.encoders._base import Encoder, Features
from engine.nn.model import Model

#: Memory that answering may take before it goes by rows. Not a share of what is free: the last digits of an answer
#: must not depend on what else runs.
BUDGET = 2 << 30
# Tables of the widest layer that a forward pass holds at its worst: what came in, went through and comes out.
_HELD = 5
_LEAST_ROWS = 1024
# Nodes from which on the work takes a second or more.
_MANY = 100_000

Part = Callable[[Features, AnyBatch], Features]


def answers(
    module: Model | Encoder, batch: GraphBatch, *, budget: int = BUDGET, cancel: CancelToken | None = None
) -> NDArray[np.float32]:
    """Return logits or vectors of every item in evaluation mode, shape [I, W] float32.

    Args: module: a model answers with logits, for each graph of a collection where it has a readout; an encoder with
        the vectors of nodes. batch: the whole graph, or the collection. budget: bytes beyond
        which the work is done by rows; what comes out is the same to rounding. cancel: checked at each part.
    Raises: Cancelled.
    """
    module.eval()
    if isinstance(module, Model) and module.answers_for_graphs:
        return _by_graphs(module, module, batch, budget, cancel or CancelToken())
    encoder = module.encoder if isinstance(module, Model) else module
    head = module.head if isinstance(module, Model) else None
    token = cancel or CancelToken()
    with torch.no_grad():
        is_large = forward_bytes(module, batch) > budget
        if is_large and has_tables(encoder, batch):
            return _in_parts(module, batch, 0, budget, token)
        stages = encoder.stages() if batch.num_nodes > _MANY or is_large else None
        if stages is not None and not has_tables(encoder, batch):
            parts: list[tuple[int, Part]] = [(1, _step(stage)) for stage in stages]
            if head is not None:
                parts.append((head.hops, lambda h, part: head(h, part)))
            return _layer_by_layer(parts, batch, budget, token) if is_large else _whole(parts, batch, token)
        token.check()
        if is_large and module.hops is not None and _is_local(batch, module.hops):
            return _in_parts(module, batch, module.hops, budget, token)
        return np.asarray(_dense(module(batch)).float().cpu().numpy())


def answers_for(
    model: Model,
    batch: GraphBatch,
    rows: NDArray[np.int64],
    *,
    budget: int = BUDGET,
    cancel: CancelToken | None = None,
) -> NDArray[np.float32]:
    """Return logits of some items in evaluation mode, shape [R, W] float32, in the order of `rows`.

    Of a large graph only these nodes and whom they hear are computed where that is less work; the same to rounding.

    Args: rows: int64 [R], different items. budget, cancel: as `answers`.
    Raises: Cancelled.
    """
    if model.answers_for_graphs:
        model.eval()
        return _by_graphs(model, model, batch, budget, cancel or CancelToken(), rows)
    feed = row_feed(Full(Full.parse({})), model, batch, rows, 0)
    if feed is not None:
        part = feed.portion(0).batch
        feed.close()
        assert isinstance(part, BlockBatch), "cut out of the whole"
        if 4 * _HELD * len(part.sources) * widest(model) <= budget:
            model.eval()
            with torch.no_grad():
                return np.asarray(_dense(model(part)).float().cpu().numpy())
    return answers(model, batch, budget=budget, cancel=cancel)[rows]


def vectors(model: Model, batch: GraphBatch, *, cancel: CancelToken | None = None) -> NDArray[np.float32]:
    """Return what the head would read of every item in evaluation mode, shape [I, H] float32.

    Args: model: with a readout the items are the graphs of a collection. batch, cancel: as `answers`.
    """
    if not model.answers_for_graphs:
        return answers(model.encoder, batch, cancel=cancel)
    model.eval()
    return _by_graphs(model, model.embed, batch, BUDGET, cancel or CancelToken())


def _by_graphs(
    model: Model,
    ask: Callable[[GraphBatch], Tensor],
    batch: GraphBatch,
    budget: int,
    cancel: CancelToken,
    rows: NDArray[np.int64] | None = None,
) -> NDArray[np.float32]:
    """Answer for some whole graphs at a time. Args: rows: the graphs that are asked for; None means all."""
    nodes = max(1, min(MOST_NODES, budget // (4 * _HELD * widest(model))))
    found = []
    asked = np.arange(batch.num_graphs) if rows is None else rows
    with torch.no_grad():
        for place in graph_chunks(batch, asked, nodes):
            cancel.check()
            found.append(_dense(ask(batch.graphs(asked[place]))).float().cpu())
    return np.asarray(torch.cat(found).numpy())


def _whole(parts: list[tuple[int, Part]], batch: GraphBatch, cancel: CancelToken) -> NDArray[np.float32]:
    """Do one part after the other on the whole graph, so that Cancel need not wait for all of them."""
    h: Features = batch.x
    for _, part in parts:
        cancel.check()
        h = part(h, batch)
    return np.asarray(_dense(h).float().cpu().numpy())


def forward_bytes(module: Model | Encoder, batch: GraphBatch) -> int:
    """Return about how much memory one forward pass over the whole graph takes beside features and weights."""
    return 4 * _HELD * batch.num_nodes * widest(module)


def widest(module: torch.nn.Module) -> int:
    """Return the numbers a node has where a module is widest, as its weights show; 1 without any."""
    return max((int(weight.shape[1]) for weight in module.parameters() if weight.dim() == 2), default=1)


def _step(stage: Callable[[Features, Block], Features]) -> Part:
    return lambda h, batch: stage(h, batch.block(0))  # type: ignore[arg-type]  # of a part with one block


def _layer_by_layer(
    parts: list[tuple[int, Part]], batch: GraphBatch, budget: int, cancel: CancelToken
) -> NDArray[np.float32]:
    h: Features = batch.x
    for hops, part in parts:
        out: Tensor | None = None
        for rows, block in _blocks(batch, hops, _rows_at_once(batch, hops, h.shape[1], budget)):
            cancel.check()
            nodes = block.sources
            found = _dense(part(take_rows(h, nodes), block)).float()
            if out is None:
                out = _table(batch.num_nodes, found.shape[1], budget)
            out[rows.start : rows.stop] = found.cpu()
        assert out is not None, "a graph has nodes"
        h = out if batch.device.type == "cpu" else out.to(batch.device)
    return np.asarray(_dense(h).cpu().numpy())


def _in_parts(
    module: Model | Encoder, batch: GraphBatch, hops: int, budget: int, cancel: CancelToken
) -> NDArray[np.float32]:
    """Answer for some nodes at a time from all they hear over all steps."""
    out: Tensor | None = None
    at_once = max(_LEAST_ROWS, int(batch.num_nodes * budget / max(1, forward_bytes(module, batch))) // (1 + 3 * hops))
    for rows, block in _blocks(batch, hops, at_once):
        cancel.check()
        found = _dense(module(block)).float()
        if out is None:
            out = _table(batch.num_nodes, found.shape[1], budget)
        out[rows.start : rows.stop] = found.cpu()
    assert out is not None, "a graph has nodes"
    return np.asarray(out.numpy())


def _blocks(batch: GraphBatch, hops: int, at_once: int) -> Iterator[tuple[range, BlockBatch]]:
    sampler = Sampler(batch.indptr.cpu().numpy(), batch.indices.cpu().numpy(), (EVERYONE,) * hops, seed=0)
    for first in range(0, batch.num_nodes, at_once):
        rows = range(first, min(first + at_once, batch.num_nodes))
        chosen = np.arange(rows.start, rows.stop)
        yield rows, blocks(batch, sampler.sample(chosen, 0), chosen)


def _rows_at_once(batch: GraphBatch, hops: int, width: int, budget: int) -> int:
    """Return how many rows leave room for what they hear, at twice the mean degree."""
    heard = 1 + 2 * hops * batch.num_edges / max(1, batch.num_nodes)
    each = 4 * width * (min(heard, batch.num_nodes) + _HELD)
    return max(_LEAST_ROWS, int(budget / 4 / each))


def _is_local(batch: GraphBatch, hops: int) -> bool:
    """Whether a sixteenth of the nodes hears less than half of the graph: otherwise parts cost as much as the whole."""
    some = np.arange(0, batch.num_nodes, 16)
    sampler = Sampler(batch.indptr.cpu().numpy(), batch.indices.cpu().numpy(), (EVERYONE,) * hops, seed=0)
    return 2 * len(sampler.sample(some, 0).nodes) < batch.num_nodes


def _table(rows: int, width: int, budget: int) -> Tensor:
    """Return an empty table, in a file without a name where it is a large part of the budget."""
    if 4 * rows * width <= budget // 4:
        return torch.empty(rows, width)
    with tempfile.TemporaryFile() as file:
        return torch.from_numpy(np.memmap(file, np.float32, "w+", shape=(rows, width)))


def _dense(h: Features) -> Tensor:
    return h if isinstance(h, Tensor) else h.to_dense()
