"""Compiled loops that count lines: how many cross each pixel, and which colours they have.

`cover` holds how much of each pixel lines cover, in 1/256, with a rim of two pixels that spares the loop every question
about borders: uint32 [T, height + 2 RIM, width + 2 RIM]. `tint` holds colours for blocks of pixels, since the eye sees
colour less sharply than light, and a pixel's full colour costs four times as much to add as its cover: float32
[T, blocks down, blocks across, 4], or [T, 0, 0, 4] where every line is plain. Edges are shared among T threads with
arrays of their own, so that cores do not meet.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

RIM = 2
_HIDDEN, _SELECTED = 3, 1  # of `scene.State`, whose module would bring Qt along
_ONE = 256  # cover of a whole pixel
_HANDFUL = 256  # edges whose paths are found together


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


@njit(cache=True, nogil=True)
def collect(
    xy: NDArray[np.float32], edges: NDArray[np.int32], order: NDArray[np.int32], ends: NDArray[np.float32]
) -> None:
    """Write the places of both ends of each edge, float32 [M, 4], so that drawing reads them one behind the other.

    Args: order: of the edges, int32 [M]; none: as they are.
    """
    for k in range(len(edges)):
        e = order[k] if len(order) else k
        a, b = edges[e, 0], edges[e, 1]
        ends[k, 0], ends[k, 1], ends[k, 2], ends[k, 3] = xy[a, 0], xy[a, 1], xy[b, 0], xy[b, 1]


@njit(cache=True, nogil=True)
def hues_of(edges: NDArray[np.int32], codes: NDArray[np.uint16], none: int, hue: NDArray[np.uint16]) -> None:
    """Write the row of the colours that both ends of an edge share, uint16 [M].

    Args: none: written where they differ.
    """
    for e in range(len(edges)):
        code = codes[edges[e, 0]]
        hue[e] = code if code == codes[edges[e, 1]] else none


@njit(cache=True, nogil=True, parallel=True)
def ink(
    ends: NDArray[np.float32],
    view: NDArray[np.float64],
    step: int,
    edges: NDArray[np.int32],
    state: NDArray[np.uint8],
    need: int,
    hue: NDArray[np.uint16],
    colours: NDArray[np.float32],
    level: NDArray[np.uint8],
    pens: NDArray[np.float32],
    shift: int,
    cover: NDArray[np.uint32],
    tint: NDArray[np.float32],
) -> None:
    """Count the edges.

    Args:
        ends: places of both ends in the scene, float32 [M, 4]. view: see `kernels.place`.
        step: every so-manieth edge is drawn.
        edges, state: nodes of each edge, and the state of each; no state: every edge is drawn.
        need: how many ends have to be selected.
        hue, colours: row of the colours for each edge, float32 [P, 3]; a higher one: no colour of its own. No hue: no
            edge has one.
        level: of each edge, uint8 [M]; none: all have level 0.
        pens: width in pixels and share of the opacity for each level, float32 [L, 2].
        shift: how often pixels are halved into blocks.
        cover, tint: what is counted, see the module; the edges are shared among T threads.
    """
    parts = len(cover)
    share = (len(ends) // step + parts) // parts * step
    for part in prange(parts):
        begin = part * share
        span = (begin, min(len(ends), begin + share), step)
        pages = (cover[part], tint[part])
        _ink(ends, view, span, (edges, state, need), (hue, colours), (level, pens), shift, pages)


@njit(cache=True, nogil=True)
def _ink(ends, view, span, states, hues, strengths, shift, pages):  # type: ignore[no-untyped-def]  # compiled
    """Count some edges, a handful at a time: what is the same for each is then computed for several at once."""
    at = np.empty((4, _HANDFUL), np.float32)
    kept = np.empty(_HANDFUL, np.uint8)
    path = np.empty((5, _HANDFUL), np.int32)
    longer = np.empty(_HANDFUL, np.float32)
    begin, end, step = span
    while begin < end:
        count = min(_HANDFUL, (end - begin + step - 1) // step)
        _place_ends(ends, view, begin, step, count, at, kept)
        _cut(view, begin, step, count, states, at, kept)
        _find_paths(count, at, path, longer)
        _follow(begin, step, count, kept, path, longer, hues, strengths, shift, pages)
        begin += count * step


@njit(cache=True, nogil=True)
def _place_ends(ends, view, begin, step, count, at, kept):  # type: ignore[no-untyped-def]  # compiled
    """Write the pixels of the ends, float32 [4, count], and whether both are inside."""
    x, y, scale, half_wide, half_high = view[0], view[1], view[2], view[3] / 2, view[4] / 2
    right, bottom = np.float32(view[3] - 1), np.float32(view[4] - 1)
    for k in range(count):
        e = begin + k * step
        x1 = np.float32((ends[e, 0] - x) * scale + half_wide)
        y1 = np.float32((y - ends[e, 1]) * scale + half_high)
        x2 = np.float32((ends[e, 2] - x) * scale + half_wide)
        y2 = np.float32((y - ends[e, 3]) * scale + half_high)
        at[0, k], at[1, k], at[2, k], at[3, k] = x1, y1, x2, y2
        # Written so that a place that is no number is not inside.
        wide = (x1 >= 0) & (x1 <= right) & (x2 >= 0) & (x2 <= right)
        kept[k] = wide & (y1 >= 0) & (y1 <= bottom) & (y2 >= 0) & (y2 <= bottom)


@njit(cache=True, nogil=True)
def _cut(view, begin, step, count, states, at, kept):  # type: ignore[no-untyped-def]  # compiled
    """Leave out edges that are not drawn, and cut those that leave the picture (Liang and Barsky 1984)."""
    right, bottom = np.float32(view[3] - 1), np.float32(view[4] - 1)
    edges, state, need = states
    for k in range(count):
        if len(state):
            e = begin + k * step
            one, other = state[edges[e, 0]], state[edges[e, 1]]
            if one == _HIDDEN or other == _HIDDEN or (one == _SELECTED) + (other == _SELECTED) < need:
                kept[k] = 0
                at[0, k] = at[1, k] = at[2, k] = at[3, k] = 0
                continue
        if kept[k]:
            continue
        x1, y1, x2, y2 = at[0, k], at[1, k], at[2, k], at[3, k]
        at[0, k] = at[1, k] = at[2, k] = at[3, k] = 0
        if not (min(x1, x2) <= right and max(x1, x2) >= 0 and min(y1, y2) <= bottom and max(y1, y2) >= 0):
            continue
        if not (x1 == x1 and x2 == x2 and y1 == y1 and y2 == y2):
            continue
        dx, dy = x2 - x1, y2 - y1
        enter_x, leave_x = _within(x1, x2, right)
        enter_y, leave_y = _within(y1, y2, bottom)
        enter, leave = max(enter_x, enter_y), min(leave_x, leave_y)
        if enter > leave:
            continue
        kept[k] = 1
        # Rounding may leave the picture by a hair, and the rim takes no more than two pixels.
        at[0, k] = min(max(x1 + enter * dx, np.float32(0)), right)
        at[1, k] = min(max(y1 + enter * dy, np.float32(0)), bottom)
        at[2, k] = min(max(x1 + leave * dx, np.float32(0)), right)
        at[3, k] = min(max(y1 + leave * dy, np.float32(0)), bottom)


@njit(cache=True, nogil=True)
def _within(a1, a2, most):  # type: ignore[no-untyped-def]  # compiled
    """Return between which shares of the way from a1 to a2 a line that is there at all lies in 0 … most."""
    enter, leave = np.float32(0), np.float32(1)
    way = a2 - a1
    if a1 < 0:
        enter = -a1 / way
    elif a1 > most:
        enter = (most - a1) / way
    if a2 < 0:
        leave = -a1 / way
    elif a2 > most:
        leave = (most - a1) / way
    return enter, leave


@njit(cache=True, nogil=True, fastmath={"nsz", "arcp", "contract", "afn"})
def _find_paths(count, at, path, longer):  # type: ignore[no-untyped-def]  # compiled
    """Write for each line whether it is steep, its first step and how many it has, where it is then, and its slope.

    Steps go along the longer axis; places across it are in 16 bits behind the point.
    """
    for k in range(count):
        x1, y1, x2, y2 = at[0, k], at[1, k], at[2, k], at[3, k]
        steep = abs(y2 - y1) > abs(x2 - x1)
        a1, b1 = (y1, x1) if steep else (x1, y1)
        a2, b2 = (y2, x2) if steep else (x2, y2)
        turned = a1 > a2
        a1, b1, a2, b2 = (a2, b2, a1, b1) if turned else (a1, b1, a2, b2)
        run = a2 - a1
        slope = (b2 - b1) / run if run > 0 else np.float32(0)
        first, last = np.int32(a1), np.int32(a2)
        middle = b1 + slope * (np.float32(first) + np.float32(0.5) - a1) - np.float32(0.5) + np.float32(RIM)
        path[0, k] = steep
        path[1, k] = first + np.int32(RIM)
        path[2, k] = last - first + np.int32(1)
        path[3, k] = np.int32(middle * np.float32(65536))
        path[4, k] = np.int32(slope * np.float32(65536))
        # A slanted line has fewer steps than its length, so each carries the ink of a longer piece.
        longer[k] = math.sqrt(np.float32(1) + slope * slope)


@njit(cache=True, nogil=True)
def _follow(begin, step, count, kept, path, longer, hues, strengths, shift, pages):  # type: ignore[no-untyped-def]  # compiled
    """Count lines along their paths."""
    cover, tint = pages[0].reshape(-1), pages[1].reshape(-1)
    wide, blocks = pages[0].shape[1], pages[1].shape[1]
    (hue, colours), (level, pens) = hues, strengths
    for k in range(count):
        if not kept[k]:
            continue
        e = begin + k * step
        pen = level[e] if len(level) else 0
        strong = np.int64(_ONE * longer[k] * pens[pen, 0] * pens[pen, 1])
        steep, first, steps = path[0, k], np.int64(path[1, k]), np.int64(path[2, k])
        at, go = np.int64(path[3, k]), np.int64(path[4, k])
        if len(hue) and hue[e] < len(colours):
            code = hue[e]
            parts = (steps + (1 << shift) - 1) >> shift
            part = np.float32(1) / np.float32(parts)
            n = np.float32(steps * strong) * part
            red, green, blue = n * colours[code, 0], n * colours[code, 1], n * colours[code, 2]
            hop, rise = np.int64(np.float32(steps << 8) * part), np.int64(np.float32(go * steps) * part)
            j, t = (first << 8) + (hop >> 1), at + (rise >> 1) + 32768
            across, down = (4 * blocks, 4) if steep else (4, 4 * blocks)
            for _ in range(parts):
                q = np.uint64((t >> (16 + shift)) * down + (j >> (8 + shift)) * across)
                tint[q] += red
                tint[q + np.uint64(1)] += green
                tint[q + np.uint64(2)] += blue
                tint[q + np.uint64(3)] += n
                j += hop
                t += rise
        along, across = (wide, 1) if steep else (1, wide)
        p = first * along
        if pens[pen, 0] > 1:
            most = (wide if steep else len(cover) // wide) - 1
            _wide(cover, p, (along, across, most), steps, at, go, longer[k] * pens[pen, 0], pens[pen, 1])
        elif steep:
            for _ in range(steps):
                q = np.uint64(p + (at >> 16))  # unsigned: the compiler then does not ask for negative places
                rest = ((at & 65535) * strong) >> 16
                cover[q] += np.uint32(strong - rest)
                cover[q + np.uint64(1)] += np.uint32(rest)
                at += go
                p += wide
        else:
            for i in range(p, p + steps):
                q = np.uint64((at >> 16) * wide + i)
                rest = ((at & 65535) * strong) >> 16
                cover[q] += np.uint32(strong - rest)
                cover[q + np.uint64(wide)] += np.uint32(rest)
                at += go


@njit(cache=True, nogil=True)
def _wide(cover, p, strides, steps, at, go, thick, heavy):  # type: ignore[no-untyped-def]  # compiled
    """Count a line wider than a pixel; what would lie beyond the rim is left out."""
    along, across, most = strides
    reach = np.float32(0.5) * thick + np.float32(0.5)
    for _ in range(steps):
        middle = np.float32(at) / np.float32(65536)
        low, high = math.ceil(middle - reach), math.floor(middle + reach)
        for j in range(max(int(low), 0), min(int(high), int(most)) + 1):
            part = min(np.float32(1), reach - abs(np.float32(j) - middle)) * heavy
            cover[np.uint64(p + j * across)] += np.uint32(_ONE * part)
        at += go
        p += along


@njit(cache=True, nogil=True, parallel=True)
def merge(cover: NDArray[np.uint32], tint: NDArray[np.float32], plain: NDArray[np.float32], shift: int) -> None:
    """Add up what was counted into the first page of `cover` and of `tint`.

    The blocks' edges without a colour of their own get the plain one: the cover that no colour accounts for.

    Args: as of `ink`. plain: colour of edges without one of their own, float32 [3].
    """
    rows, columns = cover.shape[1], cover.shape[2]
    side = 1 << shift
    for band in prange((rows + side - 1) >> shift):
        top, bottom = band * side, min(rows, (band + 1) * side)
        for part in range(1, len(cover)):
            for y in range(top, bottom):
                for x in range(columns):
                    cover[0, y, x] += cover[part, y, x]
        if tint.shape[1]:
            _fill_up(cover[0, top:bottom], tint[:, band], plain, shift)


@njit(cache=True, nogil=True)
def _fill_up(cover, tint, plain, shift):  # type: ignore[no-untyped-def]  # compiled
    """Complete the colours of one row of blocks. Args: cover: [rows of pixels, columns]. tint: [T, columns, 4]."""
    columns, side = cover.shape[1], 1 << shift
    counted = np.zeros(tint.shape[1] << shift, np.uint32)
    for y in range(len(cover)):
        for x in range(columns):
            counted[x] += cover[y, x]
    for column in range(tint.shape[1]):
        for part in range(1, len(tint)):
            for c in range(4):
                tint[0, column, c] += tint[part, column, c]
        total = np.uint32(0)
        for x in range(column * side, (column + 1) * side):
            total += counted[x]
        rest = max(np.float32(0), np.float32(total) - tint[0, column, 3])
        for c in range(3):
            tint[0, column, c] += rest * plain[c]
        tint[0, column, 3] += rest
