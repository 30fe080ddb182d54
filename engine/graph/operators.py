"""What graph convolutions multiply by: a normalised adjacency as a sparse map and its transpose."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.graph.features import Pattern
from engine.graph.products import SparseMap


@dataclass(frozen=True, slots=True)
class Operator:
    """A map from the vectors of the sources to those of the targets, with its transpose.

    Args: forward: gathers from the sources of each target. symmetric: the map is its own transpose.
    """

    forward: SparseMap
    symmetric: bool = False
    _turned: list[SparseMap] = field(default_factory=list, repr=False, compare=False)

    @property
    def backward(self) -> SparseMap:
        """The transposed map, made at the first use and kept; of a symmetric one the map itself."""
        if self.symmetric:
            return self.forward
        if not self._turned:
            self._turned.append(self.forward.turned())
        return self._turned[0]

    @property
    def transposed(self) -> Operator:
        """The same operator seen from the other side."""
        return self if self.symmetric else Operator(self.backward, False, [self.forward])


@dataclass(frozen=True, slots=True)
class Factors:
    """What normalises the entries of a graph by the degrees of its nodes.

    Args:
        scale: d^-1/2, float64 [N], zero for a node of degree 0.
        centre: weight of each node's own loop, float64 [N].
        has_loops: whether the structure itself holds loops, which `centre` stands for.
    """

    scale: Tensor
    centre: Tensor
    has_loops: bool

    def take(self, nodes: Tensor) -> Factors:
        """Return the factors of some nodes, in their order. Args: nodes: int64 [S]."""
        return Factors(self.scale.index_select(0, nodes), self.centre.index_select(0, nodes), self.has_loops)


def degree_factors(indptr: Tensor, indices: Tensor, weight: Tensor | None, *, with_loops: bool) -> Factors:
    """Return the factors that normalise an adjacency symmetrically.

    The degree d_i is the sum of |w_ij| over row i, its loop included. A loop that the data holds keeps its weight;
    every other node gets one of weight 1 (with_loops) or none.

    Args: indptr, indices, weight: rows by target, [N+1], [E], [E] or None.
    """
    device = indptr.device
    # Made on the CPU, once per graph: sums by row are not deterministic on every device.
    indptr, indices, weight = indptr.cpu(), indices.cpu(), None if weight is None else weight.cpu()
    num_nodes = len(indptr) - 1
    row = Pattern(indptr, indices, num_nodes).row_of_entry()
    loops = row == indices
    has_loops = bool(loops.any())
    centre = torch.full((num_nodes,), 1.0 if with_loops else 0.0, dtype=torch.float64)
    if has_loops:
        own = torch.ones(1).expand(len(row)) if weight is None else weight
        centre[row[loops]] = own[loops].double()
        row = row[~loops]
        weight = None if weight is None else weight[~loops]
    scale = _inverse_root(_row_sums(row, weight, num_nodes) + centre.abs())
    return Factors(scale.to(device), centre.to(device), has_loops)


def make_operator(
    indptr: Tensor, indices: Tensor, weight: Tensor | None, factors: Factors, *, num_sources: int, symmetric: bool
) -> Operator:
    """Normalise rows by degree.

    Entry (i, j) counts d_i^-1/2 w_ij d_j^-1/2, and each node hears itself as much as its loop counts. Where nothing
    is weighted there is no number for each entry, only d^-1/2. A node of degree 0 gets a row of zeros.

    Args:
        indptr, indices, weight: rows by target, [T+1], [E], [E] or None; the targets are the first of the sources.
        factors: of the sources, S of them.
        num_sources: S.
        symmetric: promises a square, symmetric structure, so that no transpose is made.
    Source: Kipf and Welling (2017), equations 2 and 8; for directed graphs the in-degree normalises, as
        torch_geometric does. Negative weights are theirs to define: the absolute value keeps the degree positive.
    """
    num_targets = len(indptr) - 1
    if factors.has_loops:
        # Loops leave the structure and live on the diagonal, so that each counts exactly once.
        indptr, indices, weight = _without_loops(indptr, indices, weight)
    scale, centre = factors.scale, factors.centre[:num_targets]
    if weight is None:
        forward = SparseMap(
            indptr, indices, num_sources, scale=scale.float(), centre=(centre * scale[:num_targets]).float()
        )
    else:
        row = Pattern(indptr, indices, num_sources).row_of_entry()
        values = scale[row] * weight.double() * scale[indices.long()]
        diagonal = centre * scale[:num_targets].square()
        forward = SparseMap(indptr, indices, num_sources, values=values.float(), centre=diagonal.float())
    return Operator(forward, symmetric)


def _without_loops(indptr: Tensor, indices: Tensor, weight: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    row = Pattern(indptr, indices, len(indptr) - 1).row_of_entry()
    kept = row != indices
    starts = torch.zeros_like(indptr)
    torch.cumsum(torch.bincount(row[kept], minlength=len(indptr) - 1), 0, out=starts[1:])
    return starts, indices[kept], None if weight is None else weight[kept]


def _row_sums(row: Tensor, weight: Tensor | None, num_nodes: int) -> Tensor:
    counted = None if weight is None else weight.abs().double()
    return torch.bincount(row, weights=counted, minlength=num_nodes).double()


def _inverse_root(degree: Tensor) -> Tensor:
    return torch.where(degree > 0, degree.clamp(min=torch.finfo(degree.dtype).tiny).rsqrt(), 0.0)
