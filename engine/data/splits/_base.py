"""What every way of splitting answers: train, valid and test as three masks that never overlap."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.core.component import Component, Config
from engine.core.events import EventSink, silent

if TYPE_CHECKING:
    from engine.data.builders.relational import RelationalData

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Split:
    """One partition of the labelled nodes; a node may be in no part, and is never in two.

    Args: name: where it comes from (a column name, "random"), used in file names and reports.
        train, valid, test: shape [N] bool.
    """

    name: str
    train: BoolArray
    valid: BoolArray
    test: BoolArray

    def __post_init__(self) -> None:
        assert self.train.shape == self.valid.shape == self.test.shape
        assert not (self.train & self.valid | self.train & self.test | self.valid & self.test).any()

    def parts(self) -> npt.NDArray[np.object_]:
        """Return one word a node: train, valid, test or an empty string, shape [N]."""
        words = np.full(len(self.train), "", dtype=object)
        for word in ("train", "valid", "test"):
            words[getattr(self, word)] = word
        return words


class Splitter(Component):
    """A way to divide the labelled nodes. The same data, options and seed give the same masks."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @abstractmethod
    def assign(
        self,
        data: RelationalData,
        target: npt.NDArray[np.generic],
        *,
        is_class: bool,
        seed: int,
        sink: EventSink = silent,
    ) -> list[Split]:
        """Divide the nodes whose target is known.

        Args:
            data: the graph and its node table; nodes in node order.
            target: shape [N]; int64 class codes with -1 for unknown, or float64 with NaN for unknown.
            is_class: whether the target is a class (then parts are stratified) or a number.
            seed: of the one generator that draws; the same seed gives the same masks.
            sink: takes notices about what was decided.
        Returns: one Split, or several when there are several split columns or repeats.
        Raises: RoleError or OptionError: the request cannot be met; the message says what is missing.
        """


def known(target: npt.NDArray[np.generic], *, is_class: bool) -> BoolArray:
    """Return which nodes have a known target, shape [N] bool (code >= 0, or not NaN)."""
    return np.asarray(target >= 0) if is_class else ~np.isnan(target.astype(np.float64))
