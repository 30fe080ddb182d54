"""Split with few labels a class, the way semi-supervised methods are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError, RoleError
from engine.core.events import EventSink, Notice, silent
from engine.data.splits._base import Split, Splitter, by_class, mask, require_known

if TYPE_CHECKING:
    from engine.data.items import Items


class Few(Splitter):
    """Train on a few labels of each class, choose on a few more, judge on the rest.

    A class that is too small for both gives half of its members to train and a quarter to valid, and the run
    says so; one with a single member gives it to train.

    Source: 20 labels a class and the rest for testing, after Yang, Cohen and Salakhutdinov (2016); 30 a class for
    validation as Shchur et al. (2018).
    """

    key = "few"
    label = "Few labels a class"

    class Config(ConfigBase):
        train: int = option(20, "Labels of each class that train.", ge=1, le=100000, unit="labels")
        valid: int = option(30, "Labels of each class that choose epoch and settings.", ge=1, le=100000, unit="labels")
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
        """Draw the labels; see the base class.

        Raises: OptionError: the target is a number. RoleError: no labelled node is left to judge or to choose.
        """
        if not is_class:
            raise OptionError(
                'The split "few" counts labels a class, but the target is a number.', hint='Use "random".'
            )
        ids = require_known(items, target, is_class=True)
        names = ["few"] if self.config.repeats == 1 else [f"few-{k + 1}" for k in range(self.config.repeats)]
        splits = [self._draw(name, target, ids, np.random.default_rng([seed, k])) for k, name in enumerate(names)]
        self._tell(items, target, ids, sink)
        for split in splits:
            for part in ("valid", "test"):
                if not getattr(split, part).any():
                    raise RoleError(
                        f"With {self.config.train} train and {self.config.valid} valid labels a class, "
                        f"none is left for {part}.",
                        hint='Ask for fewer, or use the split "random".',
                    )
        return splits

    def _draw(
        self, name: str, target: npt.NDArray[np.generic], ids: npt.NDArray[np.int64], rng: np.random.Generator
    ) -> Split:
        parts: dict[str, list[npt.NDArray[np.int64]]] = {"train": [], "valid": [], "test": []}
        for members in by_class(target, ids, rng, is_class=True):
            train, valid = self._counts(len(members))
            parts["train"].append(members[:train])
            parts["valid"].append(members[train : train + valid])
            parts["test"].append(members[train + valid :])
        return Split(name, **{part: mask(np.concatenate(lists), len(target)) for part, lists in parts.items()})

    def _counts(self, size: int) -> tuple[int, int]:
        """Return how many of a class train and how many choose."""
        if size > self.config.train + self.config.valid:
            return self.config.train, self.config.valid
        train = min(self.config.train, (size + 1) // 2)
        return train, min(self.config.valid, (size - train) // 2)

    def _tell(self, items: Items, target: npt.NDArray[np.generic], ids: npt.NDArray[np.int64], sink: EventSink) -> None:
        _, sizes = np.unique(target[ids], return_counts=True)
        small = int((sizes <= self.config.train + self.config.valid).sum())
        if small:
            sink(
                Notice(
                    "warning",
                    "split.small_classes",
                    f"{small} classes have too few labelled {items.level}s for {self.config.train} train and "
                    f"{self.config.valid} valid ones; half of them train, a quarter chooses.",
                    {"count": small},
                )
            )
