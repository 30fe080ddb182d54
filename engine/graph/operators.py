"""What graph convolutions multiply by: a normalised adjacency as a sparse map and its transpose."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.graph.features import Pattern
from engine.graph.products import SparseMap


@dataclass(frozen=True, slots=True)
class Operator:
    """A square map over nodes and its transpose, which for undirected graphs is the map itself.

    Args: forward: gathers from the sources of each target. backward: its transpose.
    """

    forward: SparseMap
    backward: SparseMap

    @property
    def transposed(self) -> Operator:
        """The same operator seen from the other side."""
        return Operator(self.backward, self.forward)


def make_operator(
    indptr: Tensor, indices: Tensor, weight: Tensor | None, *, directed: bool, with_loops: bool
) -> Operator:
    """Normalise an adjacency symmetrically by degree.

    Entry (i, j) counts d_i^-1/2 w_ij d_j^-1/2, where d_i is the sum of |w_ij| over row i, its loop included. A loop
    that the data holds keeps its weight; every other node gets one of weight 1 (with_loops) or none. A node of
    degree 0 gets a row of zeros. Where nothing is weighted there is no number for each entry, only d^-1/2.

    Args:
        indptr, indices, weight: rows by target, [N+1], [E], [E] or None.
        directed: False promises symmetry, so that no transpose is made.
        with_loops: whether each node hears itself.
    Source: Kipf and Welling (2017), equations 2 and 8; for directed graphs the in-degree normalises, as
        torch_geometric does. Negative weights are theirs to define: the absolute value keeps the degree positive.
    """
    device = indptr.device
    # Made on the CPU, once per graph: sums by row are not deterministic on every device.
    indptr, indices, weight = indptr.cpu(), indices.cpu(), None if weight is None else weight.cpu()
    num_nodes = len(indptr) - 1
    rows = Pattern(indptr, indices, num_nodes)
    row = rows.row_of_entry()
    loops = row == indices
    centre = torch.full((num_nodes,), 1.0 if with_loops else 0.0, dtype=torch.float64)
    if bool(loops.any()):
        # Loops leave the structure and live on the diagonal, so that each counts exactly once.
        own = torch.ones(1).expand(len(row)) if weight is None else weight
        centre[row[loops]] = own[loops].double()
        indptr, indices, row = _without(loops, indptr, indices, row)
        weight = None if weight is None else weight[~loops]
    scale = _inverse_root(_row_sums(row, weight, num_nodes) + centre.abs())
    if weight is None:
        forward = SparseMap(indptr, indices, num_nodes, scale=scale.float(), centre=(centre * scale).float())
    else:
        values = scale[row] * weight.double() * scale[indices.long()]
        forward = SparseMap(indptr, indices, num_nodes, values=values.float(), centre=(centre * scale * scale).float())
    backward = _transposed(forward) if directed else forward
    forward = forward.to(device)
    return Operator(forward, backward.to(device) if directed else forward)


def _transposed(forward: SparseMap) -> SparseMap:
    turned = Pattern(forward.indptr, forward.indices, forward.width).turned()
    values = None if forward.values is None else forward.values[turned.order]
    return SparseMap(
        turned.pattern.indptr, turned.pattern.indices, forward.width, values, forward.scale, forward.centre
    )


def _without(loops: Tensor, indptr: Tensor, indices: Tensor, row: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    kept = ~loops
    starts = torch.zeros_like(indptr)
    torch.cumsum(torch.bincount(row[kept], minlength=len(indptr) - 1), 0, out=starts[1:])
    return starts, indices[kept], row[kept]


def _row_sums(row: Tensor, weight: Tensor | None, num_nodes: int) -> Tensor:
    counted = None if weight is None else weight.abs().double()
    return torch.bincount(row, weights=counted, minlength=num_nodes).double()


def _inverse_root(degree: Tensor) -> Tensor:
    return torch.where(degree > 0, degree.clamp(min=torch.finfo(degree.dtype).tiny).rsqrt(), 0.0)
