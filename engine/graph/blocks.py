"""Blocks: one step of message passing each, from the nodes that are heard to the nodes that hear."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch, H, OperatorKind
from engine.graph.features import Pattern, SparseFeatures
from engine.graph.operators import Operator, make_operator


@dataclass(frozen=True, slots=True)
class Block:
    """One step of message passing, from *sources* to *targets*; the targets are the first of the sources.

    Args:
        indptr: int64 [T+1], rows by target.
        indices: int32 [E], positions among the sources, in no order that means anything.
        weight: float32 [E], or None when every entry counts 1. A sampler that keeps k of d neighbours may give each
            d / k, so that sums stay right on average.
        nodes: int64 [S], the number of each source in the whole graph; all different.
        whole: the graph the block is cut from; its degrees normalise, so that nothing changes by the cut.
        edge_attr: float32 [E, D], what the entries carry, or None.
    """

    indptr: Tensor
    indices: Tensor
    weight: Tensor | None
    nodes: Tensor
    whole: GraphBatch = field(repr=False)
    edge_attr: Tensor | None = None
    _operators: dict[str, Operator] = field(default_factory=dict, repr=False, compare=False)
    _patterns: list[Pattern] = field(default_factory=list, repr=False, compare=False)

    @property
    def num_sources(self) -> int:
        """S."""
        return len(self.nodes)

    @property
    def num_targets(self) -> int:
        """T."""
        return len(self.indptr) - 1

    @property
    def num_edges(self) -> int:
        """E."""
        return len(self.indices)

    @property
    def directed(self) -> bool:
        """Always true: what the targets hear says nothing about what the sources would."""
        return True

    @property
    def device(self) -> torch.device:
        """Where the tensors lie."""
        return self.indptr.device

    def propagation(self, kind: OperatorKind = "gcn") -> Operator:
        """Return the rows of the whole graph's operator that belong to the targets, [T, S]; see `GraphBatch`."""
        if kind not in self._operators:
            factors = self.whole.factors(kind).take(self.nodes)
            self._operators[kind] = make_operator(
                self.indptr, self.indices, self.weight, factors, num_sources=self.num_sources, symmetric=False
            )
        return self._operators[kind]

    def pattern(self) -> Pattern:
        """Return whom each target hears, without weights; made at the first use and kept, with its transpose."""
        if not self._patterns:
            self._patterns.append(Pattern(self.indptr, self.indices, self.num_sources))
        return self._patterns[0]

    def own(self, h: H) -> H:
        """Return the targets' own rows of h [S, W]: [T, W]."""
        return h[: self.num_targets] if isinstance(h, Tensor) else h.first_rows(self.num_targets)


@dataclass(frozen=True, slots=True)
class BlockBatch:
    """What a model needs to answer for some nodes: one block for each of its steps, and the features they start from.

    Args:
        whole: the graph everything is cut from.
        blocks: input first; the sources of one are the targets of the one before.
        rows: int64 [T], numbers of the nodes that are answered for.
        given: features to use instead of the whole graph's, one row for each outermost source.
        lasting: whether the same blocks stay for many steps, so that keeping what is made of them pays.
    """

    whole: GraphBatch = field(repr=False)
    blocks: tuple[Block, ...]
    rows: Tensor
    given: Tensor | SparseFeatures | None = None
    lasting: bool = False
    _kept: dict[str, Tensor | SparseFeatures] = field(default_factory=dict, repr=False, compare=False)
    _smoothed: dict[str, Tensor] = field(default_factory=dict, repr=False, compare=False)

    @property
    def sources(self) -> Tensor:
        """Numbers of the nodes whose features are read, int64 [S]: the outermost sources."""
        return self.blocks[0].nodes if self.blocks else self.rows

    @property
    def x(self) -> Tensor | SparseFeatures:
        """Features of the outermost sources, [S, F]; gathered at the first use and kept."""
        if self.given is not None:
            return self.given
        if "x" not in self._kept:
            self._kept["x"] = take_rows(self.whole.x, self.sources)
        return self._kept["x"]

    @property
    def num_nodes(self) -> int:
        """T: nodes that are answered for."""
        return len(self.rows)

    @property
    def in_width(self) -> int:
        """F, columns of the features."""
        return int((self.whole.x if self.given is None else self.given).shape[1])

    @property
    def device(self) -> torch.device:
        """Where the tensors lie."""
        return self.rows.device

    def block(self, step: int) -> Block:
        """Return the block of a step, counted from the input, or from the output where negative."""
        return self.blocks[step]

    def with_x(self, x: Tensor | SparseFeatures) -> BlockBatch:
        """Return the same blocks with other features [S, F] of the outermost sources.

        Raises: MismatchError: x has another number of rows.
        """
        if x.shape[0] != len(self.sources):
            raise MismatchError(
                f"The features describe {x.shape[0]} nodes, but {len(self.sources)} are read.", code="data.features"
            )
        return replace(self, given=x, lasting=False, _kept={}, _smoothed={})

    def smoothed(self, kind: OperatorKind = "gcn") -> Tensor | None:
        """Return the features after the first step's propagation, [T, F]; see `GraphBatch.smoothed`.

        With them a model need not look at the features of the outermost sources at all.
        """
        x = self.whole.x
        if not self.lasting or not self.blocks or not isinstance(x, Tensor) or x.requires_grad:
            return None
        if kind not in self._smoothed:
            first = self.blocks[0]
            self._smoothed[kind] = first.propagation(kind).forward.product(x[first.nodes])
        return self._smoothed[kind]


