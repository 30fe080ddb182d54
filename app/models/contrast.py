"""What sets a selection apart from the other nodes: the columns that differ most, each with a plain sentence.

Numbers are compared by their means, in standard deviations (Cohen 1988, Statistical power analysis, section 2.2),
classes by their shares (Cramér 1946, Mathematical methods of statistics, section 21.9: V of selection × class).
Both become a correlation between "is selected" and the column, so that all columns stand in one order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.kit.translate import tr
from app.session.attributes import SPLIT, Attribute

_LEAST = 0.1  # correlation; Cohen's smallest effect worth a name
_FEWEST = 2  # nodes with a value on either side


@dataclass(frozen=True, slots=True)
class Difference:
    """One column. Args: size: d of numbers, V of classes. correlation: 0 to 1, for the order."""

    key: str
    title: str
    sentence: str
    size: float
    correlation: float


def differences(attributes: Sequence[Attribute], mask: NDArray[np.bool_]) -> list[Difference]:
    """Return the columns that differ between selected and other nodes, the most different first.

    Args: attributes: columns; texts and the split say nothing. mask: bool [N], some selected and some not.
    """
    found = []
    for one in attributes:
        if one.key == SPLIT or one.kind == "text":
            continue
        made = _of_numbers(one, mask) if one.kind == "number" else _of_classes(one, mask)
        if made is not None and made.correlation >= _LEAST:
            found.append(made)
    return sorted(found, key=lambda one: -one.correlation)


def _of_numbers(one: Attribute, mask: NDArray[np.bool_]) -> Difference | None:
    values = one.values.astype(np.float64, copy=False)
    there = np.isfinite(values)
    inside, outside = values[there & mask], values[there & ~mask]
    if min(len(inside), len(outside)) < _FEWEST:
        return None
    pooled = np.sqrt((inside.var() * len(inside) + outside.var() * len(outside)) / (len(inside) + len(outside) - 2))
    means = float(inside.mean()), float(outside.mean())
    if means[0] == means[1]:
        return None
    d = (means[0] - means[1]) / pooled if pooled > 0 else float(np.inf) * np.sign(means[0] - means[1])
    share = len(inside) / (len(inside) + len(outside))
    r = abs(d) / np.sqrt(d * d + 1.0 / (share * (1.0 - share))) if np.isfinite(d) else 1.0
    values_ = {"column": one.title, "here": _number(means[0]), "there": _number(means[1]), "size": f"{abs(d):.1f}"}
    if not np.isfinite(d):
        text = tr("{column} is {here} here and {there} everywhere else.", **values_)
    elif d > 0:
        text = tr("{column} is higher: {here} on average, {there} elsewhere, {size} standard deviations.", **values_)
    else:
        text = tr("{column} is lower: {here} on average, {there} elsewhere, {size} standard deviations.", **values_)
    return Difference(one.key, one.title, text, float(abs(d)), float(r))


def _of_classes(one: Attribute, mask: NDArray[np.bool_]) -> Difference | None:
    codes = one.codes()
    count = len(one.categories)
    here = np.bincount(codes[mask & (codes >= 0)], minlength=count).astype(np.float64)
    there = np.bincount(codes[~mask & (codes >= 0)], minlength=count).astype(np.float64)
    if min(here.sum(), there.sum()) < _FEWEST:
        return None
    table = np.stack([here, there])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return None
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    v = float(np.sqrt(((table - expected) ** 2 / expected).sum() / table.sum()))
    shares = here / here.sum(), there / there.sum()
    most = int(np.argmax(np.abs(shares[0] - shares[1])))
    text = tr(
        "{column}: {value} is {here} % here, {there} % elsewhere.",
        column=one.title,
        value=one.categories[most],
        here=f"{100 * shares[0][most]:.0f}",
        there=f"{100 * shares[1][most]:.0f}",
    )
    return Difference(one.key, one.title, text, v, min(v, 1.0))


def strength(one: Difference) -> str:
    """Return how large a difference is, in Cohen's words: correlations of 0.1, 0.3 and 0.5 begin each."""
    if one.correlation >= 0.5:
        return tr("large")
    return tr("medium") if one.correlation >= 0.3 else tr("small")


def _number(value: float) -> str:
    return f"{value:,.4g}"
