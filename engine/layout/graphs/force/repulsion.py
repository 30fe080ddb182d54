"""What all nodes do to each other: far ones by a mesh, near ones pair by pair."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.layout._fft import MARGIN, Convolution, side_for
from engine.layout.graphs.force.kernels import add_near, all_pairs, near_pairs, sort_by_cell

Array = npt.NDArray[np.float64]

# Up to so many points every pair is summed up: a mesh would not be quicker.
_FEW = 400
# Pairs nearer than so many cells of the mesh are summed up one by one.
_REACH = 2.0
# Cells of the mesh along an axis, in roots of the number of points.
_FINENESS = 1.0
# Near pairs of a point that are worth a finer mesh; how much finer it gets, each time and at most.
_MANY_PAIRS, _FINER, _FINEST = 120, 1.5, 4.0


class Repulsion:
    """Sums m_i m_j (x_i - x_j) / |x_i - x_j|² over all pairs.

    From afar a point is seen as a round cloud that is as wide as near pairs are: outside it the force of the cloud is
    that of the point (Gauss), and inside it each pair gets the difference.

    Source: Hockney and Eastwood (1988), chapter 8 (P3M), in the plane, with a cloud of density proportional to 1 - t
        squared, t = r² / radius², which encloses a charge of 1 - (1 - t)³.
    """

    def __init__(self) -> None:
        self._mesh = Convolution(_cloud)

    def __call__(self, xy: Array, mass: Array, softening: float) -> Array:
        """Return the push on each point, shape [N, 2].

        Args: xy: shape [N, 2]. mass: shape [N], above zero. softening: distance below which the push gives way.
        """
        if len(xy) <= _FEW:
            return all_pairs(xy, mass, softening)
        low = xy.min(axis=0)
        extent = max(float((xy.max(axis=0) - low).max()), 1e-9)
        fineness = _FINENESS * float(np.sqrt(len(xy)))
        finest = _FINEST * fineness
        while True:
            side = side_for(fineness)
            spacing = extent / (side - 2 * MARGIN - 1)
            # In cells of the mesh the cloud is always the same, and so is its transform.
            cells = (xy - low) / spacing + MARGIN
            columns = int(side / _REACH) + 2
            order, starts = sort_by_cell(cells, _REACH, columns)
            fineness *= _FINER
            if fineness > finest or near_pairs(starts, columns) <= _MANY_PAIRS * len(xy):
                break
        push = -self._mesh(cells, mass, side)[:, 1:]
        add_near(push, cells, mass, order, starts, columns, _REACH, softening / spacing)
        return push * (mass / spacing)[:, None]


def _cloud(square: Array) -> Array:
    """Return the potential of a cloud: -ln(r / radius) outside, and what its density makes of it inside."""
    t = square / _REACH**2
    inside = 11 / 12 - 1.5 * t + 0.75 * t**2 - t**3 / 6
    return np.where(t < 1, inside, -0.5 * np.log(np.maximum(t, 1.0)))
