"""Compiled loops between points and the nodes of a mesh, by cubic B-splines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[np.float64]
Mesh = npt.NDArray[np.float32]


@njit(cache=True, nogil=True, fastmath=True)
def spread(cells: Array, charge: Array, side: int) -> Mesh:
    """Return the charges on the nodes of a mesh, spread by cubic B-splines, shape [side, side] (y, x)."""
    mesh = np.zeros((side, side), np.float32)
    for i in range(len(cells)):
        x, y = cells[i, 0], cells[i, 1]
        left, low = int(x), int(y)
        u, v = x - left, y - low
        ax, bx = (1 - u) ** 3 / 6, (4 - 6 * u * u + 3 * u**3) / 6
        dx = u**3 / 6
        cx = 1 - ax - bx - dx
        ay, by = (1 - v) ** 3 / 6, (4 - 6 * v * v + 3 * v**3) / 6
        dy = v**3 / 6
        cy = 1 - ay - by - dy
        for k, weight in enumerate((ay, by, cy, dy)):
            weight *= charge[i]
            row = mesh[low - 1 + k]
            row[left - 1] += weight * ax
            row[left] += weight * bx
            row[left + 1] += weight * cx
            row[left + 2] += weight * dx
    return mesh


@njit(cache=True, nogil=True, fastmath=True)
def gather(cells: Array, field: Mesh) -> Array:
    """Return the value and the gradient of a field between the nodes of its mesh, shape [N, 3]."""
    out = np.empty((len(cells), 3))
    for i in range(len(cells)):
        x, y = cells[i, 0], cells[i, 1]
        left, low = int(x), int(y)
        u, v = x - left, y - low
        ax, bx = (1 - u) ** 3 / 6, (4 - 6 * u * u + 3 * u**3) / 6
        dx = u**3 / 6
        cx = 1 - ax - bx - dx
        ex, fx, hx = -0.5 * (1 - u) ** 2, 1.5 * u * u - 2 * u, 0.5 * u * u
        gx = -ex - fx - hx
        ay, by = (1 - v) ** 3 / 6, (4 - 6 * v * v + 3 * v**3) / 6
        dy = v**3 / 6
        cy = 1 - ay - by - dy
        ey, fy, hy = -0.5 * (1 - v) ** 2, 1.5 * v * v - 2 * v, 0.5 * v * v
        gy = -ey - fy - hy
        value, along_x, along_y = 0.0, 0.0, 0.0
        for k, (weight, slope) in enumerate(((ay, ey), (by, fy), (cy, gy), (dy, hy))):
            row = field[low - 1 + k]
            a, b, c, d = row[left - 1], row[left], row[left + 1], row[left + 2]
            across = a * ax + b * bx + c * cx + d * dx
            value += weight * across
            along_x += weight * (a * ex + b * fx + c * gx + d * hx)
            along_y += slope * across
        out[i, 0], out[i, 1], out[i, 2] = value, along_x, along_y
    return out
