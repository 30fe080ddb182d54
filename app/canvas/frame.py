"""One true frame of a scene: edges as a picture of density, nodes as marks, without a widget and in any thread."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.canvas.edge_raster import clip, density
from app.canvas.look import Look
from app.canvas.marks import Mark, draw_mark
from app.canvas.painting import painting
from app.canvas.scene import Colouring, Scene, State
from app.canvas.viewport import Viewport
from app.kit import theme

FEW_EDGES = 5_000  # up to here every edge is drawn by the painter, which is crispest
MOST_NODES = 50_000  # more than this are thinned out; the widget says so
_MOST_TINTS = 32
_DENSE = 20.0  # edges through one pixel that always count as dense
_COVER = 0.16  # share of the fitted scene that all nodes together may cover
_SMALLEST, _LARGEST = 1.2, 8.5  # radius in the fitted view
_TINT = 0.55  # share of the class colour in an edge between two nodes of one class
_PEAK = 0.82  # opacity of an edge picture at its densest
_DIM_EDGES = 0.55  # opacity of the context while a selection is shown

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """A finished picture and what it shows. `thinned` is the number of nodes left out."""

    image: QImage
    viewport: Viewport
    scene: Scene
    look: Look
    thinned: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class EdgesOf:
    """What the picture of all edges was made of. The selection is not in it, so selecting draws no edge anew."""

    edges: NDArray[np.int32]
    xy: NDArray[np.float32]
    colouring: Colouring
    viewport: Viewport
    shown: NDArray[np.bool_]

    def same_as(self, other: EdgesOf) -> bool:
        """Whether the picture would be the same. Arrays of a scene are never written to, so identity is enough."""
        return (
            self.edges is other.edges
            and self.xy is other.xy
            and self.colouring is other.colouring
            and self.viewport == other.viewport
            and np.array_equal(self.shown, other.shown)
        )


@dataclass(slots=True)
class FrameCache:
    """What the next frame may reuse: the picture of all edges and the marks."""

    edges: QImage | None = None
    edges_of: EdgesOf | None = None
    marks: dict[Mark, QImage] = field(default_factory=dict)
    look: Look | None = None


def node_radius(count: int, area: float, zoom: float) -> float:
    """Return the usual radius in device-independent pixels: smaller in larger graphs, growing slowly with the zoom.

    Args: count: nodes. area: of the fitted scene, in square pixels. zoom: relative to the fitted view.
    """
    usual = float(np.clip(np.sqrt(_COVER * area / (np.pi * max(1, count))), _SMALLEST, _LARGEST))
    return float(np.clip(usual * np.clip(zoom, 0.2, 400.0) ** 0.42, 1.0, 16.0))


def radii(scene: Scene, usual: float) -> NDArray[np.float32]:
    """Return the radius of each node in device-independent pixels, float32 [N]."""
    if scene.size is None:
        return np.full(scene.num_nodes, usual, dtype=np.float32)
    return np.clip(usual * scene.size, 1.0, 40.0).astype(np.float32)


def render(scene: Scene, viewport: Viewport, look: Look, usual: float, cache: FrameCache) -> Frame:
    """Draw one frame.

    Args:
        scene: what to draw.
        viewport: in device-independent pixels; the picture has `look.ratio` times as many.
        look: colours.
        usual: radius of a node of size 1 (see `node_radius`), in device-independent pixels.
        cache: of earlier frames; used by one call at a time.
    Returns: the frame; its image is premultiplied and opaque.
    """
    if cache.look != look:
        cache.marks.clear()
        cache.edges = None
        cache.look = look
    width, height = round(viewport.width * look.ratio), round(viewport.height * look.ratio)
    image = QImage(max(1, width), max(1, height), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(*look.ground))
    points = viewport.to_screen(scene.xy) * np.float32(look.ratio)
    with painting(image) as painter:
        _draw_edges(painter, scene, points, viewport, look, cache)
        thinned = _draw_nodes(painter, scene, points, radii(scene, usual) * look.ratio, look, cache)
    image.setDevicePixelRatio(look.ratio)
    return Frame(image, viewport, scene, look, thinned)


def _draw_edges(
    painter: QPainter,
    scene: Scene,
    points: NDArray[np.float32],
    viewport: Viewport,
    look: Look,
    cache: FrameCache,
) -> None:
    if not scene.num_edges:
        return
    width, height = painter.device().width(), painter.device().height()
    shown = scene.visible()
    source, target = scene.edges[:, 0], scene.edges[:, 1]
    of = EdgesOf(scene.edges, scene.xy, scene.colouring, viewport, shown)
    if cache.edges is None or cache.edges_of is None or not cache.edges_of.same_as(of):
        drawn = shown[source] & shown[target] if not shown.all() else None
        edges = scene.edges if drawn is None else scene.edges[drawn]
        cache.edges = edge_picture(edges, points, scene.colouring, look, width, height)
        cache.edges_of = of
    selected = scene.state == State.SELECTED
    some = bool(selected.any())
    painter.setOpacity(_DIM_EDGES if some else 1.0)
    painter.drawImage(QPoint(0, 0), cache.edges)
    painter.setOpacity(1.0)
    if some:
        # Of one node alone its own edges are lit, of several those among them.
        alone = int(selected.sum()) == 1
        inside = selected[source] | selected[target] if alone else selected[source] & selected[target]
        if inside.any() and not inside.all():
            lit = edge_picture(scene.edges[inside], points, scene.colouring, look, width, height, lit=True)
            painter.drawImage(QPoint(0, 0), lit)


def edge_picture(
    edges: NDArray[np.int32],
    points: NDArray[np.float32],
    colouring: Colouring,
    look: Look,
    width: int,
    height: int,
    *,
    lit: bool = False,
) -> QImage:
    """Draw edges on a transparent ground.

    Args: edges: int32 [M, 2]. points: device pixels, float32 [N, 2]. colouring: for the tint of edges within a class.
        lit: edges of a selection, stronger and nearer to the class colour.
    """
    segments = points[edges].reshape(-1, 4)
    segments, kept = clip(segments, width, height)
    codes = _edge_codes(edges[kept], colouring)
    rgb = _edge_colours(colouring, look, tint=0.9 if lit else _TINT)
    if len(segments) <= FEW_EDGES:
        return _painted(segments, codes, rgb, look, width, height, lit=lit)
    return _counted(segments, codes, rgb, width, height, lit=lit)


def _edge_codes(edges: NDArray[np.int32], colouring: Colouring) -> NDArray[np.int16]:
    """Return the palette row that both ends share, or -1, int16 [M]."""
    if colouring.is_ramp or len(colouring.palette) > _MOST_TINTS:
        return np.full(len(edges), -1, dtype=np.int16)
    ends = colouring.colour_codes()[edges].astype(np.int16)
    return np.where(ends[:, 0] == ends[:, 1], ends[:, 0], np.int16(-1)).astype(np.int16)


def _edge_colours(colouring: Colouring, look: Look, tint: float) -> NDArray[np.float32]:
    """Return RGB for each code, the last row for -1, float32 [P + 1, 3]."""
    plain = np.array(look.edge, dtype=np.float32)
    table = colouring.palette[:, :3].astype(np.float32)
    return np.vstack([tint * table + (1 - tint) * plain, plain[None]]).astype(np.float32)


def _painted(
    segments: NDArray[np.float32],
    codes: NDArray[np.int16],
    rgb: NDArray[np.float32],
    look: Look,
    width: int,
    height: int,
    *,
    lit: bool,
) -> QImage:
    """Draw few edges with the painter, antialiased."""
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    few = float(np.clip((1200.0 / max(1, len(segments))) ** 0.35, 0.5, 1.0))
    alpha = round((225 if lit else 165) * few)
    line = (1.3 if lit else 1.0) * look.ratio * (0.75 + 0.25 * few)
    with painting(image) as painter:
        for code in np.unique(codes):
            red, green, blue = (int(c) for c in rgb[code])
            painter.setPen(QPen(QColor(red, green, blue, alpha), line))
            for x1, y1, x2, y2 in segments[codes == code].tolist():
                painter.drawLine(QPointF(x1, y1), QPointF(x2, y2))
    return image


def _counted(
    segments: NDArray[np.float32],
    codes: NDArray[np.int16],
    rgb: NDArray[np.float32],
    width: int,
    height: int,
    *,
    lit: bool,
) -> QImage:
    """Draw many edges by counting, one colour after the other, and tone the counts."""
    total = np.zeros((height, width), dtype=np.float32)
    blend = np.zeros((height, width, 3), dtype=np.float32)
    for code in np.unique(codes):
        part = density(segments[codes == code], width, height)
        total += part
        for channel in range(3):
            blend[:, :, channel] += part * rgb[code, channel]
    # The logarithm keeps one edge visible beside a thousand; the ceiling is what few pixels exceed.
    ceiling = max(_DENSE, float(np.quantile(total[::7, ::7], 0.998)))
    alpha = np.minimum(np.log1p(total) * ((1.3 if lit else 1.0) * _PEAK / np.log1p(ceiling)), _PEAK)
    scale = np.divide(alpha, total, out=np.zeros_like(alpha), where=total > 0)
    pixels = np.empty((height, width, 4), dtype=np.uint8)  # blue, green, red, alpha: ARGB32 on a little-endian machine
    for channel in range(3):
        pixels[:, :, 2 - channel] = blend[:, :, channel] * scale
    pixels[:, :, 3] = 255.0 * alpha
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()


def _draw_nodes(
    painter: QPainter,
    scene: Scene,
    points: NDArray[np.float32],
    radius: NDArray[np.float32],
    look: Look,
    cache: FrameCache,
) -> int:
    """Draw the nodes, dimmed ones below and selected ones on top. Returns: how many were left out."""
    width, height = painter.device().width(), painter.device().height()
    with np.errstate(invalid="ignore"):
        near = (
            (points[:, 0] > -radius) & (points[:, 0] < width + radius)
            & (points[:, 1] > -radius) & (points[:, 1] < height + radius)
        )  # fmt: skip
    seen = np.flatnonzero(near & scene.visible())
    thinned = 0
    if len(seen) > MOST_NODES:
        important = scene.state[seen] == State.SELECTED
        step = -(-len(seen) // MOST_NODES)
        keep = important.copy()
        keep[::step] = True
        thinned = int(len(seen) - keep.sum())
        seen = seen[keep]
    rank = np.where(scene.state[seen] == State.DIMMED, 0, np.where(scene.state[seen] == State.SELECTED, 2, 1))
    order = seen[np.lexsort((radius[seen], rank))]
    half = np.round(radius[order] * 2).astype(np.int64)
    codes, state = scene.colouring.codes[order].astype(np.int64), scene.state[order].astype(np.int64)
    kinds, which = np.unique((codes * 256 + half) * 4 + state, return_inverse=True)
    images = [_mark(int(kind), scene.colouring, look, cache) for kind in kinds]
    middle = np.array([image.width() // 2 for image in images], dtype=np.int64)
    corner = np.rint(points[order] - 0.5).astype(np.int64) - middle[which][:, None] if len(order) else points[:0]
    draw = painter.drawImage
    for kind, px, py in zip(which.tolist(), corner[:, 0].tolist(), corner[:, 1].tolist(), strict=True):
        draw(px, py, images[kind])
    return thinned


def _mark(kind: int, colouring: Colouring, look: Look, cache: FrameCache) -> QImage:
    rest, state = divmod(kind, 4)
    code, half = divmod(rest, 256)
    r, g, b = (int(c) for c in colouring.palette[code, :3])
    shape = theme.SHAPES[int(colouring.shapes[code]) % len(theme.SHAPES)]
    mark = Mark((r, g, b), shape, max(1.0, half / 2), State(state))
    image = cache.marks.get(mark)
    if image is None:
        image = cache.marks[mark] = draw_mark(mark, look)
    return image
