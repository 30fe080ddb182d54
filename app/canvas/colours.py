"""From an attribute of the nodes to their colours, with a legend."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QPixmap

from app.canvas.marks import swatch
from app.canvas.scene import Colouring, LegendEntry
from app.kit import theme
from app.kit.translate import tr
from app.session.attributes import CORRECT, DEGREE, Attribute

_LEVELS = 64


def colouring_of(attribute: Attribute | None, num_nodes: int) -> Colouring:
    """Return the colours that show an attribute in the theme in use.

    Args: attribute: a category or a number; None for one colour. num_nodes: N.
    """
    if attribute is None:
        palette = np.array([_rgba(theme.category_colour(0))], dtype=np.uint8)
        return Colouring("", np.zeros(num_nodes, dtype=np.uint16), palette, np.zeros(1, dtype=np.uint8))
    if attribute.kind == "number":
        return _ramp(attribute)
    return _categories(attribute)


def class_swatch(code: int, ratio: float = 1.0) -> QPixmap:
    """Return the mark of a category for a table cell, in its colour and shape."""
    found = theme.category_colour(code)
    return QPixmap.fromImage(swatch((found.red(), found.green(), found.blue()), shape_number(code), 4.6, ratio))


def shape_number(code: int) -> int:
    """Return the index into `theme.SHAPES` of a category."""
    return theme.SHAPES.index(theme.category_shape(code))


def _categories(attribute: Attribute) -> Colouring:
    count = len(attribute.categories)
    known = attribute.codes()
    palette = theme.category_table(count)
    shapes = np.array([shape_number(i) for i in range(count)] + [0], dtype=np.uint8)
    if attribute.key == CORRECT:
        # Right and wrong are told by shape too, since red and green are the pair most often confused.
        palette[:2] = [_rgba(theme.colour("good")), _rgba(theme.colour("problem"))]
        shapes[:2] = [theme.SHAPES.index("circle"), theme.SHAPES.index("cross")]
    codes = np.where(known < 0, count, known).astype(np.uint16)
    counts = np.bincount(codes, minlength=count + 1)
    legend = [LegendEntry(name, i, int(counts[i])) for i, name in enumerate(attribute.categories)]
    if counts[count]:
        legend.append(LegendEntry(tr("no value"), count, int(counts[count])))
    return Colouring(attribute.title, codes, palette, shapes, tuple(legend))


def _ramp(attribute: Attribute) -> Colouring:
    values = attribute.values.astype(np.float64)
    there = np.isfinite(values)
    low, high = (float(values[there].min()), float(values[there].max())) if there.any() else (0.0, 0.0)
    level = np.zeros(len(values))
    if high > low:
        # Degrees span orders of magnitude: on a linear scale all but a few hubs would look alike.
        scale = np.log1p if attribute.key == DEGREE else np.asarray
        bottom, top = float(scale(low)), float(scale(high))
        level[there] = (scale(values[there]) - bottom) / (top - bottom)
    codes = np.where(there, np.round(level * (_LEVELS - 1)), _LEVELS).astype(np.uint16)
    table = theme.sequential_table()[np.linspace(0, 255, _LEVELS).round().astype(int)]
    palette = np.vstack([table, np.array([_rgba(theme.category_colour(-1))], dtype=np.uint8)])
    legend = (LegendEntry(number_text(low, attribute), 0), LegendEntry(number_text(high, attribute), _LEVELS - 1))
    shapes = np.zeros(_LEVELS + 1, dtype=np.uint8)
    return Colouring(attribute.title, codes, palette, shapes, legend, is_ramp=True)


def _rgba(colour: QColor) -> tuple[int, int, int, int]:
    return (colour.red(), colour.green(), colour.blue(), colour.alpha())


def number_text(value: float, attribute: Attribute) -> str:
    """Return a value of an attribute as a legend shows it."""
    return f"{value:,.{attribute.decimals}f}" if attribute.decimals is not None else f"{value:,.4g}"
