"""What every way of splitting answers: train, valid and test as three masks that never overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.core.component import Component, Config
from engine.core.errors import RoleError
from engine.core.events import EventSink, silent

if TYPE_CHECKING:
    from engine.data.items import Items

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Split:
    """One partition of the labelled items; an item may be in no part, and is never in two.

    Args: name: where it comes from (a column name, "random"), used in file names and reports.
        train, valid, test: shape [I] bool.
    """

    name: str
    train: BoolArray
    valid: BoolArray
    test: BoolArray

    def __post_init__(self) -> None:
        assert self.train.shape == self.valid.shape == self.test.shape
        assert not (self.train & self.valid | self.train & self.test | self.valid & self.test).any()

    def parts(self) -> npt.NDArray[np.object_]:
        """Return one word an item: train, valid, test or an empty string, shape [I]."""
        words = np.full(len(self.train), "", dtype=object)
        for word in ("train", "valid", "test"):
            words[getattr(self, word)] = word
        return words


class Splitter(Component):
    """A way to divide the labelled nodes or graphs. The same data, options and seed give the same masks."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def assign(
        self,
        items: Items,
        target: npt.NDArray[np.generic],
        *,
        is_class: bool,
        seed: int,
        sink: EventSink = silent,
    ) -> list[Split]:
        """Divide the items whose target is known.

        Args:
            items: nodes or graphs, with the columns of their table.
            target: shape [I]; int64 class codes with -1 for unknown, or float64 with NaN for unknown.
            is_class: whether the target is a class (then parts are stratified) or a number.
            seed: of the one generator that draws; the same seed gives the same masks.
            sink: takes notices about what was decided.
        Returns: one Split, or several when there are several split columns or repeats.
        Raises: RoleError or OptionError: the request cannot be met; the message says what is missing.
        """
        raise NotImplementedError


def known(target: npt.NDArray[np.generic], *, is_class: bool) -> BoolArray:
    """Return which items have a known target, shape [I] bool (code >= 0, or not NaN)."""
    return target.astype(np.int64) >= 0 if is_class else ~np.isnan(target.astype(np.float64))


def require_known(items: Items, target: npt.NDArray[np.generic], *, is_class: bool) -> npt.NDArray[np.int64]:
    """Return the places of the items whose target is known, ascending.

    Raises: RoleError: fewer than three are, so that train, valid and test cannot each have one; or every item is a
        class of its own.
    """
    ids = np.flatnonzero(known(target, is_class=is_class))
    if len(ids) < 3:
        raise RoleError(
            f"Only {items.count(len(ids))} have a known target; train, valid and test need one each.",
            hint=f"Choose another target column, or label more {items.level}s.",
            known=len(ids),
        )
    if is_class and len(np.unique(target[ids])) == len(ids):
        raise RoleError(
            f"The target has {len(ids):,} different values in {len(ids):,} labelled {items.level}s: no value comes "
            "twice, so there is nothing to learn from.",
            hint="Choose a column whose values repeat, or predict it as a number.",
            classes=len(ids),
        )
    return ids


def mask(ids: npt.NDArray[np.int64], count: int) -> BoolArray:
    """Return the mask that is true at `ids`, shape [count]."""
    out = np.zeros(count, dtype=bool)
    out[ids] = True
    return out


def share(sizes: npt.NDArray[np.int64], fraction: float, *, least: int = 0) -> npt.NDArray[np.int64]:
    """Say how many members each class gives to a part, so that class shares and the total both come out right.

    The rounding error is carried from class to class: each class is within one of its exact share, and so is the
    sum. (Rounding every class alone would take nobody from many small classes.)

    Args: sizes: members of each class, shape [C]. fraction: 0 to 1. least: fewest from a class that has that many.
    Returns: shape [C] int64, never more than `sizes`.
    """
    upto = np.floor(np.cumsum(sizes) * fraction + 0.5).astype(np.int64)
    taken = np.diff(upto, prepend=0)
    return np.asarray(np.minimum(np.maximum(taken, least), sizes), dtype=np.int64)


def by_class(
    target: npt.NDArray[np.generic], ids: npt.NDArray[np.int64], rng: np.random.Generator, *, is_class: bool
) -> list[npt.NDArray[np.int64]]:
    """Return the ids of each class in random order; one list with all of them when the target is a number."""
    shuffled = rng.permutation(ids)
    if not is_class:
        return [shuffled]
    return [shuffled[target[shuffled] == code] for code in np.unique(target[ids])]
