"""Force-directed layout: neighbours pull, everything else pushes, communities come apart."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import EventSink, Progress, silent
from engine.graph.graph import Graph
from engine.layout._base import NOTHING, Given, Layout, Positions, unit_edges
from engine.layout._packing import block, pack
from engine.layout.graphs.force.pieces import Cut, Piece, cut
from engine.layout.graphs.force.pivot import Pivots

# A better picture comes at most so often, and never takes more than a tenth of the time.
_STREAM_SECONDS, _STREAM_SHARE = 0.5, 10.0
# Pivots of the first picture, and of what follows.
_FIRST_PIVOTS, _PIVOTS = 12, 50
# Space between components, in distances between near nodes.
_GAP = 4.0


class Force(Layout):
    """Neighbours pull each other, all nodes push each other apart; related groups end up side by side.

    Starts from PivotMDS, which is the first picture; then groups of nodes move, and ever smaller ones, to the nodes
    themselves. Repulsion is m_i m_j / d with m = 1 + degree; the pull of an edge grows more slowly than its length,
    which keeps communities apart; while the whole takes shape, distances to some pivots are held too. Steps are capped,
    and the cap shrinks. Components are placed one by one and packed; nodes without edges form a block of their own.

    Source: forces after Jacomy et al. (2014, ForceAtlas2) and Noack (2009, LinLog); levels after Hu (2005); pivots as
        Ortmann, Klimenta and Brandes (2017, sparse stress); far repulsion by a mesh (Hockney and Eastwood 1988).
    """

    key = "force"
    label = "Force-directed"
    recommended = True
    continues = True

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
        given: Given = NOTHING,
    ) -> Positions:
        """Place every node; see the base class."""
        token = cancel or CancelToken()
        rng = np.random.default_rng(seed)
        whole = cut(graph, use_weights=self.config.use_weights)
        if given.start is not None:
            from engine.layout.graphs.force.going_on import go_on

            return go_on(graph, whole, given, self.config.spread, sink=sink, token=token, on_positions=on_positions)
        picture = _Picture(graph, whole, on_positions)
        known: dict[bytes, npt.NDArray[np.float64]] = {}
        guides: list[Pivots | None] = []
        for piece in whole.pieces:
            token.check()
            shape = piece.shape
            guides.append(None if shape in known else Pivots(piece.indptr, piece.indices, rng))
            piece.move(known[shape] if guides[-1] is None else guides[-1].find(_FIRST_PIVOTS, token).positions())
            if shape:
                known[shape] = piece.xy
        picture.show()
        # The compiled loops are loaded, or made, while somebody looks at the first picture.
        from engine.layout.graphs.force.relax import Wishes, relax, work_of

        wishes = Wishes(self.config.steps, self.config.spread)
        works = [work_of(piece.num_nodes, wishes) for piece in whole.pieces]
        done, total = 0.0, sum(works)
        known.clear()
        for piece, guide, work in zip(whole.pieces, guides, works, strict=True):
            shape = piece.shape
            token.check()
            if guide is None:
                piece.move(known[shape])
                continue

            def show(xy: npt.NDArray[np.float64], steps: float, piece: Piece = piece, before: float = done) -> None:
                if picture.is_due:
                    piece.move(xy)
                    picture.show()
                    sink(Progress(min(before + steps, total), total, "node steps"))

            start = piece.xy if guide.is_complete else guide.find(_PIVOTS, token).positions()
            piece.move(_lie_flat(relax(piece.level(guide), start, wishes, rng, token, show)))
            done += work
            if shape:
                known[shape] = piece.xy
        sink(Progress(total, total, "node steps"))
        return picture.positions()


class _Picture:
    """Puts the pieces together, and shows them to who watches, at most twice a second."""

    def __init__(self, graph: Graph, whole: Cut, on_positions: Callable[[Positions], None] | None) -> None:
        self._graph, self._whole = graph, whole
        self._on_positions = on_positions
        self._next = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it is time for a better picture."""
        return time.monotonic() >= self._next

    def show(self) -> None:
        """Hand the positions over."""
        began = time.monotonic()
        if self._on_positions is not None:
            self._on_positions(self.positions())
        now = time.monotonic()
        self._next = now + max(_STREAM_SECONDS, _STREAM_SHARE * (now - began))

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


def _lie_flat(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn a piece so that its longer axis lies across: windows are wider than high."""
    xy = xy - xy.mean(axis=0)
    _, axes = np.linalg.eigh(xy.T @ xy)
    axes = axes[:, ::-1]
    # The sign of an axis is open: without a rule the last picture may be the one before it, upside down.
    return np.asarray(xy @ (axes * np.where(np.diag(axes) < 0, -1.0, 1.0)))
