"""Split at random, with every class in its share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError
from engine.core.events import EventSink, Notice, silent
from engine.data.splits._base import Split, Splitter, by_class, mask, require_known, share

if TYPE_CHECKING:
    from engine.data.items import Items


class Random(Splitter):
    """Draw train, valid and test at random; classes keep their shares in each part.

    A class with a single member gives it to train, one with two members to train and test. What the fractions
    leave over takes no part.

    Source: stratified sampling without replacement (Cochran 1977, chapter 5), proportional allocation.
    """

    key = "random"
    label = "Random, stratified"

    class Config(ConfigBase):
        train: float = option(0.6, "Part of the labelled items that trains.", gt=0, lt=1)
        valid: float = option(0.2, "Part that chooses epoch and settings.", gt=0, lt=1)
        test: float = option(0.2, "Part that judges, once, at the end.", gt=0, lt=1)
        repeats: int = option(1, "Different draws; one training for each.", ge=1, le=100)

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
        """Draw the parts; see the base class.

        Raises: OptionError: the fractions sum to more than one. RoleError: too few items have a known target.
        """
        options = self.config
        if options.train + options.valid + options.test > 1 + 1e-9:
            total = options.train + options.valid + options.test
            raise OptionError(
                f'"split.train", "split.valid" and "split.test" sum to {total:g}, which is more than 1.',
                hint="Make one of them smaller.",
            )
        ids = require_known(items, target, is_class=is_class)
        _tell_small_classes(items, target, ids, is_class, sink)
        _tell_of_relatives(items, sink)
        names = ["random"] if options.repeats == 1 else [f"random-{k + 1}" for k in range(options.repeats)]
        return [
            self._draw(name, target, ids, np.random.default_rng([seed, k]), is_class) for k, name in enumerate(names)
        ]

    def _draw(
        self,
        name: str,
        target: npt.NDArray[np.generic],
        ids: npt.NDArray[np.int64],
        rng: np.random.Generator,
        is_class: bool,
    ) -> Split:
        options = self.config
        classes = by_class(target, ids, rng, is_class=is_class)
        sizes = np.array([len(members) for members in classes])
        # Cuts at the summed fractions, so that all of them together come out right; test before valid, so that a class
        # with two members is judged rather than chosen by.
        train = share(sizes, options.train, least=1)
        with_test = share(sizes, options.train + options.test)
        test = np.minimum(np.maximum(with_test - train, 1), sizes - train)
        everything = share(sizes, options.train + options.test + options.valid)
        valid = np.minimum(np.maximum(everything - train - test, 1), sizes - train - test)
        train, valid, test = _repair(train, valid, test)
        parts: dict[str, list[npt.NDArray[np.int64]]] = {"train": [], "valid": [], "test": []}
        for members, a, b, c in zip(classes, train, valid, test, strict=True):
            parts["train"].append(members[:a])
            parts["valid"].append(members[a : a + b])
            parts["test"].append(members[a + b : a + b + c])
        masks = {part: mask(np.concatenate(lists), len(target)) for part, lists in parts.items()}
        return Split(name, **masks)


def _repair(
    train: npt.NDArray[np.int64], valid: npt.NDArray[np.int64], test: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give valid and test one item of the largest class's train when rounding left them none."""
    train, valid, test = train.copy(), valid.copy(), test.copy()
    for part in (valid, test):
        if not part.sum():
            largest = int(train.argmax())
            if train[largest] > 1 or train.sum() > 1:
                train[largest] -= 1
                part[largest] += 1
    return train, valid, test


def _tell_of_relatives(items: Items, sink: EventSink) -> None:
    if items.smiles() is not None:
        sink(
            Notice(
                "info",
                "split.random_molecules",
                "Drawn at random, most test molecules have near relatives in train, so the score flatters; the split "
                '"scaffold" tells how well the model carries over to new ones.',
            )
        )


def _tell_small_classes(
    items: Items, target: npt.NDArray[np.generic], ids: npt.NDArray[np.int64], is_class: bool, sink: EventSink
) -> None:
    if not is_class:
        return
    _, sizes = np.unique(target[ids], return_counts=True)
    small = int((sizes < 3).sum())
    if small:
        sink(
            Notice(
                "warning",
                "split.small_classes",
                f"{small} classes have fewer than three labelled {items.level}s, so they are not in every part.",
                {"count": small},
            )
        )
