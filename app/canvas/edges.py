"""Edges as a picture without the compiled renderer: few by the painter, many counted by numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.canvas import toning
from app.canvas.edge_raster import clip, density
from app.canvas.look import Look
from app.canvas.painting import painting
from app.canvas.scene import Colouring, Scene

FEW_EDGES = 5_000  # up to here every edge is drawn by the painter, which is crispest
MOST_COUNTED = 120_000  # more are sampled: numpy takes a tenth of a second for these, and holds up the renderer
MOST_TINTS = 32
_TINT, _LIT_TINT = 0.55, 0.9  # share of the class colour in an edge between two nodes of one class
_LIT_WIDTH = 1.3
_LEVELS = 8  # widths that the painter tells apart


def tints(colouring: Colouring) -> bool:
    """Whether edges within one category have its colour."""
    return not colouring.is_ramp and len(colouring.palette) <= MOST_TINTS


def edge_colours(colouring: Colouring, look: Look, *, lit: bool = False) -> NDArray[np.float32]:
    """Return RGB for each code, the last row for edges without one, float32 [P + 1, 3]."""
    share = _LIT_TINT if lit else _TINT
    plain = np.array(look.edge, dtype=np.float32)
    table = colouring.palette[:, :3].astype(np.float32)
    return np.vstack([share * table + (1 - share) * plain, plain[None]]).astype(np.float32)


def edge_picture(
    scene: Scene,
    drawn: NDArray[np.bool_] | slice,
    points: NDArray[np.float32],
    look: Look,
    size: tuple[int, int],
    *,
    lit: bool = False,
) -> QImage:
    """Draw edges on a transparent ground.

    Args: drawn: which edges, bool [M] or a slice. points: device pixels, float32 [N, 2]. size: of the picture in device
        pixels. lit: edges of a selection, stronger and nearer to the class colour.
    """
    width, height = size
    edges = scene.edges[drawn]
    segments, kept = clip(points[edges].reshape(-1, 4), width, height)
    codes = edge_codes(edges[kept], scene.colouring)
    levels = None if scene.strength is None else scene.strength.level[drawn][kept]
    rgb = edge_colours(scene.colouring, look, lit=lit)
    one = toning.of_one(len(segments), lit=lit)
    if len(segments) <= FEW_EDGES:
        image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        wide = look.ratio * (_LIT_WIDTH if lit else 1.0)
        with painting(image) as painter:
            draw_lines(painter, segments, codes, rgb, levels, scene.pens(), one=one, ratio=wide)
        return image
    return _counted(segments, codes, rgb, levels, scene.pens(), one, size)


def draw_lines(
    painter: QPainter,
    segments: NDArray[np.float32],
    codes: NDArray[np.int16],
    rgb: NDArray[np.float32],
    levels: NDArray[np.uint8] | None,
    pens: NDArray[np.float32],
    *,
    one: float,
    ratio: float = 1.0,
) -> None:
    """Draw lines with a painter, those of one colour and strength together.

    Args: segments: float32 [M, 4]. codes: row of `rgb` for each, int16 [M]. levels: of each, see `Scene.pens`. one:
        opacity of a line of full strength. ratio: painter's units for one device-independent pixel.
    """
    coarse = np.zeros(len(segments), np.int64) if levels is None else (levels.astype(np.int64) * _LEVELS) // 256
    group = codes.astype(np.int64) * _LEVELS + coarse
    for number in np.unique(group).tolist():
        code, level = divmod(number, _LEVELS)
        width, heavy = pens[0] if levels is None else pens[round((level + 0.5) * 256 / _LEVELS)]
        red, green, blue = (int(c) for c in rgb[code])
        pen = QPen(QColor(red, green, blue, round(255 * one * float(heavy))), float(width) * ratio)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines([QLineF(*line) for line in segments[group == number].tolist()])


def edge_codes(edges: NDArray[np.int32], colouring: Colouring) -> NDArray[np.int16]:
    """Return the palette row that both ends share, or -1, int16 [M]."""
    if not tints(colouring):
        return np.full(len(edges), -1, dtype=np.int16)
    ends = colouring.codes[edges].astype(np.int16)
    return np.where(ends[:, 0] == ends[:, 1], ends[:, 0], np.int16(-1)).astype(np.int16)


def _counted(
    segments: NDArray[np.float32],
    codes: NDArray[np.int16],
    rgb: NDArray[np.float32],
    levels: NDArray[np.uint8] | None,
    pens: NDArray[np.float32],
    one: float,
    size: tuple[int, int],
) -> QImage:
    """Draw many edges by counting, one colour after the other, and tone the counts."""
    width, height = size
    total = np.zeros((height, width), dtype=np.float32)
    blend = np.zeros((height, width, 3), dtype=np.float32)
    # A slanted line has fewer steps than its length, so each carries the ink of a longer piece.
    delta = np.abs(segments[:, 2:] - segments[:, :2])
    most = delta.max(axis=1)
    longer = np.sqrt(1 + np.divide(delta.min(axis=1), most, out=np.zeros_like(most), where=most > 0) ** 2)
    strong = longer if levels is None else longer * pens[levels].prod(axis=1)
    for code in np.unique(codes):
        chosen = codes == code
        part = density(segments[chosen], width, height, strong[chosen])
        total += part
        for channel in range(3):
            blend[:, :, channel] += part * rgb[code, channel]
    curve = toning.curve(one, float(np.quantile(total[::7, ::7], 0.998)))
    alpha = np.interp(total * toning.STEPS, np.arange(len(curve)), curve).astype(np.float32)
    scale = np.divide(alpha, total, out=np.zeros_like(alpha), where=total > 0)
    pixels = np.empty((height, width, 4), dtype=np.uint8)  # blue, green, red, alpha: ARGB32 on a little-endian machine
    for channel in range(3):
        pixels[:, :, 2 - channel] = np.rint(blend[:, :, channel] * scale)
    pixels[:, :, 3] = np.rint(255.0 * alpha)
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()
