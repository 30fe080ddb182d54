"""Names of a few important nodes, placed so that none covers another or a node."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from app.canvas.look import Look
from app.canvas.painting import painting
from app.canvas.scene import Scene, State
from app.canvas.viewport import Viewport

MOST_LABELS = 14
_QUIET = 8  # labels while nothing is selected and many nodes are in sight
_READABLE = 60  # so few nodes in sight can all be named
_POOL = 20_000  # nodes of which the most important in view are named
_LONGEST = 26  # letters
_GAP = 3.0
_HALO = 3.0
_MOST_KEPT = 400


@dataclass(frozen=True, slots=True)
class Named:
    """A node worth a name: where it is and how large, in device-independent pixels. `strong`: one looks at it."""

    node: int
    text: str
    x: float
    y: float
    radius: float
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A name and where it stands; `box` in device-independent pixels."""

    text: str
    node: int
    box: QRectF
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Nodes worth a name, the most important first, and how many names the view takes."""

    nodes: NDArray[np.int64]
    most: int


class Important:
    """The most important nodes of a scene that may be named, found once for each state."""

    def __init__(self) -> None:
        self._made_for: tuple[object, ...] = ()
        self._nodes: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._count = 0

    def wanted(self, scene: Scene, view: Viewport, near: NDArray[np.int64] | None) -> Wanted:
        """Return the nodes worth a name: with a selection, selected ones only, or one and its surroundings.

        Args: near: the nodes in view, int64 [K]; None where there are so many that only the most important count.
        """
        made_for = (scene.state, scene.xy, scene.weight)
        if len(self._made_for) != 3 or any(a is not b for a, b in zip(made_for, self._made_for, strict=True)):
            self._count = int((scene.state == State.SELECTED).sum())
            pool = np.flatnonzero(self._may_be_named(scene, slice(None)))
            self._nodes = self._sorted(scene, _heaviest(pool, self._rank(scene, pool)))
            self._made_for = made_for
        pool = self._nodes if near is None else self._sorted(scene, near[self._may_be_named(scene, near)])
        points = view.to_screen(scene.xy[pool])
        inside = (points[:, 0] > 0) & (points[:, 0] < view.width) & (points[:, 1] > 0) & (points[:, 1] < view.height)
        pool = pool[inside]
        most = MOST_LABELS if self._count or len(pool) <= _READABLE else _QUIET
        return Wanted(pool[: 4 * most], most)

    def _may_be_named(self, scene: Scene, nodes: NDArray[np.int64] | slice) -> NDArray[np.bool_]:
        state = scene.state[nodes]
        # Around a single node its neighbours are lit, and worth a name after it.
        named = state == State.SELECTED if self._count > 1 else (state == State.SELECTED) | (state == State.NORMAL)
        return named & scene.shown(nodes)

    def _sorted(self, scene: Scene, pool: NDArray[np.int64]) -> NDArray[np.int64]:
        order: NDArray[np.int64] = pool[np.lexsort((pool, -self._rank(scene, pool)))]
        return order

    def _rank(self, scene: Scene, pool: NDArray[np.int64]) -> NDArray[np.float32]:
        rank = np.zeros(len(pool), dtype=np.float32) if scene.weight is None else scene.weight[pool]
        if self._count == 1:
            rank[scene.state[pool] == State.SELECTED] = np.inf
        return rank


def _heaviest(pool: NDArray[np.int64], rank: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return about the `_POOL` nodes of the highest rank; looking at a sample first spares sorting a million."""
    if len(pool) > 4 * _POOL:
        enough = rank >= np.quantile(rank[:: len(pool) // _POOL], 1 - 2 * _POOL / len(pool))
        pool, rank = pool[enough], rank[enough]
    if len(pool) > 4 * _POOL:
        return pool[np.argpartition(rank, len(rank) - _POOL)[-_POOL:]]
    return pool


def place(
    wanted: list[Named],
    metrics: QFontMetricsF,
    bounds: QRectF,
    *,
    most: int,
    covers: Callable[[QRectF], int] = lambda box: 0,
    taken: Sequence[QRectF] = (),
) -> list[Label]:
    """Place names one after the other, beside their node, clear of those already placed and of nodes.

    Args:
        wanted: the most important first. A strong one is placed even where it covers something.
        bounds: names stay inside. most: stop after so many.
        covers: how many nodes a box would cover. taken: where other things lie.
    Returns: the labels that found a place, in the same order.
    """
    placed: list[Label] = []
    boxes = list(taken)
    high = metrics.height()
    for one in wanted:
        if len(placed) >= most:
            break
        shown = shortened(one.text)
        fits = [box for box in _spots(one, metrics.horizontalAdvance(shown), high) if bounds.contains(box)]
        free = [box for box in fits if not any(box.intersects(other) for other in boxes)]
        box = next((box for box in free if not covers(box)), None)
        if box is None and one.strong and fits:
            box = min(free or fits, key=covers)
        if box is not None:
            boxes.append(box.adjusted(-4, -1, 4, 1))
            placed.append(Label(shown, one.node, box, one.strong))
    return placed


def _spots(one: Named, wide: float, high: float) -> list[QRectF]:
    """Return where a name may stand, the best place first: above, right, below, left, and the corners between."""
    away = one.radius + _GAP
    near = 0.7 * one.radius + 1.0
    return [
        QRectF(one.x - wide / 2, one.y - away - high, wide, high),
        QRectF(one.x + away, one.y - high / 2, wide, high),
        QRectF(one.x - wide / 2, one.y + away, wide, high),
        QRectF(one.x - away - wide, one.y - high / 2, wide, high),
        QRectF(one.x + near, one.y - near - high, wide, high),
        QRectF(one.x + near, one.y + near, wide, high),
        QRectF(one.x - near - wide, one.y - near - high, wide, high),
        QRectF(one.x - near - wide, one.y + near, wide, high),
    ]


def shortened(text: str) -> str:
    """Return one line of at most 26 letters; the tooltip has the whole name."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


class LabelPainter:
    """Draws names with a halo of the ground's colour; each name is drawn once and kept as a picture."""

    def __init__(self) -> None:
        self._pictures: dict[str, QImage] = {}
        self._made_for: tuple[str, Look] | None = None

    def draw(self, painter: QPainter, labels: list[Label], font: QFont, look: Look) -> None:
        """Draw labels, the strong ones last."""
        made_for = (font.key(), look)
        if made_for != self._made_for or len(self._pictures) > _MOST_KEPT:
            self._pictures.clear()
            self._made_for = made_for
        for label in sorted(labels, key=lambda one: one.strong):
            picture = self._pictures.get(label.text)
            if picture is None:
                picture = self._pictures[label.text] = _picture(label.text, font, look)
            painter.drawImage(QPointF(label.box.x() - _HALO, label.box.y() - _HALO), picture)


def _picture(text: str, font: QFont, look: Look) -> QImage:
    metrics = QFontMetricsF(font)
    wide, high = metrics.horizontalAdvance(text) + 2 * _HALO, metrics.height() + 2 * _HALO
    size = QSize(math.ceil(wide * look.ratio), math.ceil(high * look.ratio))
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(look.ratio)
    image.fill(Qt.GlobalColor.transparent)
    base = QPointF(_HALO, _HALO + metrics.ascent())
    with painting(image) as painter:
        painter.setFont(font)
        # Sixteen drawings beside the place make a rim in 0.1 ms; stroking the outline takes ten times as long.
        painter.setPen(QColor(*look.ground, 150))
        for far in (1.0, 1.9):
            for turn in range(8):
                angle = math.tau * turn / 8
                painter.drawText(base + QPointF(far * math.cos(angle), far * math.sin(angle)), text)
        painter.setPen(QColor(*look.text))
        painter.drawText(base, text)
    return image
