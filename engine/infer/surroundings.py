"""All that a model's answer for one node or graph can depend on, with parts that can be weakened or taken away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.core.cancel import CancelToken
from engine.core.errors import MismatchError
from engine.core.events import EventSink, Progress, silent
from engine.graph.batch import GraphBatch
from engine.graph.blocks import AnyBlock, Block, BlockBatch, restrict
from engine.graph.features import Pattern
from engine.graph.gating import GatedBlock, NotGatedError
from engine.graph.thinning import keep_edges
from engine.learn.tasks._base import FittedTask
from engine.nn.model import Model

# More edges than that around one node are a hub's: no explanation of so many can be read.
MOST_EDGES = 200_000
# Nodes of the copies of a graph that are answered together.
_COPIED = 20_000
# Taking edges away one by one runs the model once for each.
_MOST_OCCLUDED = 400


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A node's computation, cut out of the whole graph; or that of a whole graph.

    Args:
        model: in evaluation mode.
        task: says what the answer means.
        batch: what the model needs to answer for the node; the whole graph where it looks at all of it at once.
        row: which row of its answer is the node's, or the graph's.
        ends: int64 [M, 2], the edges within reach by node numbers; of an undirected graph each once, smaller number
            first, of a directed one source and target.
        edge_of: for each block, or the whole graph, the edge that each of its entries belongs to, int64 [E].
        x: float32 [S, F], features of the nodes within reach, dense.
        output: which column of the model's answer is explained, where the task has several targets; None takes all.
    """

    model: Model
    task: FittedTask
    batch: BlockBatch | GraphBatch
    row: int
    ends: npt.NDArray[np.int64]
    edge_of: tuple[Tensor, ...]
    x: Tensor
    output: int | None = None

    @classmethod
    def of(cls, model: Model, task: FittedTask, batch: GraphBatch, node: int) -> Surroundings:
        """Cut out what the answer for a node depends on.

        Raises: MismatchError: too many edges are within reach.
        """
        model.eval()
        if model.hops is None:
            around: BlockBatch | GraphBatch = batch
            entries, row = [_ends_of(batch, batch.directed)], node
        else:
            around = restrict(batch, torch.tensor([node], dtype=torch.int64, device=batch.device), model.hops)
            entries, row = [_ends_of(block, batch.directed) for block in around.blocks], 0
        if any(len(one) > 2 * MOST_EDGES for one in entries):
            raise MismatchError(
                f"More than {MOST_EDGES:,} edges are within reach of this node.",
                code="explain.size",
                hint="Choose a node with fewer neighbours, or a model of fewer steps.",
            )
        together = torch.cat(entries) if entries else torch.zeros(0, 2, dtype=torch.int64)
        ends, place = torch.unique(together, dim=0, return_inverse=True)
        edge_of = torch.split(place, [len(one) for one in entries])
        x = around.x
        dense = (x if isinstance(x, Tensor) else x.to_dense()).detach().float()
        return cls(model, task, around, row, ends.cpu().numpy(), tuple(edge_of), dense)

    @classmethod
    def of_graph(cls, model: Model, task: FittedTask, batch: GraphBatch, graph: int) -> Surroundings:
        """Take one graph of a collection, whose nodes count from 0.

        Raises: MismatchError: it has too many edges. IndexError: there is no such graph.
        """
        assert model.answers_for_graphs, "otherwise there is no answer for a graph"
        return cls.of(model, task, batch.graphs([graph]), 0)

    def for_target(self, column: str) -> Surroundings:
        """Return the same for one target column alone. Args: column: one of the task's `columns`."""
        place = self.task.columns.index(column)
        if len(self.task.columns) == 1:
            return self
        return replace(self, task=self.task.alone(column), output=place)

    @property
    def is_graph(self) -> bool:
        """Whether the answer is for a whole graph."""
        return self.model.answers_for_graphs

    @property
    def nodes(self) -> npt.NDArray[np.int64]:
        """Numbers of the nodes whose features are read, int64 [S]; row `row` is the explained one's."""
        if isinstance(self.batch, GraphBatch):
            return np.arange(self.batch.num_nodes)
        return np.asarray(self.batch.sources.cpu().numpy(), np.int64)

    @property
    def num_edges(self) -> int:
        """M."""
        return len(self.ends)

    def logits(
        self,
        x: Tensor | None = None,
        *,
        gate: Tensor | None = None,
        kept: Tensor | None = None,
        edge_attr: Tensor | None = None,
    ) -> Tensor:
        """Return the logits of the node or graph, [width]; of one target among several, [1].

        Args: x: other features [S, F]. gate: [M], how much each edge counts. kept: bool [M], the edges that are there.
            edge_attr: other attributes of the entries [E, D]; of a whole graph only, and without `kept`.
        Raises: NotGatedError: a gate was given, and the encoder has no weights to multiply it with.
        """
        given = self.x if x is None else x
        if isinstance(self.batch, GraphBatch):
            if gate is not None:
                raise NotGatedError
            whole = self.batch if kept is None else keep_edges(self.batch, kept[self.edge_of[0]])
            whole = whole if edge_attr is None else replace(whole, edge_attr=edge_attr)
            return self._own(self.model(whole.with_x(given))[self.row])
        blocks, pairs = self.batch.blocks, zip(self.batch.blocks, self.edge_of, strict=True)
        if gate is not None:
            blocks = tuple(_gated(block, gate[edge]) for block, edge in pairs)
        elif kept is not None:
            blocks = tuple(_thinned(block, kept[edge]) for block, edge in pairs)
        batch = replace(self.batch, blocks=blocks, given=given, lasting=False, _kept={}, _smoothed={})
        return self._own(self.model(batch)[self.row])

    def _own(self, logits: Tensor) -> Tensor:
        """Return what is explained of logits, [..., width]."""
        return logits if self.output is None else logits[..., self.output : self.output + 1]

    def answer(self) -> int:
        """Return the class that the model names, 0 where the answer is a value."""
        with torch.no_grad():
            logits = self.logits()
        if self.task.kind == "regression":
            return 0
        return int(logits[0] > 0) if len(logits) == 1 else int(logits.argmax())

    def support(self, logits: Tensor, answer: int) -> Tensor:
        """Return what speaks for an answer: the logarithm of its probability, or the value itself."""
        if self.task.kind == "regression":
            return logits[0]
        if len(logits) == 1:
            return F.logsigmoid(logits[0] if answer == 1 else -logits[0])
        return F.log_softmax(logits, dim=0)[answer]

    def margin(self, logits: Tensor, answer: int) -> Tensor:
        """Return the logarithm of an answer's odds, or the value: unlike a probability near 1 it still has a slope."""
        if self.task.kind == "regression":
            return logits[0]
        if len(logits) == 1:
            return logits[0] if answer == 1 else -logits[0]
        others = torch.arange(len(logits), device=logits.device) != answer
        return logits[answer] - logits[others].logsumexp(0)

    def strength(self, answer: int, x: Tensor | None = None, *, kept: Tensor | None = None) -> float:
        """Return the probability of an answer, or the value, with some features or edges changed."""
        with torch.no_grad():
            support = self.support(self.logits(x, kept=kept), answer)
        return float(support if self.task.kind == "regression" else support.exp())

    def has_gates(self) -> bool:
        """Say whether the encoder multiplies messages by weights, so that edges can be weakened little by little."""
        gate = torch.ones(self.num_edges, device=self.x.device)
        try:
            with torch.no_grad():
                self.logits(gate=gate)
        except NotGatedError:
            return False
        return self.num_edges > 0

    def occluded(
        self, answer: int, *, sink: EventSink = silent, cancel: CancelToken | None = None
    ) -> npt.NDArray[np.float64]:
        """Return how much the answer changes when each edge is taken away alone, float64 [M].

        Where there are very many, the edges nearest to the node are tried and the others get 0.
        """
        token = cancel or CancelToken()
        whole = self.strength(answer)
        found = np.zeros(self.num_edges)
        kept = torch.ones(self.num_edges, dtype=torch.bool, device=self.x.device)
        tried = self._nearest()
        for number, edge in enumerate(tried):
            token.check()
            kept[edge] = False
            found[edge] = abs(whole - self.strength(answer, kept=kept))
            kept[edge] = True
            sink(Progress(number + 1, len(tried), "edges"))
        return found

    def contributions(self, answer: int, what: Literal["nodes", "edges"]) -> npt.NDArray[np.float64]:
        """Return by how much each node or edge of a whole graph speaks for an answer, float64 [S] or [M].

        That is the answer's margin less that without the one: a node whose features are zeros, or an edge less.
        Many copies of the graph are answered together, each without another one.
        """
        assert isinstance(self.batch, GraphBatch), "a whole graph is there as one"
        count = len(self.x) if what == "nodes" else self.num_edges
        at_once = max(1, _COPIED // max(1, len(self.x)))
        whole = float(self.margin(self.logits().detach(), answer))
        found = np.zeros(count)
        for first in range(0, count, at_once):
            left_out = range(first, min(first + at_once, count))
            with torch.no_grad():
                logits = self._own(self.model(self._copies(left_out, what)))
            found[left_out.start : left_out.stop] = [whole - float(self.margin(row, answer)) for row in logits]
        return found

    def _copies(self, left_out: range, what: Literal["nodes", "edges"]) -> GraphBatch:
        """Return the graph as often as there are things left out, each time without another one."""
        assert isinstance(self.batch, GraphBatch), "a whole graph is there as one"
        copies = self.batch.with_x(self.x).graphs([0] * len(left_out))
        numbers = torch.arange(len(left_out), device=self.x.device)
        if what == "nodes":
            x = copies.x.clone() if isinstance(copies.x, Tensor) else copies.x.to_dense()
            x[numbers * len(self.x) + numbers + left_out.start] = 0
            return copies.with_x(x)
        edges = self.edge_of[0].repeat(len(left_out))
        return keep_edges(copies, edges != (numbers + left_out.start).repeat_interleave(len(self.edge_of[0])))

    def _nearest(self) -> npt.NDArray[np.int64]:
        """Return the edges to try, those at the node first, then those at its neighbours, and so on."""
        reached = np.zeros(int(self.ends.max(initial=0)) + 1, bool)
        reached[[node for node in (self.nodes[self.row],) if node < len(reached)]] = True
        ordered: list[npt.NDArray[np.int64]] = []
        waiting = np.arange(self.num_edges)
        while len(waiting):
            is_near = reached[self.ends[waiting]].any(axis=1)
            if not is_near.any():
                break
            ordered.append(waiting[is_near])
            reached[self.ends[ordered[-1]]] = True
            waiting = waiting[~is_near]
        return np.concatenate([*ordered, waiting])[:_MOST_OCCLUDED]


@contextmanager
def frozen(model: Model) -> Iterator[None]:
    """Let no gradient be made for the model's own parameters meanwhile."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    for parameter in trained:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trained:
            parameter.requires_grad_(True)


def _ends_of(block: AnyBlock, directed: bool) -> Tensor:
    row = Pattern(block.indptr, block.indices, block.num_sources).row_of_entry()
    source, target = block.indices.long(), row
    if isinstance(block, Block):
        source, target = block.nodes[source], block.nodes[target]
    if directed:
        return torch.stack([source, target], dim=1)
    return torch.stack([torch.minimum(source, target), torch.maximum(source, target)], dim=1)


def _gated(block: Block, gate: Tensor) -> GatedBlock:
    rows = block.indptr, block.indices, block.weight
    return GatedBlock(*rows, block.nodes, block.whole, block.edge_attr, gate=gate)


def _thinned(block: Block, kept: Tensor) -> Block:
    """Return the block without some entries; the degrees of the whole graph go on normalising."""
    row = Pattern(block.indptr, block.indices, block.num_sources).row_of_entry()
    indptr = torch.zeros_like(block.indptr)
    torch.cumsum(torch.bincount(row[kept], minlength=block.num_targets), 0, out=indptr[1:])
    weight = None if block.weight is None else block.weight[kept]
    edge_attr = None if block.edge_attr is None else block.edge_attr[kept]
    return Block(indptr, block.indices[kept], weight, block.nodes, block.whole, edge_attr)
