"""What is drawn, as plain arrays: positions, edges, colours, shapes, sizes, states."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

NO_EDGES = np.zeros((0, 2), dtype=np.int32)
_SHARE = np.linspace(0.0, 1.0, 256)
# Width in device-independent pixels and share of the opacity for each strength of an edge; the faintest can be seen.
PENS = np.stack([0.7 + 2.1 * _SHARE, 0.45 + 0.55 * _SHARE], axis=1).astype(np.float32)


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
    """

    title: str
    codes: NDArray[np.uint16]
    palette: NDArray[np.uint8]
    shapes: NDArray[np.uint8]
    legend: tuple[LegendEntry, ...] = ()
    is_ramp: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sizing:
    """How large each node is, and what that means.

    Args:
        title: what the size means ("Degree").
        radius: relative to the usual one, float32 [N].
        marks: for the legend, text and relative radius from small to large.
    """

    title: str
    radius: NDArray[np.float32]
    marks: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Shaping:
    """Which shape each node has where that does not follow from its colour.

    Args: title: what the shape means. codes: index into `theme.SHAPES`, uint8 [N]. legend: `code` is such an index.
    """

    title: str
    codes: NDArray[np.uint8]
    legend: tuple[LegendEntry, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Strength:
    """How strong each edge is drawn, by width and opacity together.

    Args: title: what it means ("Weight"). level: faint to strong, uint8 [M]. low, high: the values at both ends.
    """

    title: str
    level: NDArray[np.uint8]
    low: str = ""
    high: str = ""


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
        edges: node numbers, each undirected edge once, int32 [M, 2]; a directed one leads from the first to the second.
        colouring: colours, shapes and legend.
        sizing: radii; None for one size. shaping: shapes of their own; None where they follow the colours.
        strength: of the edges; None for one strength.
        directed: whether edges have a direction, shown by heads where there is room.
        state: `State`, uint8 [N].
        ids: names as text, object [N].
        weight: what makes a node important (its degree), float32 [N]; None for no order.
    """

    xy: NDArray[np.float32]
    colouring: Colouring
    state: NDArray[np.uint8]
    ids: NDArray[np.object_]
    edges: NDArray[np.int32] = field(default_factory=lambda: NO_EDGES)
    sizing: Sizing | None = None
    shaping: Shaping | None = None
    strength: Strength | None = None
    directed: bool = False
    weight: NDArray[np.float32] | None = None

    @property
    def size(self) -> NDArray[np.float32] | None:
        """Radius of each node relative to the usual one, float32 [N]; None for 1."""
        return None if self.sizing is None else self.sizing.radius

    @property
    def num_selected(self) -> int:
        """Number of selected nodes."""
        return int(np.count_nonzero(self.state == State.SELECTED))

    def shape_of(self, node: int) -> int:
        """Return the index into `theme.SHAPES` of a node."""
        own = None if self.shaping is None else int(self.shaping.codes[node])
        return int(self.colouring.shapes[self.colouring.codes[node]]) if own is None else own

    @property
    def num_nodes(self) -> int:
        """Number of nodes."""
        return len(self.xy)

    @property
    def num_edges(self) -> int:
        """Number of edges drawn."""
        return len(self.edges)

    def pens(self) -> NDArray[np.float32]:
        """Return width in device-independent pixels and share of the opacity for each level, float32 [L, 2]."""
        if self.strength is None:
            return np.ones((1, 2), dtype=np.float32)
        return PENS

    def visible(self) -> NDArray[np.bool_]:
        """Return which nodes are drawn, bool [N]: not hidden and with a place."""
        return self.shown()

    def shown(self, nodes: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.bool_]:
        """Return which of some nodes are drawn, bool [K]."""
        places = self.xy[nodes]
        # The sum is finite where both are: one pass over a million nodes instead of three.
        there: NDArray[np.bool_] = np.isfinite(places[:, 0] + places[:, 1])
        return there & (self.state[nodes] != State.HIDDEN)

    def bounds(self) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom of what is visible; a unit square where nothing is."""
        shown = self.visible()
        if not shown.any():
            return (0.0, 0.0, 1.0, 1.0)
        x, y = self.xy[:, 0], self.xy[:, 1]
        if not shown.all():
            x, y = x[shown], y[shown]
        return (float(x.min()), float(y.min()), float(x.max()), float(y.max()))

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
