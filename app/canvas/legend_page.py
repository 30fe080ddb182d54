"""What colours, shapes, sizes and edges mean, laid out and drawn: on the canvas and in an exported figure alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QLinearGradient, QPainter, QPen

from app.canvas.marks import shape_path
from app.canvas.scene import PENS, Colouring, LegendEntry, Scene, Shaping, Sizing, Strength
from app.kit import theme
from app.kit.translate import tr

MOST_LINES = 14
LEAST_LINES = 3
_MARGIN = 10
_BETWEEN = 8  # above the title of a further section
_LONGEST = 190  # pixels of text
_RAMP = 10  # height of the scale
_MARK = 5.0  # radius of a mark in a line
_NARROWEST = 130


@dataclass(frozen=True, slots=True)
class Worn:
    """What nodes wear: a row of the palette, or a shape of their own."""

    kind: Literal["colour", "shape"]
    code: int

    def by(self, scene: Scene) -> NDArray[np.bool_]:
        """Return which nodes wear it, bool [N]."""
        if self.kind == "shape":
            shaping = scene.shaping
            return np.zeros(scene.num_nodes, dtype=bool) if shaping is None else shaping.codes == self.code
        return scene.colouring.codes == self.code


@dataclass(frozen=True, slots=True)
class Line:
    """One line with a mark. `asks` says which nodes it is about, None where nothing can be asked for."""

    text: str
    asks: Worn | None
    count: int | None
    shape: str
    rgb: tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the page: a title, a line, a ramp, a row of sizes, or a scale of edges. Args: top, high: pixels."""

    kind: str
    top: int
    high: int
    what: object