# What encoders and heads are given, and what one of their steps goes over.
AnyBatch = GraphBatch | BlockBatch
AnyBlock = GraphBatch | Block


def take_rows(x: Tensor | SparseFeatures, rows: Tensor) -> Tensor | SparseFeatures:
    """Return features made of chosen rows, in their order. Args: rows: int64 [M]."""
    return x.index_select(0, rows) if isinstance(x, Tensor) else x.take_rows(rows)


def restrict(batch: GraphBatch, rows: Tensor, hops: int) -> BlockBatch:
    """Cut out what a model of `hops` steps needs to answer for some nodes: their whole neighbourhoods.

    Nothing is left out and the degrees are the whole graph's, so answers and gradients are those of the whole graph.

    Args: batch: the whole graph. rows: int64 [T], different nodes. hops: steps of message passing.
    Returns: blocks whose last targets are `rows`, in their order.
    """
    found = restrict_within(batch, rows, hops, (hops + 1) * (batch.num_edges + batch.num_nodes))
    assert found is not None, "nothing is larger than the whole"
    return found


def restrict_within(batch: GraphBatch, rows: Tensor, hops: int, limit: float) -> BlockBatch | None:
    """Cut out the same as `restrict`, unless that turns out to be too much.

    Args: limit: most entries that are followed and rows that are mapped, over all steps.
    Returns: None when there are more; that is seen before the large blocks are made.
    """
    blocks: list[Block] = []
    targets, work = rows, 0
    for left in range(hops, 0, -1):
        here = int((batch.indptr[targets + 1] - batch.indptr[targets]).sum()) + len(targets)
        # Every step further in hears at least as much.
        if work + left * here > limit:
            return None
        work += here
        blocks.append(neighbourhood(batch, targets))
        targets = blocks[-1].nodes
    if work + len(targets) > limit:
        return None
    return BlockBatch(batch, tuple(reversed(blocks)), rows, lasting=batch.lasting)


def neighbourhood(batch: GraphBatch, targets: Tensor) -> Block:
    """Return the block of all entries in some rows.

    Args: targets: int64 [T], different nodes.
    Returns: sources are the targets, then everybody else whom they hear, in ascending order.
    """
    starts = batch.indptr[targets]
    counts = batch.indptr[targets + 1] - starts
    indptr = torch.zeros(len(targets) + 1, dtype=torch.int64, device=targets.device)
    torch.cumsum(counts, 0, out=indptr[1:])
    entries = torch.repeat_interleave(starts - indptr[:-1], counts)
    entries += torch.arange(len(entries), device=targets.device)
    heard = batch.indices[entries]
    others = torch.zeros(batch.num_nodes, dtype=torch.bool, device=targets.device)
    others[heard.long()] = True
    others[targets] = False
    nodes = torch.cat([targets, others.nonzero().squeeze(1)])
    position = torch.empty(batch.num_nodes, dtype=torch.int32, device=targets.device)
    position[nodes] = torch.arange(len(nodes), dtype=torch.int32, device=targets.device)
    weight = None if batch.weight is None else batch.weight[entries]
    edge_attr = None if batch.edge_attr is None else batch.edge_attr[entries]
    return Block(indptr, position[heard.long()], weight, nodes, batch, edge_attr)
