"""Compiled loops of the renderer: places, lines as density, tones, marks. All places are in device pixels.

A picture is uint8 [H, W, 4] in the order blue, green, red, alpha, colours multiplied by alpha: what Qt calls
ARGB32_Premultiplied on a little-endian machine. Lines are counted twice over: `cover` holds how much of each pixel
they cover, in 1/256, with a rim of two pixels that spares the loop every question about borders; `tint` holds their
colours for blocks of pixels, since the eye sees colour less sharply than light, and a pixel's full colour costs four
times as much to add as its cover. Each part of the edges has arrays of its own, so that cores do not meet.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange, set_num_threads
from numpy.typing import NDArray

RIM = 2
_HIDDEN, _SELECTED = 3, 1  # of `scene.State`, whose module would bring Qt along
_ONE = 256  # cover of a whole pixel
_LIGHT = 0.5  # of the last bit: rounds a picture's bytes


def use_threads(count: int) -> None:
    """Let the loops use so many threads, as far as there are cores."""
    set_num_threads(count)


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


@njit(cache=True, nogil=True)
def by_place(
    points: NDArray[np.float32], edges: NDArray[np.int32], corner: NDArray[np.float32], side: float, cells: int
) -> NDArray[np.int32]:
    """Return the order of the edges by the cell of a square grid that their middle lies in, int32 [M].

    Neighbours in this order touch the same few kilobytes of cover, which takes a third less time at a million nodes.

    Args: points: in any unit. corner, side, cells: the lowest point of the grid, the side of a cell, cells across.
    """
    cell = np.empty(len(edges), np.int32)
    first = np.zeros(cells * cells + 1, np.int64)
    for e in range(len(edges)):
        a, b = edges[e, 0], edges[e, 1]
        x = (np.float32(0.5) * (points[a, 0] + points[b, 0]) - corner[0]) / side
        y = (np.float32(0.5) * (points[a, 1] + points[b, 1]) - corner[1]) / side
        at = 0
        if x == x and y == y:
            column, row = min(max(int(x), 0), cells - 1), min(max(int(y), 0), cells - 1)
            at = row * cells + (cells - 1 - column if row & 1 else column)
        cell[e] = at
        first[at + 1] += 1
    for at in range(cells * cells):
        first[at + 1] += first[at]
    order = np.empty(len(edges), np.int32)
    for e in range(len(edges)):
        order[first[cell[e]]] = e
        first[cell[e]] += 1
    return order


@njit(cache=True, nogil=True, parallel=True)
def ink(
    points: NDArray[np.float32],
    edges: NDArray[np.int32],
    step: int,
    state: NDArray[np.uint8],
    need: int,
    codes: NDArray[np.uint16],
    colours: NDArray[np.float32],
    level: NDArray[np.uint8],
    pens: NDArray[np.float32],
    size: NDArray[np.int64],
    cover: NDArray[np.uint32],
    tint: NDArray[np.float32],
) -> None:
    """Count the edges.

    Args:
        step: every so-manieth edge is drawn.
        need: how many ends have to be selected (0: every edge is drawn).
        codes, colours: row of the colours for each node, float32 [P, 3]; an edge within one row has its colour. No
            codes: no edge has a colour of its own.
        level: of each edge, uint8 [M]; none: all have level 0.
        pens: width in pixels and share of the opacity for each level, float32 [L, 2].
        size: width and height of the picture, and how often its pixels are halved into blocks.
        cover, tint: what is counted, [T, height + 2 RIM, width + 2 RIM] and [T, blocks down, blocks across, 4]; the
            edges are shared among T threads.
    """
    parts = len(cover)
    share = (len(edges) // step + parts) // parts * step
    for part in prange(parts):
        begin = part * share
        end = min(len(edges), begin + share)
        pages = (cover[part], tint[part])
        _ink(points, edges, (begin, end, step), state, need, codes, colours, level, pens, size, pages)


@njit(cache=True, nogil=True, fastmath={"nsz", "arcp", "contract", "afn"})
def _ink(points, edges, span, state, need, codes, colours, level, pens, size, pages):  # type: ignore[no-untyped-def]  # noqa: C901 - one loop, written out for the compiler
    right, bottom = np.float32(size[0] - 1), np.float32(size[1] - 1)
    shift = size[2]
    cover, tint = pages
    stride, blocks = cover.shape[1], tint.shape[1]
    flat, hues = cover.reshape(-1), tint.reshape(-1)
    for e in range(span[0], span[1], span[2]):
        a, b = edges[e, 0], edges[e, 1]
        x1, y1, x2, y2 = points[a, 0], points[a, 1], points[b, 0], points[b, 1]
        # Written so that a place that is no number is left out too.
        if not (min(x1, x2) <= right and max(x1, x2) >= 0 and min(y1, y2) <= bottom and max(y1, y2) >= 0):
            continue
        if not (x1 == x1 and x2 == x2 and y1 == y1 and y2 == y2):
            continue
        if need > 0 and (state[a] == _SELECTED) + (state[b] == _SELECTED) < need:
            continue
        dx, dy = x2 - x1, y2 - y1
        if min(x1, x2) < 0 or max(x1, x2) > right or min(y1, y2) < 0 or max(y1, y2) > bottom:
            # Liang and Barsky (1984).
            enter, leave = np.float32(0), np.float32(1)
            if x1 < 0:
                enter = max(enter, -x1 / dx)
            elif x1 > right:
                enter = max(enter, (right - x1) / dx)
            if x2 < 0:
                leave = min(leave, -x1 / dx)
            elif x2 > right:
                leave = min(leave, (right - x1) / dx)
            if y1 < 0:
                enter = max(enter, -y1 / dy)
            elif y1 > bottom:
                enter = max(enter, (bottom - y1) / dy)
            if y2 < 0:
                leave = min(leave, -y1 / dy)
            elif y2 > bottom:
                leave = min(leave, (bottom - y1) / dy)
            if enter > leave:
                continue
            x1, y1, x2, y2 = x1 + enter * dx, y1 + enter * dy, x1 + leave * dx, y1 + leave * dy
            # Rounding may leave the picture by a hair, and the rim takes no more than two pixels.
            x1, x2 = min(max(x1, np.float32(0)), right), min(max(x2, np.float32(0)), right)
            y1, y2 = min(max(y1, np.float32(0)), bottom), min(max(y2, np.float32(0)), bottom)
            dx, dy = x2 - x1, y2 - y1
        steep = abs(dy) > abs(dx)
        if steep:
            x1, y1, x2, y2, dx, dy = y1, x1, y2, x2, dy, dx
        if x1 > x2:
            x1, y1, x2, y2 = x2, y2, x1, y1
        slope = dy / dx if dx != 0 else np.float32(0)
        pen = level[e] if len(level) else 0
        thick = pens[pen, 0]
        # A slanted line has fewer steps than its length, so each carries the ink of a longer piece.
        longer = np.float32(math.sqrt(1 + slope * slope))
        middle = y1 + slope * (np.float32(int(x1)) + np.float32(0.5) - x1) - np.float32(0.5) + RIM
        first, last = np.int64(x1) + RIM, np.int64(x2) + RIM
        # Fixed point from here on, 16 bits behind the point.
        at, go = np.int64(middle * np.float32(65536)), np.int64(slope * np.float32(65536))
        strong = np.int64(_ONE * thick * longer * pens[pen, 1])
        if len(codes) and codes[a] == codes[b]:
            steps = last - first + 1
            parts = (steps + (1 << shift) - 1) >> shift
            n = np.float32(steps * strong) / np.float32(parts)
            red, green, blue = n * colours[codes[a], 0], n * colours[codes[a], 1], n * colours[codes[a], 2]
            hop, rise = (steps << 8) // parts, go * steps // parts
            j, t = (first << 8) + (hop >> 1), at + (rise >> 1) + 32768
            for _ in range(parts):
                row, column = t >> (16 + shift), j >> (8 + shift)
                if steep:
                    row, column = column, row
                k = (row * blocks + column) * 4
                hues[np.uint64(k)] += red
                hues[np.uint64(k + 1)] += green
                hues[np.uint64(k + 2)] += blue
                hues[np.uint64(k + 3)] += n
                j += hop
                t += rise
        if thick > 1:
            _wide(flat, stride, steep, first, last, middle, slope, thick * longer, pens[pen, 1])
        elif steep:
            k = first * stride
            for _ in range(first, last + 1):
                p = np.uint64(k + (at >> 16))  # unsigned: the compiler then does not ask for negative places
                rest = (((at >> 8) & 255) * strong) >> 8
                flat[p] += np.uint32(strong - rest)
                flat[p + np.uint64(1)] += np.uint32(rest)
                at += go
                k += stride
        else:
            for i in range(first, last + 1):
                p = np.uint64((at >> 16) * stride + i)
                rest = (((at >> 8) & 255) * strong) >> 8
                flat[p] += np.uint32(strong - rest)
                flat[p + np.uint64(stride)] += np.uint32(rest)
                at += go


@njit(cache=True, nogil=True)
def _wide(flat, stride, steep, first, last, middle, slope, thick, heavy):  # type: ignore[no-untyped-def]  # inlined
    """Count a line wider than a pixel; what would lie beyond the rim is left out."""
    reach = np.float32(0.5) * thick + np.float32(0.5)
    most = np.int64(stride if steep else len(flat) // stride) - 1
    for i in range(first, last + 1):
        low, high = np.int64(math.ceil(middle - reach)), np.int64(math.floor(middle + reach))
        for j in range(max(int(low), 0), min(int(high), int(most)) + 1):
            part = min(np.float32(1), reach - abs(np.float32(j) - middle)) * heavy
            k = i * stride + j if steep else j * stride + i
            flat[np.uint64(k)] += np.uint32(_ONE * part)
        middle += slope


@njit(cache=True, nogil=True)
def fill_up(cover: NDArray[np.uint32], tint: NDArray[np.float32], plain: NDArray[np.float32], shift: int) -> None:
    """Give the blocks' edges without a colour of their own the plain one: the cover that no colour accounts for."""
    rows, columns = cover.shape
    side = 1 << shift
    for y in range(tint.shape[0]):
        for x in range(tint.shape[1]):
            total = np.float32(0)
            for j in range(y * side, min(rows, (y + 1) * side)):
                for i in range(x * side, min(columns, (x + 1) * side)):
                    total += np.float32(cover[j, i])
            rest = max(np.float32(0), total - tint[y, x, 3])
            for c in range(3):
                tint[y, x, c] += rest * plain[c]
            tint[y, x, 3] += rest


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

    Args: curve: opacity at a cover of i / 8 pixels, float32 [L]; it stays beyond. tint: see `fill_up`; [0, 0, 4]
        where every edge is plain.
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


