"""One true frame of a scene: edges as a picture of density, nodes as marks, without a widget and in any thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPainter

from app.canvas.arrows import draw_heads
from app.canvas.edges import MOST_COUNTED, edge_picture
from app.canvas.look import Look
from app.canvas.marks import Mark
from app.canvas.nodes import draw_nodes
from app.canvas.painting import painting
from app.canvas.scene import Colouring, Scene, State, Strength
from app.canvas.viewport import Viewport

CONTEXT = 0.55  # opacity of the other edges while a selection is shown
_COVER = 0.16  # share of the fitted scene that all nodes together may cover
_SMALLEST, _LARGEST = 0.8, 8.5  # radius in the fitted view
_LEAST, _MOST = 0.5, 40.0  # radius of any node
_SEEN = 2.4  # radius of a selected node among smaller ones
_FEW_OF_ALL = 0.1  # share of the nodes that may be selected for that


@dataclass(frozen=True, slots=True)
class Frame:
    """A finished picture and what it shows.

    Args: thinned: nodes left out. edge_step: every so-manieth edge was drawn. pixels: memory that the image lies in,
        where that is not its own.
    """

    image: QImage
    viewport: Viewport
    scene: Scene
    look: Look
    thinned: int = 0
    edge_step: int = 1
    pixels: NDArray[Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class EdgesOf:
    """What the picture of all edges was made of. The selection is not in it, so selecting draws no edge anew."""

    edges: NDArray[np.int32]
    xy: NDArray[np.float32]
    colouring: Colouring
    strength: Strength | None
    viewport: Viewport
    shown: NDArray[np.bool_]

    def same_as(self, other: EdgesOf) -> bool:
        """Whether the picture would be the same. Arrays of a scene are never written to, so identity is enough."""
        return (
            self.edges is other.edges
            and self.xy is other.xy
            and self.colouring is other.colouring
            and self.strength is other.strength
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
    return float(np.clip(usual * np.clip(zoom, 0.2, 400.0) ** 0.42, _SMALLEST, 16.0))


def radii(scene: Scene, usual: float, nodes: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.float32]:
    """Return the radius of some nodes in device-independent pixels, float32 [K]."""
    state = scene.state[nodes]
    if scene.size is None:
        found = np.full(len(state), usual, dtype=np.float32)
    else:
        found = np.clip(usual * scene.size[nodes], _LEAST, _MOST).astype(np.float32)
    least = lifted(scene, usual)
    if least:
        np.maximum(found, np.float32(least), out=found, where=state == State.SELECTED)
    return found


def lifted(scene: Scene, usual: float) -> float:
    """Return the least radius of selected nodes: a few among dust have to be seen; 0 where that is not needed."""
    if usual >= _SEEN:
        return 0.0
    count = scene.num_selected
    return _SEEN if 0 < count <= _FEW_OF_ALL * scene.num_nodes else 0.0


def extremes(scene: Scene, usual: float) -> tuple[float, float]:
    """Return the smallest and the largest radius in device-independent pixels."""
    low = high = usual
    if scene.size is not None and len(scene.size):
        low, high = max(_LEAST, usual * float(scene.size.min())), min(_MOST, usual * float(scene.size.max()))
    return (low, max(high, lifted(scene, usual)))


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
    step = -(-scene.num_edges // MOST_COUNTED) or 1
    with painting(image) as painter:
        if scene.num_edges:
            _draw_edges(painter, scene, points, viewport, look, cache, step)
        radius = radii(scene, usual) * look.ratio
        draw_heads(painter, scene, points, radius, look, size=(width, height), ratio=look.ratio)
        thinned = draw_nodes(painter, scene, points, radius, look, cache.marks)
    image.setDevicePixelRatio(look.ratio)
    return Frame(image, viewport, scene, look, thinned, edge_step=step)


def _draw_edges(
    painter: QPainter,
    scene: Scene,
    points: NDArray[np.float32],
    viewport: Viewport,
    look: Look,
    cache: FrameCache,
    step: int,
) -> None:
    size = (painter.device().width(), painter.device().height())
    shown = scene.visible()
    of = EdgesOf(scene.edges, scene.xy, scene.colouring, scene.strength, viewport, shown)
    if cache.edges is None or cache.edges_of is None or not cache.edges_of.same_as(of):
        cache.edges = edge_picture(scene, sampled(scene, shown, step), points, look, size)
        cache.edges_of = of
    lit = lit_edges(scene)
    some = bool((scene.state == State.SELECTED).any())
    painter.setOpacity(CONTEXT if some else 1.0)
    painter.drawImage(QPoint(0, 0), cache.edges)
    painter.setOpacity(1.0)
    if lit is not None:
        painter.drawImage(QPoint(0, 0), edge_picture(scene, lit, points, look, size, lit=True))


def sampled(scene: Scene, shown: NDArray[np.bool_], step: int = 1) -> NDArray[np.bool_] | slice:
    """Return which edges are drawn: between two visible nodes, every so-manieth."""
    if shown.all():
        return slice(None, None, step)
    drawn: NDArray[np.bool_] = shown[scene.edges[:, 0]] & shown[scene.edges[:, 1]]
    if step > 1:
        drawn[np.arange(len(drawn)) % step > 0] = False
    return drawn


def lit_edges(scene: Scene) -> NDArray[np.bool_] | None:
    """Return which edges a selection lights up, bool [M]: of one node alone its own, of several those among them."""
    selected = scene.state == State.SELECTED
    count = int(selected.sum())
    if count == 0 or count == scene.num_nodes:
        return None
    source, target = selected[scene.edges[:, 0]], selected[scene.edges[:, 1]]
    inside: NDArray[np.bool_] = source | target if count == 1 else source & target
    return inside & scene.visible()[scene.edges].all(axis=1) if inside.any() else None