class LegendPage:
    """The legend of a scene in one font.

    Args: most: lines of the colours that are shown. is_brief: whether sizes and strengths are left out.
    """

    def __init__(self, scene: Scene, font: QFont, most: int = MOST_LINES, *, is_brief: bool = False) -> None:
        self.font = font
        self.lines: list[Line] = []
        self._metrics = QFontMetrics(font)
        self._title = QFont(font)
        self._title.setPointSizeF(font.pointSizeF() * 0.82)
        self._title.setWeight(QFont.Weight.DemiBold)
        self._title.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
        self._parts: list[_Part] = []
        self._wide = 0
        self._high = _MARGIN
        colouring = scene.colouring
        if colouring.legend:
            self._add_colours(colouring, most)
        if scene.shaping is not None:
            self._add_shapes(scene.shaping)
        if not is_brief and scene.sizing is not None and scene.sizing.marks and scene.sizing.title:
            self._add_sizes(scene.sizing)
        if not is_brief and scene.strength is not None:
            self._add_strength(scene.strength)
        self.size = QSize(self._wide + 2 * _MARGIN, self._high + _MARGIN) if self._parts else QSize(0, 0)

    def draw(self, painter: QPainter, *, line: int = -1) -> None:
        """Draw everything inside the frame. Args: line: the one that is lit up."""
        number = 0
        for part in self._parts:
            if part.kind == "title":
                painter.setFont(self._title)
                painter.setPen(theme.colour("muted"))
                painter.drawText(QPoint(_MARGIN, part.top + QFontMetrics(self._title).ascent()), str(part.what))
                continue
            painter.setFont(self.font)
            if isinstance(part.what, Line):
                self._draw_line(painter, part, part.what, lit=number == line)
                number += 1
            elif isinstance(part.what, Colouring):
                self._draw_ramp(painter, part, part.what)
            elif isinstance(part.what, Sizing):
                self._draw_sizes(painter, part, part.what)
            elif isinstance(part.what, Strength):
                self._draw_strength(painter, part, part.what)

    def line_rect(self, line: int) -> QRect:
        """Return where a line is."""
        part = [part for part in self._parts if isinstance(part.what, Line)][line]
        return QRect(4, part.top, self.size.width() - 8, part.high)

    def line_at(self, point: QPoint) -> int:
        """Return the line under a point, -1 for none."""
        return next((i for i in range(len(self.lines)) if self.line_rect(i).contains(point)), -1)

    # Laying out

    def _add_title(self, text: str) -> None:
        if self._parts:
            self._high += _BETWEEN
        small = QFontMetrics(self._title)
        shown = small.elidedText(text.upper(), Qt.TextElideMode.ElideRight, _LONGEST + 60)
        self._add("title", small.height() + 6, shown, small.horizontalAdvance(shown) + 8)

    def _add(self, kind: str, high: int, what: object, wide: int) -> None:
        self._parts.append(_Part(kind, self._high, high, what))
        self._high += high
        self._wide = max(self._wide, wide)

    def _add_colours(self, colouring: Colouring, most: int) -> None:
        self._add_title(colouring.title)
        if colouring.is_ramp:
            self._add("ramp", _RAMP + self._metrics.height() + 6, colouring, _NARROWEST)
            return
        entries = colouring.legend
        shown = entries[:most] if len(entries) > most + 1 else entries
        for one in shown:
            r, g, b = (int(c) for c in colouring.palette[one.code, :3])
            self._add_line(one, _shape(int(colouring.shapes[one.code])), (r, g, b), Worn("colour", one.code))
        if len(shown) < len(entries):
            rest = entries[most:]
            counts = [one.count for one in rest if one.count is not None]
            more = LegendEntry(tr("{count} more", count=len(rest)), -1, sum(counts) if counts else None)
            self._add_line(more, "", None, None)

    def _add_shapes(self, shaping: Shaping) -> None:
        self._add_title(shaping.title)
        muted = theme.colour("muted")
        for one in shaping.legend:
            rgb = (muted.red(), muted.green(), muted.blue())
            self._add_line(one, _shape(one.code), rgb, Worn("shape", one.code))

    def _add_line(self, entry: LegendEntry, shape: str, rgb: tuple[int, int, int] | None, asks: Worn | None) -> None:
        line = Line(entry.text, asks, entry.count, shape, rgb)
        self.lines.append(line)
        count = "" if entry.count is None else f"{entry.count:,}"
        text = min(_LONGEST, self._metrics.horizontalAdvance(entry.text))
        self._add("line", self._metrics.height() + 5, line, 22 + text + 18 + self._metrics.horizontalAdvance(count))

    def _add_sizes(self, sizing: Sizing) -> None:
        self._add_title(sizing.title)
        largest = max(radius for _, radius in sizing.marks)
        wide = sum(self._metrics.horizontalAdvance(text) for text, _ in sizing.marks)
        each = round(2 * _MARK * largest) + 10
        self._add("sizes", max(self._metrics.height(), round(2 * _MARK * largest)) + 6, sizing, wide + 3 * each)

    def _add_strength(self, strength: Strength) -> None:
        self._add_title(strength.title)
        self._add("strength", 12 + self._metrics.height(), strength, _NARROWEST)

    # Drawing

    def _draw_line(self, painter: QPainter, part: _Part, line: Line, *, lit: bool) -> None:
        box = QRect(4, part.top, self.size.width() - 8, part.high)
        if lit:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("hover"))
            painter.drawRoundedRect(box, 4, 4)
        middle = box.center().y() + 1
        if line.rgb is not None:
            painter.save()
            painter.translate(QPointF(_MARGIN + 6, middle))
            painter.fillPath(shape_path(line.shape, _MARK), QColor(*line.rgb))
            painter.restore()
        base = middle + self._metrics.ascent() // 2 - 1
        painter.setPen(theme.colour("text" if line.rgb is not None else "muted"))
        shown = self._metrics.elidedText(line.text, Qt.TextElideMode.ElideRight, _LONGEST)
        painter.drawText(_MARGIN + 20, base, shown)
        if line.count is not None:
            painter.setPen(theme.colour("muted"))
            count = f"{line.count:,}"
            painter.drawText(self.size.width() - _MARGIN - self._metrics.horizontalAdvance(count), base, count)

    def _draw_ramp(self, painter: QPainter, part: _Part, colouring: Colouring) -> None:
        box = QRectF(_MARGIN, part.top + 2, self.size.width() - 2 * _MARGIN, _RAMP)
        gradient = QLinearGradient(box.topLeft(), box.topRight())
        ramp = colouring.palette[: max(2, len(colouring.palette) - 1)]
        for at in np.linspace(0, 1, 9):
            gradient.setColorAt(float(at), QColor(*(int(c) for c in ramp[round(at * (len(ramp) - 1)), :3])))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(box, 3, 3)
        self._draw_ends(painter, round(box.bottom()), colouring.legend[0].text, colouring.legend[-1].text)

    def _draw_sizes(self, painter: QPainter, part: _Part, sizing: Sizing) -> None:
        largest = max(radius for _, radius in sizing.marks)
        step = (self.size.width() - 2 * _MARGIN) / len(sizing.marks)
        middle = part.top + part.high / 2 - 1
        for number, (text, radius) in enumerate(sizing.marks):
            x = _MARGIN + number * step
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("muted"))
            painter.drawEllipse(QPointF(x + _MARK * largest, middle), _MARK * radius, _MARK * radius)
            painter.setPen(theme.colour("text"))
            base = round(middle) + self._metrics.ascent() // 2 - 1
            painter.drawText(round(x + 2 * _MARK * largest) + 4, base, text)

    def _draw_strength(self, painter: QPainter, part: _Part, strength: Strength) -> None:
        left, right, y = _MARGIN, self.size.width() - _MARGIN, part.top + 5
        for step in range(6):
            thick, heavy = PENS[step * (len(PENS) - 1) // 5]
            pen = QPen(theme.colour("muted", round(255 * float(heavy))), float(thick))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            wide = (right - left) / 6
            painter.drawLine(QPointF(left + step * wide, y), QPointF(left + (step + 0.85) * wide, y))
        self._draw_ends(painter, y + 3, strength.low, strength.high)

    def _draw_ends(self, painter: QPainter, top: int, low: str, high: str) -> None:
        painter.setPen(theme.colour("text"))
        base = top + 3 + self._metrics.ascent()
        painter.drawText(_MARGIN, base, low)
        painter.drawText(self.size.width() - _MARGIN - self._metrics.horizontalAdvance(high), base, high)


def draw_frame(painter: QPainter, box: QRectF, *, focused: bool = False) -> None:
    """Draw the card that a legend lies on."""
    painter.setPen(QPen(theme.colour("focus" if focused else "border"), 1))
    painter.setBrush(theme.colour("panel", 232))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS, theme.RADIUS)


def _shape(number: int) -> str:
    return theme.SHAPES[number % len(theme.SHAPES)]
