"""Frames drawn by the renderer's process: what it has to know, told once, and what each picture asks for."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.bridge.array_process import ArrayProcess, ProcessGoneError
from app.bridge.wire import Message
from app.canvas.arrows import draw_heads
from app.canvas.edges import edge_colours, tints
from app.canvas.frame import CONTEXT, Frame, FrameCache, extremes, lifted, radii, render
from app.canvas.look import Look
from app.canvas.mark_sheet import MarkSheet
from app.canvas.marks import mark_colours
from app.canvas.painting import painting
from app.canvas.scene import Colouring, Scene
from app.canvas.viewport import Viewport

_log = logging.getLogger(__name__)
MOST_EDGES = 5_000_000  # more are sampled, and the widget says so
_MOST_FOR_HEADS = 40_000  # edges in sight beyond which too few have room for a head to look for them
_numbers = itertools.count()


class CompiledRenderer:
    """Draws the frames of one canvas. Args: process: shared by all canvases."""

    def __init__(self, process: ArrayProcess) -> None:
        self._process = process
        self._canvas = next(_numbers)
        self._generation = -1
        self._sent: dict[str, object] = {}  # the array itself, or None: arrays of a scene are never written to
        self._sheet = MarkSheet()
        self._sheet_sent = -1

    @property
    def is_ready(self) -> bool:
        """Whether a frame can be asked for at once."""
        return self._process.is_ready

    def warm(self) -> None:
        """Start the process. Raises: ProcessGoneError: it cannot be had."""
        self._process.warm()

    def render(self, scene: Scene, viewport: Viewport, look: Look, usual: float) -> Frame:
        """Draw one frame, see `frame.render`. Raises: ProcessGoneError: the process is not there any more."""
        generation = self._process.generation
        if generation != self._generation:
            self._generation = generation
            self._sent.clear()
            self._sheet_sent = -1
        ratio = look.ratio
        low, high = extremes(scene, usual)
        self._sheet.need(_shapes(scene), low * ratio, high * ratio)
        arrays, without = self._news(scene)
        if self._sheet_sent != self._sheet.version:
            arrays |= self._sheet.arrays()
        header = {
            "do": "draw",
            "canvas": self._canvas,
            "view": [
                viewport.x,
                viewport.y,
                viewport.scale * ratio,
                max(1, round(viewport.width * ratio)),
                max(1, round(viewport.height * ratio)),
            ],
            "usual": usual * ratio,
            "lifted": lifted(scene, usual) * ratio,
            "ratio": ratio,
            "context": CONTEXT,
            "most_edges": MOST_EDGES,
            "without": without,
        }
        answer = self._process.ask(Message(header, arrays | _colours(scene, look)), generation)
        self._remember(scene)
        picture = answer.arrays["picture"]
        height, width = picture.shape[:2]
        image = QImage(picture.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        if scene.directed and answer.header["in_sight"] <= _MOST_FOR_HEADS:
            points = viewport.to_screen(scene.xy) * np.float32(ratio)
            with painting(image) as painter:
                radius = radii(scene, usual) * np.float32(ratio)
                draw_heads(painter, scene, points, radius, look, size=(width, height), ratio=ratio)
        image.setDevicePixelRatio(ratio)
        sampled = int(answer.header["step"]) if scene.num_edges else 1
        return Frame(image, viewport, scene, look, edge_step=sampled, pixels=picture)

    def forget(self) -> None:
        """Let the process forget the scene. Raises: ProcessGoneError: it is not there any more."""
        self._process.ask(Message({"do": "forget", "canvas": self._canvas}), self._generation)
        self._sent.clear()

    def _news(self, scene: Scene) -> tuple[dict[str, NDArray], list[str]]:
        """Return the arrays that the process does not have yet, and the names of those that are none any more."""
        arrays: dict[str, NDArray] = {}
        without: list[str] = []
        for name, array in _arrays(scene).items():
            if name not in self._sent or self._sent[name] is not array:
                if array is None:
                    without.append(name)
                else:
                    arrays[name] = array
        return arrays, without

    def _remember(self, scene: Scene) -> None:
        self._sent = dict(_arrays(scene))
        self._sheet_sent = self._sheet.version


def draw_once(process: ArrayProcess | None, scene: Scene, viewport: Viewport, look: Look, usual: float) -> Frame:
    """Draw one frame that no other will follow, by the renderer where it is ready; from any thread."""
    if process is not None and process.is_ready:
        renderer = CompiledRenderer(process)
        try:
            frame = renderer.render(scene, viewport, look, usual)
            renderer.forget()
            return frame
        except ProcessGoneError:
            _log.exception("the renderer's process failed; the frame is drawn without it")
    return render(scene, viewport, look, usual, FrameCache())


def _arrays(scene: Scene) -> Mapping[str, NDArray | None]:
    return {
        "xy": scene.xy,
        "edges": scene.edges,
        "state": scene.state,
        "codes": scene.colouring.codes,
        "size": scene.size,
        "own": None if scene.shaping is None else scene.shaping.codes,
        "level": None if scene.strength is None else scene.strength.level,
    }


def _shapes(scene: Scene) -> NDArray[np.uint8]:
    return scene.colouring.shapes if scene.shaping is None else np.unique(scene.shaping.codes)


def _colours(scene: Scene, look: Look) -> dict[str, NDArray]:
    """Return the small tables that change with theme and palette."""
    colouring = scene.colouring
    tinted = tints(colouring)
    hues, lit = (edge_colours(colouring, look, lit=lit) for lit in (False, True))
    return {
        "ground": np.array(look.ground[::-1], dtype=np.uint8),
        "shapes": colouring.shapes,
        "normal": _inks(colouring, look, dim=False),
        "dimmed": _inks(colouring, look, dim=True),
        "plain": np.array(look.edge, dtype=np.float32),
        "hues": hues[:-1] if tinted else hues[:0],
        "lit_hues": lit[:-1] if tinted else lit[:0],
        "pens": scene.pens(),
    }


def _inks(colouring: Colouring, look: Look, *, dim: bool) -> NDArray[np.uint8]:
    """Return blue, green, red of fill and rim for each row of the palette, uint8 [P, 6]."""
    table = np.empty((len(colouring.palette), 6), dtype=np.uint8)
    for row, (r, g, b) in enumerate(colouring.palette[:, :3].tolist()):
        fill, rim = mark_colours((r, g, b), look, dim=dim)
        table[row] = (fill.blue(), fill.green(), fill.red(), rim.blue(), rim.green(), rim.red())
    return table
