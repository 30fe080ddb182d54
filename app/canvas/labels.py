"""Names of a few important nodes, placed so that none covers another."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from app.canvas.look import Look
from app.canvas.painting import painting
from app.canvas.scene import Scene, State

MOST_LABELS = 14
_QUIET = 8  # labels while nothing is selected and many nodes are in sight
_READABLE = 60  # so few nodes in sight can all be named
_LONGEST = 26  # letters
_GAP = 3.0
_HALO = 3.0
_MOST_KEPT = 400


@dataclass(frozen=True, slots=True)
class Label:
    """A name and where it stands; `box` in device-independent pixels. `strong`: the node one looks at."""

    text: str
    node: int
    box: QRectF
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Nodes worth a name, the most important first, and how many names the view takes."""

    nodes: NDArray[np.int64]
    most: int


def wanted(scene: Scene, points: NDArray[np.float32], width: int, height: int) -> Wanted:
    """Return the nodes worth a name: with a selection, selected ones only, or one and its surroundings.

    Args: points: pixels, float32 [N, 2]. width, height: of the widget.
    """
    with np.errstate(invalid="ignore"):
        inside = (points[:, 0] > 0) & (points[:, 0] < width) & (points[:, 1] > 0) & (points[:, 1] < height)
    inside &= scene.visible()
    selected = inside & (scene.state == State.SELECTED)
    lit = inside & (scene.state == State.NORMAL)
    count = int((scene.state == State.SELECTED).sum())
    some = count > 0
    # Around a single node its neighbours are lit, and worth a name after it.
    pool = np.flatnonzero(selected | lit if count == 1 else selected if some else lit)
    most = MOST_LABELS if some or len(pool) <= _READABLE else _QUIET
    if scene.weight is None:
        return Wanted(pool[: 3 * most], most)
    weight = scene.weight[pool]
    if len(pool) > 3 * most:
        top = np.argpartition(-np.where(selected[pool], np.inf, weight) if count == 1 else -weight, 3 * most)[
            : 3 * most
        ]
        pool, weight = pool[top], weight[top]
    return Wanted(pool[np.lexsort((pool, -weight, ~selected[pool]))], most)


def place(
    texts: list[tuple[int, str]],
    points: NDArray[np.float32],
    radius: NDArray[np.float32],
    metrics: QFontMetricsF,
    bounds: QRectF,
    *,
    most: int,
    strong: frozenset[int] = frozenset(),
) -> list[Label]:
    """Place names one after the other, beside their node and clear of those already placed.

    Args:
        texts: node and name, the most important first.
        points, radius: of all nodes, in pixels.
        bounds: names stay inside.
        most: stop after so many.
        strong: nodes whose name is placed even where it covers another.
    Returns: the labels that found a place, in the same order.
    """
    placed: list[Label] = []
    boxes: list[QRectF] = []
    high = metrics.height()
    for node, text in texts:
        if len(placed) >= most:
            break
        shown = shortened(text)
        wide = metrics.horizontalAdvance(shown)
        x, y = float(points[node, 0]), float(points[node, 1])
        away = float(radius[node]) + _GAP
        spots = (
            QRectF(x - wide / 2, y - away - high, wide, high),
            QRectF(x + away, y - high / 2, wide, high),
            QRectF(x - wide / 2, y + away, wide, high),
            QRectF(x - away - wide, y - high / 2, wide, high),
        )
        fits = [box for box in spots if bounds.contains(box)]
        free = [box for box in fits if not any(box.intersects(other) for other in boxes)]
        if free or (node in strong and fits):
            box = (free or fits)[0]
            boxes.append(box.adjusted(-4, -1, 4, 1))
            placed.append(Label(shown, node, box, node in strong))
    return placed


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
