"""A picture for a paper or a talk: what the canvas shows, with names, legend and title, as pixels or as lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QMarginsF, QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QImageWriter,
    QPageLayout,
    QPageSize,
    QPainter,
    QPainterPath,
    QPen,
)

from app.canvas import toning
from app.canvas.arrows import draw_heads
from app.canvas.edge_raster import clip
from app.canvas.edges import draw_lines, edge_codes, edge_colours
from app.canvas.frame import CONTEXT, Frame, FrameCache, lit_edges, radii, render, sampled
from app.canvas.labels import Label, LabelPainter
from app.canvas.legend_page import LegendPage, draw_frame
from app.canvas.look import Look
from app.canvas.marks import mark_colours, rim_width, shape_path
from app.canvas.nodes import from_below
from app.canvas.painting import painting
from app.canvas.scene import Scene, State
from app.canvas.viewport import Viewport
from app.kit import theme

VECTOR_EDGES = 20_000  # more lines than this are drawn as a picture in a frame of lines
FORMATS = ("png", "svg", "pdf")
_VECTOR_NODES = 20_000
_IN_FRAME = 3.0  # pixels for one device-independent one, of a picture in a vector frame
_MOST_PIXELS = 64_000_000
_TITLE_ROOM = 14  # pixels around the title
_HALO = 3.0

Render = Callable[[Scene, Viewport, Look, float], Frame]


@dataclass(frozen=True, slots=True)
class Figure:
    """Everything that an export needs; nothing in it changes any more.

    Args: scene, view, look, usual: as on screen, see `frame.render`. font: of names and legend. labels: where names
        stand. legend_at: share of the room beside and above the legend; None for no legend. title: above the picture.
    """

    scene: Scene
    view: Viewport
    look: Look
    usual: float
    font: QFont
    labels: tuple[Label, ...] = ()
    legend_at: tuple[float, float] | None = None
    title: str = ""

    @property
    def size(self) -> QSize:
        """Device-independent pixels, title included."""
        return QSize(self.view.width, self.view.height + round(self.title_height()))

    def title_height(self) -> float:
        """Return how much room the title takes."""
        return QFontMetricsF(self._title_font()).height() + _TITLE_ROOM if self.title else 0.0

    def most_scale(self) -> float:
        """Return the largest scale that memory is spent on."""
        return float(np.floor((_MOST_PIXELS / max(1, self.size.width() * self.size.height())) ** 0.5))

    def _title_font(self) -> QFont:
        font = QFont(self.font)
        font.setPointSizeF(self.font.pointSizeF() * 1.35)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def draw_title(self, painter: QPainter) -> None:
        """Draw the title in its room."""
        if self.title:
            painter.setFont(self._title_font())
            painter.setPen(QColor(*self.look.text))
            room = QRectF(_TITLE_ROOM, 0, self.view.width - 2 * _TITLE_ROOM, self.title_height() + _TITLE_ROOM / 2)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self.title)

    def draw_legend(self, painter: QPainter) -> None:
        """Draw the legend where it stands on screen."""
        if self.legend_at is None:
            return
        page = LegendPage(self.scene, self.font)
        if page.size.isEmpty():
            return
        edge = 12
        room = (self.view.width - page.size.width() - 2 * edge, self.view.height - page.size.height() - 2 * edge)
        painter.save()
        painter.translate(*(edge + share * max(0, free) for share, free in zip(self.legend_at, room, strict=True)))
        draw_frame(painter, QRectF(QPointF(0, 0), QSizeF(page.size)))
        page.draw(painter)
        painter.restore()


@dataclass(frozen=True, slots=True)
class Source:
    """A canvas that can be exported. Args: title: of its view. figure: what it shows now. draw: draws a frame of it."""

    title: str
    figure: Callable[[], Figure | None]
    draw: Render


def drawn_here(scene: Scene, view: Viewport, look: Look, usual: float) -> Frame:
    """Draw a frame in this process, see `frame.render`."""
    return render(scene, view, look, usual, FrameCache())


def as_image(figure: Figure, scale: float, draw: Render = drawn_here) -> QImage:
    """Return the figure in pixels; may be called in any thread.

    Args: scale: pixels for one device-independent one. draw: draws the frame.
    """
    scale = min(scale, figure.most_scale())
    look = replace(figure.look, ratio=scale)
    frame = draw(figure.scene, figure.view, look, figure.usual)
    size = figure.size
    image = QImage(round(size.width() * scale), round(size.height() * scale), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(QColor(*look.ground))
    with painting(image) as painter:
        figure.draw_title(painter)
        painter.translate(0, figure.title_height())
        painter.drawImage(QPointF(0, 0), frame.image)
        LabelPainter().draw(painter, list(figure.labels), figure.font, look)
        figure.draw_legend(painter)
    image.setDotsPerMeterX(round(scale * 96 / 0.0254))
    image.setDotsPerMeterY(round(scale * 96 / 0.0254))
    return image


def write(figure: Figure, path: Path, *, scale: float = 2.0, draw: Render = drawn_here) -> None:
    """Write a file; its ending says in which form, see `FORMATS`.

    Args: scale: pixels for one device-independent one; of PNG only.
    Raises: OSError: it cannot be written. ValueError: the ending is none of those known.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise ValueError(f"{path.name}: a figure is written as {', '.join(FORMATS)}")
    part = path.with_name(f".{path.name}.part")
    try:
        part.open("wb").close()  # Qt's writers only warn where they cannot write
        if kind == "png":
            writer = QImageWriter(str(part), QByteArray(b"png"))
            if not writer.write(as_image(figure, scale, draw)):
                raise OSError(f"{path}: {writer.errorString()}")
        elif kind == "svg":
            _write_svg(figure, part, draw)
        else:
            _write_pdf(figure, part, draw)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def is_vector(figure: Figure) -> bool:
    """Whether edges and nodes are written as lines, not as a picture in a frame of lines."""
    return figure.scene.num_edges <= VECTOR_EDGES and figure.scene.num_nodes <= _VECTOR_NODES


