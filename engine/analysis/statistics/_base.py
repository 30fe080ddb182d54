"""What every statistic is given, and what it answers: one number for each node and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from engine.analysis.structure import Neighbours, neighbours
from engine.core.cancel import CancelToken
from engine.core.component import Component, Config
from engine.core.events import EventSink, silent
from engine.graph.graph import Graph

Values = npt.NDArray[np.int64] | npt.NDArray[np.float64]


@dataclass(slots=True)
class Given:
    """What a statistic works on; several of one graph share it, so that the neighbours are put together once.

    Args:
        graph: N nodes, checked.
        classes: int64 [N], class of each node, -1 for unknown; None when no column was named.
        seed: of whatever is drawn.
        threads: at most this many; results do not depend on it.
        sink: takes Progress.
        cancel: checked between pieces of work.
    """

    graph: Graph
    classes: npt.NDArray[np.int64] | None = None
    seed: int = 0
    threads: int = 1
    sink: EventSink = silent
    cancel: CancelToken = field(default_factory=CancelToken)
    _neighbours: Neighbours | None = None

    @property
    def neighbours(self) -> Neighbours:
        """Who is joined to whom, whatever the direction, without self-loops."""
        if self._neighbours is None:
            self._neighbours = neighbours(self.graph)
        return self._neighbours


@dataclass(frozen=True, slots=True)
class Found:
    """What a statistic says of a graph.

    Args:
        values: [N], int64 for counts and numbers of groups, float64 otherwise, NaN where it has no meaning.
        sentence: the whole graph in words.
        summary: plain numbers about the whole graph.
    """

    values: Values
    sentence: str
    summary: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON values


class Statistic(Component):
    """Describes every node by a number that follows from the structure; the same graph and seed give the same.

    `is_group` is True where the numbers name groups, so that their order means nothing. `needs_classes` is True where
    a column of classes has to be given.
    """

    is_group: ClassVar[bool] = False
    needs_classes: ClassVar[bool] = False

    def __init__(self, config: Config) -> None:
        self.config = config

    def compute(self, given: Given) -> Found:
        """Return the numbers of all nodes.

        Raises: Cancelled: `given.cancel` was asked for. EngineError: a library that does the work is not installed.
        """
        raise NotImplementedError


def spread(values: Values) -> dict[str, float]:
    """Return mean, median, smallest and largest of the numbers that are known; nothing where none is."""
    known = values[np.isfinite(values)]
    if not len(known):
        return {}
    return {
        "mean": float(known.mean()),
        "median": float(np.median(known)),
        "smallest": float(known.min()),
        "largest": float(known.max()),
    }
