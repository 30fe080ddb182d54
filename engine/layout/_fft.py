"""Sums over all pairs of points in the plane, by a mesh and one fast convolution (smooth particle mesh)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.fft

from engine.layout._splines import Array, Mesh, gather, spread

# Cells between the outermost points and the edge of the mesh, so that no spline and no wrapped error reaches over it.
MARGIN = 6
# Sides of a mesh whose double is a product of small primes.
_SIDES = (32, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512, 640, 768, 1024, 1536)


def side_for(cells: float) -> int:
    """Return the smallest side of a mesh with that many cells inside its margins; the largest where none has."""
    return next((side for side in _SIDES if side >= cells + 2 * MARGIN), _SIDES[-1])


class Convolution:
    """Sums a radial potential over all points at once: u(x_i) = sum_j q_j f(|x_i - x_j|) and its gradient.

    Charges are spread on a mesh by cubic B-splines, convolved there, and u is read back by the same splines, whose
    derivatives give the gradient. The splines' own blur is divided out. f must be smooth over about two cells; u holds
    each point's own term q_i f(0).

    Source: Essmann et al. (1995), smooth particle mesh Ewald, section II; open boundaries by a doubled mesh (Hockney
        and Eastwood 1988, section 6-5-4). A mesh for t-SNE as Linderman et al. (2019), with other splines.

    Args: potential: f of squared distances in cells, for an array of any shape.
    """

    def __init__(self, potential: Callable[[Array], Array]) -> None:
        self._potential = potential
        self._known: dict[int, Mesh] = {}

    def __call__(self, cells: Array, charge: Array, side: int) -> Array:
        """Return u and its gradient, by cells, shape [N, 3].

        Args: cells: positions in cells of the mesh, shape [N, 2], from 2 to `side` - 3. charge: shape [N].
            side: nodes of the mesh along an axis.
        """
        waves = scipy.fft.rfft2(spread(cells, charge, side), s=(2 * side, 2 * side))
        waves *= self._filter(side)
        return gather(cells, scipy.fft.irfft2(waves, s=(2 * side, 2 * side), overwrite_x=True))

    def _filter(self, side: int) -> Mesh:
        """Return the transform of f, without the blur of spreading and reading; real, because f is even."""
        if side not in self._known:
            place = np.arange(2 * side)
            steps = np.minimum(place, 2 * side - place).astype(np.float64)
            table = self._potential(steps[:, None] ** 2 + steps[None] ** 2)
            blur = (2.0 + np.cos(np.pi * place / side)) / 3.0
            waves = scipy.fft.rfft2(table).real / (blur[:, None] * blur[None, : side + 1]) ** 2
            self._known[side] = waves.astype(np.float32)
        return self._known[side]
