"""Nodes as marks, drawn by the painter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from app.canvas.look import Look
from app.canvas.marks import Mark, draw_mark
from app.canvas.scene import Scene, State
from app.kit import theme

MOST_NODES = 50_000  # more than this are thinned out; the widget says so
_LARGEST = 255  # twice the radius


def draw_nodes(
    painter: QPainter,
    scene: Scene,
    points: NDArray[np.float32],
    radius: NDArray[np.float32],
    look: Look,
    marks: dict[Mark, QImage],
) -> int:
    """Draw the nodes, dimmed ones below and selected ones on top.

    Args: points, radius: device pixels. marks: pictures of earlier frames, to be used again.
    Returns: how many were left out.
    """
    seen, thinned = in_sight(scene, points, radius, (painter.device().width(), painter.device().height()))
    order = from_below(scene, seen, radius)
    half = np.clip(np.rint(radius[order] * 2), 1, _LARGEST).astype(np.int64)
    codes, state = scene.colouring.codes[order].astype(np.int64), scene.state[order].astype(np.int64)
    shape = scene.colouring.shapes[codes] if scene.shaping is None else scene.shaping.codes[order]
    many = len(theme.SHAPES)
    key = ((codes * (_LARGEST + 1) + half) * 4 + state) * many + shape.astype(np.int64) % many
    kinds, which = np.unique(key, return_inverse=True)
    images = [_mark(int(kind), scene, look, marks) for kind in kinds]
    middle = np.array([image.width() // 2 for image in images], dtype=np.int64)
    corner = np.rint(points[order] - 0.5).astype(np.int64) - middle[which][:, None] if len(order) else points[:0]
    draw = painter.drawImage
    for kind, px, py in zip(which.tolist(), corner[:, 0].tolist(), corner[:, 1].tolist(), strict=True):
        draw(px, py, images[kind])
    return thinned


def in_sight(
    scene: Scene, points: NDArray[np.float32], radius: NDArray[np.float32], size: tuple[int, int]
) -> tuple[NDArray[np.int64], int]:
    """Return the nodes in the picture, int64 [K], at most so many as a painter can draw, and how many were left out."""
    with np.errstate(invalid="ignore"):
        near = (
            (points[:, 0] > -radius) & (points[:, 0] < size[0] + radius)
            & (points[:, 1] > -radius) & (points[:, 1] < size[1] + radius)
        )  # fmt: skip
    seen = np.flatnonzero(near & scene.visible())
    if len(seen) <= MOST_NODES:
        return seen, 0
    keep = scene.state[seen] == State.SELECTED
    keep[:: -(-len(seen) // MOST_NODES)] = True
    return seen[keep], int(len(seen) - keep.sum())


def from_below(scene: Scene, seen: NDArray[np.int64], radius: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return nodes from the lowest to the topmost."""
    rank = np.where(scene.state[seen] == State.DIMMED, 0, np.where(scene.state[seen] == State.SELECTED, 2, 1))
    order: NDArray[np.int64] = seen[np.lexsort((radius[seen], rank))]
    return order


def _mark(kind: int, scene: Scene, look: Look, marks: dict[Mark, QImage]) -> QImage:
    rest, shape = divmod(kind, len(theme.SHAPES))
    rest, state = divmod(rest, 4)
    code, half = divmod(rest, _LARGEST + 1)
    r, g, b = (int(c) for c in scene.colouring.palette[code, :3])
    mark = Mark((r, g, b), theme.SHAPES[shape], half / 2, State(state))
    image = marks.get(mark)
    if image is None:
        image = marks[mark] = draw_mark(mark, look)
    return image
