"""Split into folds, each of which judges once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError, RoleError
from engine.core.events import EventSink, Notice, silent
from engine.data.splits._base import BoolArray, Split, Splitter, by_class, mask, require_known, share

if TYPE_CHECKING:
    from engine.data.items import Items

_MOST_FOLDS = 100
#: The fold whose items always train.
ALWAYS_TRAIN = "0"


class KFold(Splitter):
    """Divide the items into folds: each judges once, a part of the others chooses, and the rest trains.

    The folds are those of a column, where fold 0 always trains, or drawn with every class in its share. Epoch and
    settings are chosen on a part of the training folds and never on the fold that judges, as comparisons that choose
    on it are too good by several points. With folds of a column that part is the same for every seed.

    Source: stratified cross-validation (Kohavi 1995) with an inner part for choosing, as Errica et al. (2020), "A fair
    comparison of graph neural networks for graph classification", section 3.
    """

    key = "kfold"
    label = "Folds, each judging once"

    class Config(ConfigBase):
        column: str | None = option(None, "Column that numbers the folds; drawn when absent.", column="fold")
        folds: int = option(10, "Number of folds that are drawn.", ge=2, le=_MOST_FOLDS)
        only: tuple[str, ...] = option((), "Names of the folds that judge; all of them when empty.", advanced=True)
        valid_part: float = option(0.1, "Part of the other folds that chooses epoch and settings.", gt=0, lt=1)

    config: Config

    def assign(
        self,
        items: Items,
        target: npt.NDArray[np.generic],
        *,
        is_class: bool,
        seed: int,
        sink: EventSink = silent,
    ) -> list[Split]:
        """Return one split for each fold; see the base class.

        Raises: RoleError: there is no such column, or it names fewer than two folds or more than a hundred.
            OptionError: a fold that is to judge is not there.
        """
        known = require_known(items, target, is_class=is_class)
        folds = self._drawn(target, known, is_class, seed) if self.config.column is None else self._read(items, known)
        names = _in_order({fold for fold in folds[known] if fold and fold != ALWAYS_TRAIN})
        if not 2 <= len(names) <= _MOST_FOLDS:
            raise RoleError(
                f'Column "{self.config.column}" names {len(names)} folds beside fold 0; 2 to {_MOST_FOLDS} are needed.',
                hint='Choose another column, or the split "random".',
                column=self.config.column,
            )
        without = len(known) - int((folds[known] != "").sum())
        if without:
            text = f"{items.count(without)} with a known target have no fold; they are in no part."
            sink(Notice("info", "split.no_fold", text, {"column": self.config.column, "count": without}))
        wanted = self._wanted(names)
        # Folds of a column are the same for every seed, and so is what chooses: the seeds can then answer together.
        inner = seed if self.config.column is None else 0
        return [
            self._one(number, name, folds, target, known, is_class, inner)
            for number, name in enumerate(names)
            if name in wanted
        ]

    def _wanted(self, names: list[str]) -> list[str]:
        unknown = [name for name in self.config.only if name not in names]
        if unknown:
            raise OptionError(
                f'There is no fold "{unknown[0]}" to judge.', hint=f"There are {', '.join(names)}.", path="split.only"
            )
        return list(self.config.only) or names

    def _one(
        self,
        number: int,
        name: str,
        folds: npt.NDArray[np.object_],
        target: npt.NDArray[np.generic],
        known: npt.NDArray[np.int64],
        is_class: bool,
        seed: int,
    ) -> Split:
        there = mask(known, len(target)) & (folds != "")
        test: BoolArray = there & (folds == name)
        rest = np.flatnonzero(there & ~test)
        classes = by_class(target, rest, np.random.default_rng([seed, number]), is_class=is_class)
        sizes = np.array([len(members) for members in classes])
        # Each class keeps an item that trains.
        counts = np.minimum(share(sizes, self.config.valid_part), sizes - 1)
        chosen = np.concatenate([members[:count] for members, count in zip(classes, counts, strict=True)])
        valid = mask(chosen, len(target))
        return Split(f"fold-{name}", there & ~test & ~valid, valid, test)

    def _read(self, items: Items, known: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
        column = self.config.column
        if column not in items.names:
            raise RoleError(
                f'The {items.level} table has no column "{column}" that numbers folds.',
                hint=f"It has: {', '.join(items.names)}.",
                column=column,
            )
        return np.asarray(items.table[column].fillna("").astype(str).str.strip(), dtype=object)

    def _drawn(
        self, target: npt.NDArray[np.generic], known: npt.NDArray[np.int64], is_class: bool, seed: int
    ) -> npt.NDArray[np.object_]:
        """Deal the items of each class out in turn, so that folds and classes are as even as can be."""
        order = np.concatenate(by_class(target, known, np.random.default_rng(seed), is_class=is_class))
        folds = np.full(len(target), "", dtype=object)
        count = min(self.config.folds, len(order))
        folds[order] = np.array([str(1 + place % count) for place in range(len(order))], dtype=object)
        return folds


def _in_order(names: set[str]) -> list[str]:
    """Sort whole numbers by size, and put them before words."""
    return sorted(names, key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0, name))
