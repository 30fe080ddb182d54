"""Compiled loops of the renderer: places, tones, marks. All places are in device pixels.

A picture is uint8 [H, W, 4] in the order blue, green, red, alpha, colours multiplied by alpha: what Qt calls
ARGB32_Premultiplied on a little-endian machine. How lines are counted stands in `lines`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import config, njit, prange, set_num_threads
from numpy.typing import NDArray

from app.canvas.raster.lines import RIM

_HIDDEN = 3  # of `scene.State`, whose module would bring Qt along
_LIGHT = 0.5  # of the last bit: rounds a picture's bytes
# For numbers that hold blue, red and green in parts of 16 bits, see `_apart`.
_COLOURS, _HALF, _LAST = np.uint64(0xFF00FF00FF), np.uint64(0x7F007F007F), np.uint64(0x100010001)
_OPAQUE = np.uint64(0xFF000000)


def use_threads(most: int) -> int:
    """Let the loops use so many threads, as far as there are cores or the user allows. Returns: how many."""
    count = max(1, min(most, config.NUMBA_NUM_THREADS))  # type: ignore[attr-defined]  # set when numba is loaded
    set_num_threads(count)
    return count


@njit(cache=True, nogil=True)
def place(
    xy: NDArray[np.float32], state: NDArray[np.uint8], view: NDArray[np.float64], points: NDArray[np.float32]
) -> None:
    """Write the pixel of each node into `points`, float32 [N, 2]; what is not drawn gets no number.

    Args: view: x, y, scale, width, height as in `Viewport`, in device pixels.
    """
    x, y, scale, right, down = view[0], view[1], view[2], view[3] / 2, view[4] / 2
    for i in range(len(xy)):
        if state[i] == _HIDDEN:
            points[i, 0] = np.nan
            points[i, 1] = np.nan
        else:
            points[i, 0] = np.float32((xy[i, 0] - x) * scale + right)
            points[i, 1] = np.float32((y - xy[i, 1]) * scale + down)


@njit(cache=True, nogil=True)
def crossing(points: NDArray[np.float32], edges: NDArray[np.int32], step: int, width: int, height: int) -> int:
    """Return about how many edges come near the picture, from every so-manieth of them."""
    found = 0
    for e in range(0, len(edges), step):
        x1, y1 = points[edges[e, 0], 0], points[edges[e, 0], 1]
        x2, y2 = points[edges[e, 1], 0], points[edges[e, 1], 1]
        if min(x1, x2) < width and max(x1, x2) >= 0 and min(y1, y2) < height and max(y1, y2) >= 0:
            found += 1
    return found * step


@njit(cache=True, nogil=True, parallel=True)
def tone(
    cover: NDArray[np.uint32],
    tint: NDArray[np.float32],
    plain: NDArray[np.float32],
    shift: int,
    curve: NDArray[np.float32],
    out: NDArray[np.uint8],
) -> None:
    """Turn counts into a picture.

    Args: curve: opacity at a cover of i / 8 pixels, float32 [L]; it stays beyond. cover, tint: see `lines`;
        tint is [0, 0, 4] where every edge is plain.
    """
    height, width = out.shape[0], out.shape[1]
    most = len(curve) - 1
    hued = tint.shape[0] > 0
    per = np.float32(1.0 / (1 << shift))
    for y in prange(height):
        line = np.zeros((tint.shape[1] + 1, 4), np.float32)
        if hued:
            # Halfway between the middles of blocks their colours are mixed half and half.
            at = (np.float32(y + RIM) + np.float32(0.5)) * per - np.float32(0.5)
            row = min(max(np.int64(math.floor(at)), 0), tint.shape[0] - 2)
            down = min(max(at - row, np.float32(0)), np.float32(1))
            for x in range(tint.shape[1]):
                for c in range(4):
                    line[x, c] = tint[row, x, c] * (1 - down) + tint[row + 1, x, c] * down
        for x in range(width):
            n = cover[y + RIM, x + RIM]
            if n == 0:
                out[y, x, 0] = 0
                out[y, x, 1] = 0
                out[y, x, 2] = 0
                out[y, x, 3] = 0
                continue
            place = n >> np.uint32(5)
            if place >= most:
                alpha = curve[most]
            else:
                part = np.float32(n & np.uint32(31)) * np.float32(1 / 32)
                alpha = curve[place] * (1 - part) + curve[place + 1] * part
            red, green, blue = plain[0], plain[1], plain[2]
            if hued:
                at = (np.float32(x + RIM) + np.float32(0.5)) * per - np.float32(0.5)
                column = np.int64(at)
                side = at - column
                weight = line[column, 3] * (1 - side) + line[column + 1, 3] * side
                if weight > 0:
                    red = (line[column, 0] * (1 - side) + line[column + 1, 0] * side) / weight
                    green = (line[column, 1] * (1 - side) + line[column + 1, 1] * side) / weight
                    blue = (line[column, 2] * (1 - side) + line[column + 1, 2] * side) / weight
            out[y, x, 0] = np.uint8(blue * alpha + _LIGHT)
            out[y, x, 1] = np.uint8(green * alpha + _LIGHT)
            out[y, x, 2] = np.uint8(red * alpha + _LIGHT)
            out[y, x, 3] = np.uint8(255 * alpha + _LIGHT)


@njit(cache=True, nogil=True, parallel=True)
def lay(picture: NDArray[np.uint8], opacity: float, out: NDArray[np.uint8]) -> None:
    """Lay a picture over an opaque one."""
    share = np.uint64(opacity * 256)
    above, below = picture.view(np.uint32), out.view(np.uint32)
    for y in prange(len(out)):
        for x in range(above.shape[1]):
            pixel = np.uint64(above[y, x, 0])
            alpha = pixel >> np.uint64(24)
            if alpha == 0:
                continue
            # Both are shares of 255, the picture's having been thinned out first.
            thin = ((_apart(pixel) * share) >> np.uint64(8)) & _COLOURS
            keep = np.uint64(255) - ((alpha * share) >> np.uint64(8))
            below[y, x, 0] = _together(thin + _shared(_apart(np.uint64(below[y, x, 0])) * keep))


@njit(cache=True, nogil=True)
def _apart(pixel):  # type: ignore[no-untyped-def]  # compiled
    """Return blue, red and green of a pixel in parts of 16 bits of one number, so that they are mixed at once."""
    return (pixel & np.uint64(0xFF00FF)) | ((pixel & np.uint64(0xFF00)) << np.uint64(24))


@njit(cache=True, nogil=True)
def _shared(mixed):  # type: ignore[no-untyped-def]  # compiled
    """Return each part divided by 255 and rounded: (x + 127 + 1 + (x + 127) / 256) / 256."""
    mixed += _HALF
    return ((mixed + _LAST + ((mixed >> np.uint64(8)) & _COLOURS)) >> np.uint64(8)) & _COLOURS


@njit(cache=True, nogil=True)
def _together(parts):  # type: ignore[no-untyped-def]  # compiled
    """Return the opaque pixel of these parts."""
    return np.uint32((parts & np.uint64(0xFF00FF)) | ((parts >> np.uint64(24)) & np.uint64(0xFF00)) | _OPAQUE)


@njit(cache=True, nogil=True, parallel=True)
def stamp(
    points: NDArray[np.float32],
    order: NDArray[np.int32],
    state: NDArray[np.uint8],
    wanted: int,
    codes: NDArray[np.uint16],
    shapes: NDArray[np.uint8],
    own: NDArray[np.uint8],
    size: NDArray[np.float32],
    usual: float,
    least: float,
    where: NDArray[np.int32],
    spots: NDArray[np.int16],
    shares: NDArray[np.uint8],
    inks: NDArray[np.uint8],
    parts: int,
    out: NDArray[np.uint8],
) -> None:
    """Draw the marks of all nodes in one state.

    Args:
        order: nodes from the lowest to the topmost, int32 [N]; none: as they are numbered.
        codes: row of `shapes` and `inks` for each node. own: shape of each node where it does not follow the code.
        size, usual, least: radius of a node is the product, in pixels, and no less than that; no size: 1.
        where: for each shape and doubled radius the first and the last spot of its mark, int32 [S, R, 2].
        spots: row and column from the middle, int16 [K, 2]; shares: of fill and rim there, uint8 [K, 2].
        inks: blue, green, red of fill and rim, uint8 [P, 6].
        parts: bands of the picture, one for each core. out: an opaque picture.
    """
    width, largest = out.shape[1], where.shape[1] - 1
    mixed = np.empty((len(inks), 2), np.uint64)
    for k in range(len(inks)):
        for c in range(2):
            blue, green, red = inks[k, 3 * c], inks[k, 3 * c + 1], inks[k, 3 * c + 2]
            mixed[k, c] = np.uint64(blue) | np.uint64(red) << np.uint64(16) | np.uint64(green) << np.uint64(32)
    for part in prange(parts):
        top, bottom = out.shape[0] * part // parts, out.shape[0] * (part + 1) // parts
        flat = out.view(np.uint32).reshape(-1)
        for number in range(len(points)):
            node = order[number] if len(order) else number
            x, y = points[node, 0], points[node, 1]
            reach = largest
            if state[node] != wanted or not (
                x > -reach and x < width + reach and y > top - reach and y < bottom + reach
            ):
                continue
            radius = max(usual * size[node] if len(size) else usual, least)
            twice = min(max(np.int64(np.rint(2 * radius)), 1), largest)
            shape = own[node] if len(own) else shapes[codes[node]]
            left, high = np.int64(np.rint(x - 0.5)), np.int64(np.rint(y - 0.5))
            body, edge = mixed[codes[node], 0], mixed[codes[node], 1]
            inside = left >= largest and left < width - largest and high >= top + largest and high < bottom - largest
            for spot in range(where[shape, twice, 0], where[shape, twice, 1]):
                row, column = high + spots[spot, 0], left + spots[spot, 1]
                if not inside and (row < top or row >= bottom or column < 0 or column >= width):
                    continue
                fill, rim = np.uint64(shares[spot, 0]), np.uint64(shares[spot, 1])
                p = np.uint64(row * width + column)
                kept = _apart(np.uint64(flat[p])) * (np.uint64(255) - fill - rim)
                flat[p] = _together(_shared(fill * body + rim * edge + kept))
