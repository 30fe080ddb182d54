"""Which nodes a point of a score curve is about."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.models.confusion import ALL_PARTS
from app.session.attributes import CONFIDENCE, SPLIT, TARGET, Attributes

Mask = NDArray[np.bool_]


def counted(attributes: Attributes, part: str) -> Mask:
    """Return the nodes that a curve counts, bool [N]: of the part, and with a true answer."""
    true, split = attributes.get(TARGET), attributes.get(SPLIT)
    found = np.ones(attributes.num_nodes, dtype=bool)
    if true is not None:
        found &= true.codes() >= 0 if true.kind == "category" else np.isfinite(true.values.astype(np.float64))
    if part != ALL_PARTS and split is not None:
        found &= split.codes() == split.categories.index(part) if part in split.categories else False
    return found


def at_least(attributes: Attributes, part: str, name: str, threshold: float | None) -> Mask:
    """Return the nodes that a threshold takes for a class, bool [N]. Args: threshold: None is above every score."""
    table = attributes.run.predictions if attributes.run is not None else None
    if table is None or f"p_{name}" not in table or threshold is None:
        return np.zeros(attributes.num_nodes, dtype=bool)
    return counted(attributes, part) & (table[f"p_{name}"].to_numpy(dtype=np.float64) >= threshold)


def confident(attributes: Attributes, part: str, low: float, high: float) -> Mask:
    """Return the nodes whose confidence is above `low` and not above `high`, bool [N]; 0 belongs to the first bin."""
    one = attributes.get(CONFIDENCE)
    if one is None:
        return np.zeros(attributes.num_nodes, dtype=bool)
    values = one.values.astype(np.float64)
    with np.errstate(invalid="ignore"):
        return counted(attributes, part) & ((values > low) | (low <= 0.0)) & (values <= high)


def erring(attributes: Attributes, part: str, low: float, high: float, *, is_last: bool) -> Mask:
    """Return the nodes whose error is not below `low` and below `high`, bool [N]. Args: is_last: `high` counts too."""
    one = attributes.get("error")
    if one is None:
        return np.zeros(attributes.num_nodes, dtype=bool)
    values = one.values.astype(np.float64)
    with np.errstate(invalid="ignore"):
        return counted(attributes, part) & (values >= low) & ((values <= high) if is_last else (values < high))
