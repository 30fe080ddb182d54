"""What is drawn, as plain arrays: positions, edges, colours, shapes, sizes, states."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

NO_EDGES = np.zeros((0, 2), dtype=np.int32)


class State(IntEnum):
    """How one node is shown."""

    NORMAL = 0
    SELECTED = 1
    DIMMED = 2
    HIDDEN = 3


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of the legend. `code` is the row of the palette, `count` how many nodes wear it (None: not counted)."""

    text: str
    code: int
    count: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Colouring:
    """Which colour and shape each node wears, and the legend that explains it.

    Args:
        title: what the colours mean ("Predicted type").
        codes: row of the palette for each node, uint16 [N].
        palette: RGBA, uint8 [P, 4].
        shapes: index into `theme.SHAPES` for each row of the palette, uint8 [P].
        legend: one entry for each category; for numbers, low to high.
        is_ramp: whether the palette is a scale from low to high; edges are not tinted then.
        colours: rows of the palette after which the same colours come again in another shape; 0 for once only.
    """

    title: str
    codes: NDArray[np.uint16]
    palette: NDArray[np.uint8]
    shapes: NDArray[np.uint8]
    legend: tuple[LegendEntry, ...] = ()
    is_ramp: bool = False
    colours: int = 0

    def colour_codes(self) -> NDArray[np.uint16]:
        """Return which colour each node wears, whatever its shape, uint16 [N]."""
        return self.codes % self.colours if self.colours else self.codes

    def wearers(self, code: int) -> NDArray[np.bool_]:
        """Return the nodes that a line of the legend is about, bool [N]: of a colour, or of a shape of its own."""
        if self.colours and code >= self.colours:
            return self.codes // self.colours == code // self.colours
        return self.colour_codes() == code


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """Edges that counted for one node's prediction, drawn on top. Args: edges: nodes, [M, 2]. weight: 0 to 1, [M]."""

    edges: NDArray[np.int64]
    weight: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything the canvas draws. Arrays are shared and never written to.

    Args:
        xy: positions in units of their own, float32 [N, 2]; a row that is not finite is not drawn.
        edges: node numbers, each undirected edge once, int32 [M, 2].
        colouring: colours, shapes and legend.
        size: radius relative to the usual one, float32 [N]; None for 1.
        state: `State`, uint8 [N].
        ids: names as text, object [N].
        weight: what makes a node important (its degree), float32 [N]; None for no order.
    """

    xy: NDArray[np.float32]
    colouring: Colouring
    state: NDArray[np.uint8]
    ids: NDArray[np.object_]
    edges: NDArray[np.int32] = field(default_factory=lambda: NO_EDGES)
    size: NDArray[np.float32] | None = None
    weight: NDArray[np.float32] | None = None

    @property
    def num_nodes(self) -> int:
        """Number of nodes."""
        return len(self.xy)

    @property
    def num_edges(self) -> int:
        """Number of edges drawn."""
        return len(self.edges)

    def visible(self) -> NDArray[np.bool_]:
        """Return which nodes are drawn, bool [N]: not hidden and with a place."""
        shown: NDArray[np.bool_] = (self.state != State.HIDDEN) & np.isfinite(self.xy).all(axis=1)
        return shown

    def bounds(self) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom of what is visible; a unit square where nothing is."""
        points = self.xy[self.visible()]
        if not len(points):
            return (0.0, 0.0, 1.0, 1.0)
        low, high = points.min(axis=0), points.max(axis=0)
        return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    def with_state(self, state: NDArray[np.uint8]) -> Scene:
        """Return the scene with other states."""
        return replace(self, state=state)


def states(
    selected: NDArray[np.bool_], hidden: NDArray[np.bool_] | None = None, near: NDArray[np.int64] | None = None
) -> NDArray[np.uint8]:
    """Return the state of each node, uint8 [N]: with a selection, everything else steps back.

    Args: selected: bool [N]. hidden: bool [N]; None for nothing hidden. near: nodes that do not step back, int64 [K].
    """
    state = np.full(len(selected), State.NORMAL, dtype=np.uint8)
    if selected.any():
        state[:] = np.where(selected, State.SELECTED, State.DIMMED)
        if near is not None:
            state[near[~selected[near]]] = State.NORMAL
    if hidden is not None:
        state[hidden] = State.HIDDEN
    return state
