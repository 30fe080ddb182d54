"""From an attribute to sizes, shapes and strengths: what a picture can say beside its colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.canvas.colours import number_text
from app.canvas.scene import LegendEntry, Shaping, Sizing, Strength
from app.kit import theme
from app.kit.translate import tr
from app.session.attributes import DEGREE, Attribute

_SMALL, _LARGE = 0.6, 2.4  # radii relative to the usual one: sixteen times the area
_MISSING = 0.5  # of a node without a value
_FOR_DEGREE = 0.16  # how much a doubled degree adds to the radius


def sizing_of(attribute: Attribute) -> Sizing | None:
    """Return sizes that show a number; None where it has no value anywhere.

    The area grows with the value, since that is what the eye compares; that of a degree with its logarithm.
    """
    values = attribute.values.astype(np.float64)
    there = np.isfinite(values)
    if not there.any():
        return None
    low, high = float(values[there].min()), float(values[there].max())
    shown = (low, (low + high) / 2, high) if high > low else (low,)
    if attribute.key == DEGREE:
        radius = sizes_by_degree(values)
        shown = (low, float(np.sqrt((low + 1) * (high + 1)) - 1), high) if high > low else (low,)
        told = sizes_by_degree(np.round(np.array(shown)))
    else:
        radius = np.where(there, _by_area(values, low, high), _MISSING).astype(np.float32)
        told = _by_area(np.array(shown), low, high)
    marks = tuple((number_text(value, attribute), float(one)) for value, one in zip(shown, told, strict=True))
    return Sizing(attribute.title, radius, marks)


def shaping_of(attribute: Attribute) -> Shaping | None:
    """Return shapes that show a category; None for a number. Beyond the last shape categories share one."""
    if attribute.kind != "category":
        return None
    names, last = attribute.categories, len(theme.SHAPES) - 1
    known = attribute.codes()
    # A missing value takes the last shape, and so do the categories for which no other is left.
    codes = np.where(known < 0, last, np.minimum(known, last)).astype(np.uint8)
    counts = np.bincount(codes, minlength=last + 1)
    legend = [LegendEntry(name, i, int(counts[i])) for i, name in enumerate(names[:last])]
    if counts[last]:
        rest = len(names) - last
        text = names[last] if rest == 1 and not (known < 0).any() else tr("other or no value")
        legend.append(LegendEntry(text, last, int(counts[last])))
    return Shaping(attribute.title, codes, tuple(legend))


def strength_of(title: str, weights: NDArray[np.floating]) -> Strength | None:
    """Return strengths that show a number for each edge, [M]; None where all are alike. A missing one is faint."""
    there = np.isfinite(weights)
    if not there.any():
        return None
    low, high = float(weights[there].min()), float(weights[there].max())
    if high <= low:
        return None
    share = np.where(there, (weights - low) / (high - low), 0.0)
    return Strength(title, np.round(255 * share).astype(np.uint8), f"{low:,.4g}", f"{high:,.4g}")


def sizes_by_degree(degree: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return radii relative to the usual one, float32 [N]: they grow with the logarithm of the degree."""
    return np.clip(0.72 + _FOR_DEGREE * np.log2(1.0 + degree), 0.72, _LARGE).astype(np.float32)


def _by_area(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float32]:
    share = (values - low) / (high - low) if high > low else np.zeros(len(values))
    return np.sqrt(_SMALL**2 + np.clip(share, 0, 1) * (_LARGE**2 - _SMALL**2)).astype(np.float32)