def _write_svg(figure: Figure, path: Path, draw: Render) -> None:
    from PySide6.QtSvg import QSvgGenerator

    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setResolution(96)  # points of a font are then as large as on screen
    generator.setSize(figure.size)
    generator.setViewBox(QRect(0, 0, figure.size.width(), figure.size.height()))
    generator.setTitle(figure.title or figure.scene.colouring.title)
    _paint(figure, generator, draw)


def _write_pdf(figure: Figure, path: Path, draw: Render) -> None:
    from PySide6.QtGui import QPdfWriter

    writer = QPdfWriter(str(path))
    writer.setTitle(figure.title or figure.scene.colouring.title)
    writer.setResolution(96)  # a device-independent pixel is one of these dots
    inches = QSizeF(figure.size.width() / 96, figure.size.height() / 96)
    page = QPageSize(inches, QPageSize.Unit.Inch, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    _paint(figure, writer, draw)


def _paint(figure: Figure, device: object, draw: Render) -> None:
    """Paint everything on a device of lines."""
    view, look = figure.view, replace(figure.look, ratio=1.0)
    with painting(device) as painter:  # type: ignore[arg-type]  # both are paint devices
        painter.fillRect(QRectF(0, 0, figure.size.width(), figure.size.height()), QColor(*look.ground))
        figure.draw_title(painter)
        painter.translate(0, figure.title_height())
        box = QRectF(0, 0, view.width, view.height)
        if is_vector(figure):
            painter.save()
            painter.setClipRect(box)
            _paint_scene(painter, figure, look)
            painter.restore()
        else:
            frame = draw(figure.scene, view, replace(look, ratio=_IN_FRAME), figure.usual)
            image = frame.image.copy()
            image.setDevicePixelRatio(1.0)
            painter.drawImage(box, image)
        for label in sorted(figure.labels, key=lambda one: one.strong):
            _paint_label(painter, label, figure.font, look)
        figure.draw_legend(painter)


def _paint_scene(painter: QPainter, figure: Figure, look: Look) -> None:
    scene, view = figure.scene, figure.view
    points = view.to_screen(scene.xy)
    radius = radii(scene, figure.usual)
    lit = lit_edges(scene)
    some = bool((scene.state == State.SELECTED).any())
    _paint_edges(painter, scene, sampled(scene, scene.visible()), points, view, look, share=CONTEXT if some else 1.0)
    if lit is not None:
        _paint_edges(painter, scene, lit, points, view, look, share=1.0, lit=True)
    draw_heads(painter, scene, points, radius, look, size=(view.width, view.height), ratio=1.0)
    for node in from_below(scene, np.flatnonzero(scene.visible()), radius).tolist():
        r, g, b = (int(c) for c in scene.colouring.palette[scene.colouring.codes[node], :3])
        fill, rim = mark_colours((r, g, b), look, dim=scene.state[node] == State.DIMMED)
        size = float(radius[node])
        painter.setPen(QPen(rim, rim_width(size)))
        painter.setBrush(fill)
        path = shape_path(theme.SHAPES[scene.shape_of(node) % len(theme.SHAPES)], size)
        x, y = points[node].tolist()
        painter.drawPath(path.translated(x, y))


def _paint_edges(
    painter: QPainter,
    scene: Scene,
    drawn: NDArray[np.bool_] | slice,
    points: NDArray[np.float32],
    view: Viewport,
    look: Look,
    *,
    share: float,
    lit: bool = False,
) -> None:
    edges = scene.edges[drawn]
    segments, kept = clip(points[edges].reshape(-1, 4), view.width, view.height)
    levels = None if scene.strength is None else scene.strength.level[drawn][kept]
    codes = edge_codes(edges[kept], scene.colouring)
    one = share * toning.of_one(len(segments), lit=lit)
    draw_lines(painter, segments, codes, edge_colours(scene.colouring, look, lit=lit), levels, scene.pens(), one=one)


def _paint_label(painter: QPainter, label: Label, font: QFont, look: Look) -> None:
    """Paint a name as outlines, so that it looks alike on a machine without the font."""
    path = QPainterPath()
    path.addText(QPointF(label.box.x(), label.box.y() + QFontMetricsF(font).ascent()), font, label.text)
    pen = QPen(QColor(*look.ground, 200), _HALO)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, pen)
    painter.fillPath(path, QColor(*look.text))
