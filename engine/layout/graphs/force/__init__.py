"""Force-directed layout: neighbours pull, everything else pushes, communities come apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import EventSink, Progress, silent
from engine.graph.graph import Graph
from engine.layout._base import Layout, Positions, unit_edges
from engine.layout.graphs.force.kernels import attraction, repulsion
from engine.layout.graphs.force.packing import block, pack
from engine.layout.graphs.force.pieces import Cut, Piece, cut
from engine.layout.graphs.force.pivot import pivot_positions

_STREAM_SECONDS = 0.5
# Strength of a spring against repulsion; how soon springs give way, in sqrt(N), and at most: chosen by eye and by
# neighbourhood preservation on social, citation and grid graphs of 34 to 22,000 nodes.
_PULL, _BEND, _MOST_BEND = 2.0, 7.0, 0.25
_GRAVITY, _SOFTENING, _FIRST_CAP = 0.1, 0.05, 0.25
# Opening angle of the quadtree, rough at first and finer for the last fifth of the steps.
_ROUGH, _EXACT, _EXACT_FROM = 1.0, 0.8, 0.8
# Space between components, in distances between near nodes.
_GAP = 4.0


class Force(Layout):
    """Neighbours pull each other, all nodes push each other apart; related groups end up side by side.

    Starts from PivotMDS. Repulsion is m_i m_j / d with m = 1 + degree, summed over a quadtree; the pull of an edge
    grows more slowly than its length, which keeps communities apart. Steps are capped, and the cap shrinks.
    Components are placed one by one and packed; nodes without edges form a block of their own.

    Source: forces after Jacomy et al. (2014, ForceAtlas2) and Noack (2009, LinLog); Barnes and Hut (1986).
    """

    key = "force"
    label = "Force-directed"
    recommended = True

    class Config(ConfigBase):
        steps: int = option(0, "Steps of movement; 0 takes as many as the size of the graph needs.", ge=0, le=5000)
        spread: float = option(
            1.0, "How strongly groups are drawn apart; 0 gives plain springs.", ge=0, le=10, advanced=True
        )
        use_weights: bool = option(True, "Edges with a large weight pull more.", advanced=True)

    config: Config

    def place(
        self,
        graph: Graph,
        *,
        seed: int = 0,
        sink: EventSink = silent,
        cancel: CancelToken | None = None,
        on_positions: Callable[[Positions], None] | None = None,
    ) -> Positions:
        """Place every node; see the base class."""
        token = cancel or CancelToken()
        rng = np.random.default_rng(seed)
        whole = cut(graph, use_weights=self.config.use_weights)
        picture = _Picture(graph, whole, on_positions)
        for piece in whole.pieces:
            token.check()
            piece.move(_start(piece, rng))
        picture.show(now=True)
        counts = [self.config.steps or _steps_for(piece.num_nodes) for piece in whole.pieces]
        total = sum(count * piece.num_nodes for count, piece in zip(counts, whole.pieces, strict=True))
        done = 0
        known: dict[bytes, npt.NDArray[np.float64]] = {}
        for piece, count in zip(whole.pieces, counts, strict=True):
            shape = piece.shape
            if shape in known:
                piece.move(known[shape])
                continue
            for _ in _relax(piece, count, self.config.spread):
                token.check()
                done += piece.num_nodes
                if picture.show():
                    sink(Progress(done, total, "node steps"))
            piece.move(_lie_flat(piece.xy))
            if shape is not None:
                known[shape] = piece.xy
        sink(Progress(total, total, "node steps"))
        return picture.positions()


class _Picture:
    """Puts the pieces together, and shows them to who watches, at most twice a second."""

    def __init__(self, graph: Graph, whole: Cut, on_positions: Callable[[Positions], None] | None) -> None:
        self._graph, self._whole = graph, whole
        self._on_positions = on_positions
        self._shown = 0.0

    def show(self, *, now: bool = False) -> bool:
        """Hand over the positions if it is time; say whether it was."""
        if not now and time.monotonic() - self._shown < _STREAM_SECONDS:
            return False
        if self._on_positions is not None:
            self._on_positions(self.positions())
        self._shown = time.monotonic()
        return True

    def positions(self) -> Positions:
        """Return all nodes, packed, with a median edge of length 1, float32 [N, 2]."""
        groups = [piece.nodes for piece in self._whole.pieces]
        parts = [piece.drawn() for piece in self._whole.pieces]
        if len(self._whole.alone):
            groups.append(self._whole.alone)
            parts.append(block(len(self._whole.alone), 2.0))
        xy = np.zeros((self._graph.num_nodes, 2))
        for nodes, part in zip(groups, pack(parts, _GAP), strict=True):
            xy[nodes] = part
        return unit_edges(xy, self._graph)


def _start(piece: Piece, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    if piece.num_nodes == 2:
        return np.array([[-0.5, 0.0], [0.5, 0.0]])
    return pivot_positions(piece.indptr, piece.indices, rng)


def _steps_for(num_nodes: int) -> int:
    """Return how many steps a piece of that size gets: 500 for most, fewer for tiny and for very large ones."""
    if num_nodes <= 2:
        return 0
    return int(min(30 * num_nodes, np.clip(900 - 40 * np.log2(num_nodes), 250, 500)))


def _relax(piece: Piece, steps: int, spread: float) -> Iterator[None]:
    """Move a piece towards rest, one step at a time.

    In units of sqrt(N) the picture has about the same size for every graph, so every constant here does for all. The
    move of a node is its force divided by how stiffly it is held (its springs and its mass), half of that so that
    two neighbours do not swap places for ever, and never more than the cap.
    """
    mass = 1.0 + np.diff(piece.indptr).astype(np.float64)
    mean = mass.mean()
    mass /= mean
    weight = piece.weight * (_PULL / mean)
    scale = float(np.sqrt(piece.num_nodes))
    for step in range(steps):
        cap = scale * _FIRST_CAP * (1 - step / steps) ** 1.5 + 1e-3
        push = repulsion(piece.xy, mass, _ROUGH if step < _EXACT_FROM * steps else _EXACT, _SOFTENING)
        pull = attraction(piece.indptr, piece.indices, weight, piece.xy, spread * min(_BEND / scale, _MOST_BEND))
        force = push + pull[:, :2] - (piece.xy - piece.xy.mean(axis=0)) * (_GRAVITY * mass[:, None])
        move = force / (2 * pull[:, 2:] + mass[:, None])
        length = np.linalg.norm(move, axis=1, keepdims=True)
        piece.move(piece.xy + move * np.minimum(1.0, cap / np.maximum(length, 1e-12)))
        yield


def _lie_flat(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn a piece so that its longer axis lies across: windows are wider than high."""
    xy = xy - xy.mean(axis=0)
    _, axes = np.linalg.eigh(xy.T @ xy)
    axes = axes[:, ::-1]
    # The sign of an axis is open: without a rule the last picture may be the one before it, upside down.
    return np.asarray(xy @ (axes * np.where(np.diag(axes) < 0, -1.0, 1.0)))
