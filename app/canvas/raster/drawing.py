"""The renderer's side of a picture: keeps the arrays of each canvas and draws them when asked."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.bridge.wire import Message
from app.canvas import toning
from app.canvas.raster import kernels, lines

# While a frame is drawn the window waits for it, so it may have every core; more than four add up more than they count.
_MOST_THREADS = 4
_SAMPLE = 16  # every so-manieth edge tells how many are in sight
_CELLS = 64  # of the grid that edges are sorted by, across
_CRISP = 60_000  # edges in sight up to which colours are kept for blocks of two pixels, beyond for blocks of four
_HAIR = 50_000  # edges in sight beyond which a line is a pixel wide and stronger instead of wider
_SPREAD = 7  # rows and columns between the pixels that tell how dense the densest places are
_NEARLY_ALL = 0.998
_NO_HUE = 65535  # stands for an edge without a colour of its own
_HIDDEN, _SELECTED, _DIMMED, _NORMAL = 3, 1, 2, 0
_NONE_U8 = np.zeros(0, np.uint8)
_NONE_U16 = np.zeros(0, np.uint16)
_NONE_I32 = np.zeros(0, np.int32)
_NONE_F32 = np.zeros(0, np.float32)
_NO_TINT = np.zeros((0, 0, 4), np.float32)
# What a canvas may send, and what it is while it was not sent.
_NAMES: dict[str, NDArray[Any]] = {
    "xy": np.zeros((0, 2), np.float32),
    "edges": np.zeros((0, 2), np.int32),
    "state": _NONE_U8,
    "codes": _NONE_U16,
    "own": _NONE_U8,
    "size": _NONE_F32,
    "level": _NONE_U8,
}


@dataclass(slots=True)
class _Lines:
    """The edges as they are drawn: one behind the other in memory, by place from the second frame on.

    Args: edges: nodes, int32 [M, 2]. ends: places of both, float32 [M, 4]. hue: row of the colours, uint16 [M].
    """

    edges: NDArray[np.int32]
    level: NDArray[np.uint8]
    ends: NDArray[np.float32]
    hue: NDArray[np.uint16] | None = None
    is_sorted: bool = False


@dataclass(slots=True)
class _Canvas:
    """What one canvas has sent, and the picture of all its edges."""

    arrays: dict[str, NDArray[Any]] = field(default_factory=lambda: dict(_NAMES))
    told: dict[str, int] = field(default_factory=dict)  # how often each array came
    marks: dict[str, NDArray[Any]] = field(default_factory=dict)  # in the sizes that this canvas has
    order: NDArray[np.int32] = field(default_factory=lambda: _NONE_I32)
    lines: _Lines | None = None
    edges: NDArray[np.uint8] | None = None
    edges_of: tuple[object, ...] = ()
    in_sight: int = 0
    step: int = 1


class Drawing:
    """Answers questions: "warm", "forget" and "draw"."""

    def __init__(self) -> None:
        self._threads = kernels.use_threads(_MOST_THREADS)
        self._canvases: dict[int, _Canvas] = {}
        self._pages: dict[str, NDArray[Any]] = {}

    def answer(self, question: Message) -> Message:
        """Do what the header says."""
        header = question.header
        if header["do"] == "warm":
            self._warm()
            return Message({})
        if header["do"] == "forget":
            self._canvases.pop(int(header["canvas"]), None)
            return Message({})
        canvas = self._canvases.setdefault(int(header["canvas"]), _Canvas())
        for name in header.get("without", ()):
            self._take(canvas, name, _NAMES[name])
        for name, array in question.arrays.items():
            if name in _NAMES:
                self._take(canvas, name, array)
        for name in ("where", "spots", "shares"):
            if name in question.arrays:
                canvas.marks[name] = question.arrays[name]
        return self._draw(canvas, header, question.arrays)

    def _take(self, canvas: _Canvas, name: str, array: NDArray[Any]) -> None:
        canvas.arrays[name] = array
        canvas.told[name] = canvas.told.get(name, 0) + 1
        if name in ("xy", "edges", "level"):
            canvas.lines = None
        if name == "codes" and canvas.lines is not None:
            canvas.lines.hue = None
        if name == "size":
            # What is large is what one looks for, so it lies on top.
            canvas.order = np.argsort(array, kind="stable").astype(np.int32) if len(array) else _NONE_I32

    def _draw(self, canvas: _Canvas, header: Mapping[str, Any], asked: Mapping[str, NDArray[Any]]) -> Message:
        view = np.array(header["view"], np.float64)
        width, height = int(view[3]), int(view[4])
        arrays = canvas.arrays
        points = np.empty(arrays["xy"].shape, np.float32)
        kernels.place(arrays["xy"], arrays["state"], view, points)
        out = self._page("picture", (height, width, 4), np.uint8, is_clear=False)
        blue, green, red = (int(c) for c in asked["ground"])
        out.view(np.uint32)[:] = 0xFF000000 | red << 16 | green << 8 | blue
        if len(arrays["edges"]):
            self._draw_edges(canvas, header, asked, points, out)
        there = np.bincount(arrays["state"], minlength=4)
        for state, inks in ((_DIMMED, "dimmed"), (_NORMAL, "normal"), (_SELECTED, "normal")):
            if not there[state]:
                continue
            kernels.stamp(
                points,
                canvas.order,
                arrays["state"],
                state,
                arrays["codes"],
                asked["shapes"],
                arrays["own"],
                arrays["size"],
                float(header["usual"]),
                float(header["lifted"]) if state == _SELECTED else 0.0,
                canvas.marks["where"],
                canvas.marks["spots"],
                canvas.marks["shares"],
                asked[inks],
                self._threads,
                out,
            )
        return Message({"in_sight": canvas.in_sight, "step": canvas.step}, {"picture": out})

    def _draw_edges(
        self,
        canvas: _Canvas,
        header: Mapping[str, Any],
        asked: Mapping[str, NDArray[Any]],
        points: NDArray[np.float32],
        out: NDArray[np.uint8],
    ) -> None:
        arrays, view = canvas.arrays, header["view"]
        width, height = out.shape[1], out.shape[0]
        hidden = zlib.crc32(np.packbits(arrays["state"] == _HIDDEN).data)
        told = tuple(canvas.told.get(name, 0) for name in ("xy", "edges", "codes", "level"))
        of = (told, tuple(view), hidden, asked["plain"].tobytes(), asked["hues"].tobytes(), asked["pens"].tobytes())
        if canvas.edges is None or canvas.edges_of != of:
            edges = arrays["edges"]
            canvas.step = -(-len(edges) // int(header["most_edges"]))
            every = max(1, min(_SAMPLE, len(edges) // 1000))
            canvas.in_sight = kernels.crossing(points, edges, every, width, height) // canvas.step
            canvas.edges = self._picture(canvas, header, asked, need=0)
            canvas.edges_of = of
        count = int((arrays["state"] == _SELECTED).sum())
        kernels.lay(canvas.edges, float(header["context"]) if count else 1.0, out)
        if 0 < count < len(points):
            # Of one node alone its own edges are lit, of several those among them.
            need = 1 if count == 1 else 2
            kernels.lay(self._picture(canvas, header, asked, need=need), 1.0, out)

    def _picture(
        self, canvas: _Canvas, header: Mapping[str, Any], asked: Mapping[str, NDArray[Any]], *, need: int
    ) -> NDArray[np.uint8]:
        """Return the edges on a clear ground. Args: need: how many ends have to be selected."""
        arrays, view = canvas.arrays, np.array(header["view"], np.float64)
        width, height = int(view[3]), int(view[4])
        told = self._lines(canvas)
        shift = 1 if canvas.in_sight <= _CRISP else 2
        side, wide, high = 1 << shift, width + 2 * lines.RIM, height + 2 * lines.RIM
        parts = self._threads if canvas.in_sight > 5_000 else 1
        cover = self._page("cover", (parts, high, wide), np.uint32)
        hues = asked["lit_hues" if need else "hues"]
        if len(hues) and told.hue is None:
            told.hue = np.empty(len(told.edges), np.uint16)
            lines.hues_of(told.edges, arrays["codes"], _NO_HUE, told.hue)
        blocks = (-(-high // side) + 1, -(-wide // side) + 1) if len(hues) else (0, 0)
        tint = self._page("tint", (parts, *blocks, 4), np.float32)
        pens = asked["pens"].copy()
        pens[:, 0] *= header["ratio"]
        if canvas.in_sight > _HAIR:
            pens[:, 1] *= pens[:, 0]
            pens[:, 0] = 1.0
        plain, state = asked["plain"], arrays["state"]
        lines.ink(
            told.ends,
            view,
            canvas.step,
            told.edges,
            state if need or (state == _HIDDEN).any() else _NONE_U8,
            need,
            told.hue if len(hues) and told.hue is not None else _NONE_U16,
            hues,
            told.level,
            pens,
            shift,
            cover,
            tint,
        )
        lines.merge(cover, tint, plain, shift)
        counted = cover[0, lines.RIM :: _SPREAD, lines.RIM :: _SPREAD]
        ceiling = float(np.quantile(counted, _NEARLY_ALL)) / 256 if counted.size else 0.0
        one = toning.of_one(canvas.in_sight, lit=need > 0)
        # The picture of all edges belongs to the canvas, which may lay it under other selections.
        out = self._page("lit edges", (height, width, 4), np.uint8, is_clear=False) if need else canvas.edges
        if out is None or out.shape != (height, width, 4):
            out = np.empty((height, width, 4), np.uint8)
        kernels.tone(cover[0], tint[0] if len(hues) else _NO_TINT, plain, shift, toning.curve(one, ceiling), out)
        return out

    def _page(self, name: str, shape: tuple[int, ...], dtype: type, *, is_clear: bool = True) -> NDArray[Any]:
        """Return an array, of zeros where it is to be clear, that serves one picture.

        The memory is that of the picture before, if it fits: a system takes its time to hand out megabytes.
        """
        page = self._pages.get(name)
        if page is None or page.shape != shape:
            page = self._pages[name] = np.zeros(shape, dtype)
        elif is_clear:
            page.fill(0)
        return page

    def _lines(self, canvas: _Canvas) -> _Lines:
        """Return the edges, by place from the second frame on: while a layout moves, sorting would not pay."""
        xy, edges, level = (canvas.arrays[name] for name in ("xy", "edges", "level"))
        told = canvas.lines
        if told is not None and told.is_sorted:
            return told
        order = _NONE_I32
        if told is not None:
            low, high = np.nanmin(xy, axis=0), np.nanmax(xy, axis=0)
            order = lines.by_place(xy, edges, low, max(float((high - low).max()) / _CELLS, 1e-30), _CELLS)
        ends = np.empty((len(edges), 4), np.float32)
        lines.collect(xy, edges, order, ends)
        if told is not None:
            edges, level = edges[order], level[order] if len(level) else level
        canvas.lines = _Lines(edges, level, ends, is_sorted=told is not None)
        return canvas.lines

    def _warm(self) -> None:
        """Have everything compiled: draw a small picture in every way."""
        arrays: dict[str, NDArray[Any]] = {
            "xy": np.array([[0, 0], [4, 3], [9, 5]], np.float32),
            "edges": np.array([[0, 1], [1, 2]], np.int32),
            "state": np.array([_SELECTED, _SELECTED, _DIMMED], np.uint8),
            "codes": np.zeros(3, np.uint16),
            "where": np.array([[[0, 0], [0, 1]]], np.int32),
            "spots": np.zeros((1, 2), np.int16),
            "shares": np.full((1, 2), 9, np.uint8),
            "ground": np.zeros(3, np.uint8),
            "shapes": np.zeros(1, np.uint8),
            "dimmed": np.zeros((1, 6), np.uint8),
            "normal": np.zeros((1, 6), np.uint8),
            "plain": np.zeros(3, np.float32),
            "hues": np.zeros((1, 3), np.float32),
            "lit_hues": np.zeros((1, 3), np.float32),
            "pens": np.ones((1, 2), np.float32),
        }
        header = {
            "do": "draw",
            "canvas": -1,
            "view": [4.5, 2.5, 3.0, 40, 30],
            "usual": 1.0,
            "lifted": 1.0,
            "ratio": 1.0,
        }
        for _ in range(2):
            self.answer(Message(header | {"context": 0.5, "most_edges": 10}, arrays))
        self._canvases.clear()
        self._pages.clear()