@njit(cache=True, nogil=True)
def lay(picture: NDArray[np.uint8], opacity: float, out: NDArray[np.uint8]) -> None:
    """Lay a picture over an opaque one."""
    share = np.uint32(opacity * 256)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            alpha = np.uint32(picture[y, x, 3])
            if alpha == 0:
                continue
            keep = np.uint32(65280) - alpha * share
            for c in range(3):
                out[y, x, c] = np.uint8(
                    (picture[y, x, c] * share * np.uint32(255) + out[y, x, c] * keep) // np.uint32(65280)
                )


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
    for part in prange(parts):
        top, bottom = out.shape[0] * part // parts, out.shape[0] * (part + 1) // parts
        flat = out.reshape(-1)
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
            k = codes[node]
            for spot in range(where[shape, twice, 0], where[shape, twice, 1]):
                row, column = high + spots[spot, 0], left + spots[spot, 1]
                if row < top or row >= bottom or column < 0 or column >= width:
                    continue
                fill, rim = np.uint32(shares[spot, 0]), np.uint32(shares[spot, 1])
                keep = np.uint32(255) - fill - rim
                at = (row * width + column) * 4
                for c in range(3):
                    p = np.uint64(at + c)
                    mixed = fill * inks[k, c] + rim * inks[k, c + 3] + keep * flat[p]
                    flat[p] = np.uint8((mixed + np.uint32(127)) // np.uint32(255))
