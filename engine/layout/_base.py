"""What every layout and every projection answers: one position in the plane for each node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.component import Component, Config
from engine.core.events import EventSink, silent
from engine.graph.graph import Graph

Positions = npt.NDArray[np.float32]
# The columns of the table of nodes by name, each with N values, None where a cell is empty; read when asked for.
Columns = Mapping[str, npt.NDArray[Any]]  # Any: texts, or numbers
# The name of the column of ids, the last one.
ID = "node_id"


@dataclass(frozen=True, slots=True)
class Given:
    """What a layout may know beyond the graph.

    Args: columns: the table of nodes, for layouts that go by it. start: positions to go on from, float32 [N, 2], None
        for a new picture. held: nodes that stay where `start` has them, bool [N], None for none of them.
    """

    columns: Columns = field(default_factory=dict)
    start: Positions | None = None
    held: npt.NDArray[np.bool_] | None = None


NOTHING = Given()


class Layout(Component):
    """Places the nodes of a graph in the plane; the same graph, options and seed give the same positions.

    A layout that `continues` goes on from positions that are given, which then keep their scale and their origin.
    """

    continues: ClassVar[bool] = False

    @classmethod
    def describe(cls) -> dict[str, Any]:  # Any: JSON values
        """Return the catalogue entry, and whether the layout can go on from positions."""
        return {**super().describe(), "continues": cls.continues}

    def __init__(self, config: Config) -> None:
        self.config = config

    def place(
        self,
        graph: Graph,
        *,
        seed: int = 0,
        sink: EventSink = silent,
        cancel: CancelToken | None = None,
        on_positions: Callable[[Positions], None] | None = None,
        given: Given = NOTHING,
    ) -> Positions:
        """Place every node.

        Args:
            graph: any graph; the direction of edges does not matter.
            seed: of the one generator that draws.
            sink: takes Progress and notices.
            cancel: checked at every step.
            on_positions: called with better positions, shape [N, 2], at most twice a second; the array is a copy.
            given: what is known beyond the graph.
        Returns: shape [N, 2] float32, centred on the origin, scaled so that the median edge has length 1
            (median distance between neighbouring places where there are no edges).
        Raises: Cancelled: `cancel` was asked for. OptionError: a column that is needed is not there.
        """
        raise NotImplementedError


class Projection(Component):
    """Places points of a wide space in the plane; the same points, options and seed give the same positions."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def project(
        self,
        points: npt.NDArray[np.float32],
        *,
        seed: int = 0,
        sink: EventSink = silent,
        cancel: CancelToken | None = None,
        on_positions: Callable[[Positions], None] | None = None,
    ) -> Positions:
        """Place every point.

        Args:
            points: shape [N, D] float32, finite.
            seed: of the one generator that draws.
            sink: takes Progress and notices, such as that only a part was placed exactly.
            cancel: checked between steps.
            on_positions: called with better positions, shape [N, 2], at most twice a second; the array is a copy.
        Returns: shape [N, 2] float32, centred on the origin, with the larger standard deviation of both axes 1.
        Raises: Cancelled: `cancel` was asked for.
        """
        raise NotImplementedError


def unit_edges(xy: npt.NDArray[np.floating], graph: Graph) -> Positions:
    """Centre positions and scale them so that the median edge has length 1.

    Args: xy: shape [N, 2]. graph: of N nodes; without edges of any length the positions are only centred.
    Returns: shape [N, 2] float32.
    """
    if not len(xy):
        return np.zeros((0, 2), np.float32)
    middle = (xy.min(axis=0) + xy.max(axis=0)) / 2
    tail, head = graph.edge_index()
    lengths = np.linalg.norm(xy[tail] - xy[head], axis=1)
    median = float(np.median(lengths)) if len(lengths) else 1.0
    return np.asarray((xy - middle) / (median if median > 0 else 1.0), dtype=np.float32)


def principal_axes(points: npt.NDArray[np.floating], count: int) -> npt.NDArray[np.float64]:
    """Return the coordinates along the `count` directions of largest variance, shape [N, count], zeros if fewer.

    The sign of each direction makes its entry of largest size positive, so that the result is the same everywhere.
    """
    out = np.zeros((len(points), count))
    if not points.size:
        return out
    centred = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    values, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, np.argsort(-values, kind="stable")][:, :count]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    out[:, : axes.shape[1]] = centred @ axes
    return out


def unit_spread(xy: npt.NDArray[np.floating]) -> Positions:
    """Centre positions and make the larger standard deviation of both axes 1; shape [N, 2] float32."""
    if not len(xy):
        return np.zeros((0, 2), np.float32)
    spread = float(xy.std(axis=0).max())
    return np.asarray((xy - xy.mean(axis=0)) / (spread if spread > 0 else 1.0), dtype=np.float32)
