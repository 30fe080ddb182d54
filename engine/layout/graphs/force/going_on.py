"""Go on from a picture that is there: nodes that are held stay, the others move to rest between them."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, Progress
from engine.graph.graph import Graph
from engine.layout._base import Given, Positions
from engine.layout.graphs.force.kernels import attraction
from engine.layout.graphs.force.pieces import Cut
from engine.layout.graphs.force.relax import settle, units_of

Array = npt.NDArray[np.float64]

_STREAM_SECONDS = 0.2
_STEPS = 200


def go_on(
    graph: Graph,
    whole: Cut,
    given: Given,
    spread: float,
    *,
    sink: EventSink,
    token: CancelToken,
    on_positions: Callable[[Positions], None] | None,
) -> Positions:
    """Return better positions in the scale of those given; held nodes and nodes without edges keep theirs.

    Args: given: with a start. spread: how soon springs give way. The rest as `Layout.place` has it.
    """
    assert given.start is not None
    xy = np.nan_to_num(given.start.astype(np.float64))
    held = np.zeros(graph.num_nodes, bool) if given.held is None else given.held
    total = float(sum(piece.num_nodes for piece in whole.pieces)) * _STEPS
    done, due = 0.0, 0.0
    for piece in whole.pieces:
        level, bend = units_of(piece.bare_level(), spread)
        inside = xy[piece.nodes]
        middle = inside.mean(axis=0)
        scale = _fitting(inside - middle, level.indptr, level.indices, level.weight, level.mass, bend)
        for step, moved in enumerate(settle(level, (inside - middle) * scale, held[piece.nodes], bend, _STEPS)):
            token.check()
            done += piece.num_nodes
            if step == _STEPS - 1 or time.monotonic() >= due:
                xy[piece.nodes] = np.where(held[piece.nodes, None], inside, moved / scale + middle)
                sink(Progress(done, total, "node steps"))
                if on_positions is not None:
                    on_positions(xy.astype(np.float32))
                due = time.monotonic() + _STREAM_SECONDS
    return xy.astype(np.float32)


def _fitting(
    xy: Array,
    indptr: npt.NDArray[np.int64],
    indices: npt.NDArray[np.int32],
    weight: Array,
    mass: Array,
    bend: float,
) -> float:
    """Return by what to multiply a picture so that it neither grows nor shrinks on the whole.

    At rest the virials of both forces are equal: that of a push of m_i m_j / d is m_i m_j a pair at any scale, that of
    the pull grows with the scale, which bisection finds.
    """
    push = (float(mass.sum()) ** 2 - float((mass**2).sum())) / 2
    low, high = 1e-9, 1e9
    for _ in range(80):
        scale = float(np.sqrt(low * high))
        grown = xy * scale
        pull = -float((attraction(indptr, indices, weight, grown, bend)[:, :2] * grown).sum())
        low, high = (scale, high) if pull < push else (low, scale)
        if high / low < 1.001:
            break
    return float(np.sqrt(low * high))
