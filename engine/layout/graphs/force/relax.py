"""Move the nodes of a connected graph to rest: first groups of them, then ever smaller ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.layout.graphs.force.kernels import attraction, step, steps_of_few
from engine.layout.graphs.force.levels import Level, ladder
from engine.layout.graphs.force.repulsion import Repulsion

Array = npt.NDArray[np.float64]

# Strength of a spring against repulsion; how soon springs give way, in sqrt(N), and at most. Chosen together with the
# hold of the pivots, by stress, by neighbours kept and by eye, on social, citation, grid and tree graphs of 34 to
# 100,000 nodes.
_PULL, _BEND, _MOST_BEND = 30.0, 70.0, 2.5
_GRAVITY, _SOFTENING = 0.1, 0.02
# The largest step in sqrt(N) at the beginning, of the coarsest level and of the finer ones.
_FIRST_CAP, _LATER_CAP = 0.25, 0.05
# Hold of the distances to pivots, in springs: while the whole takes shape, and at the end of the finest level.
_HOLD, _LAST_HOLD = 3.0, 0.1
# Nodes whose steps are taken all at once: there may be thousands of such pieces.
_FEW = 100
# Steps of the coarsest level, of those between, and of the finest one; of a graph that needs one level only.
_COARSE_STEPS, _STEPS, _FINE_STEPS, _ONLY_STEPS = 300, 60, 150, 400


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person may say about the movement.

    Args: steps: of the finest level; 0 for as many as it needs. spread: how soon springs give way; 1 as usual.
    """

    steps: int = 0
    spread: float = 1.0


def work_of(num_nodes: int, wishes: Wishes) -> float:
    """Return about how many node steps a graph of that size takes, for a progress bar."""
    return float(num_nodes * (wishes.steps or _FINE_STEPS) + 0.6 * num_nodes * _STEPS)


def units_of(finest: Level, spread: float) -> tuple[Level, float]:
    """Return a graph in the units in which its nodes move, and how soon its springs give way.

    The mean mass is 1, and springs are as strong as they are to be against repulsion.
    """
    mean = float(finest.mass.mean())
    level = Level(
        finest.indptr, finest.indices, finest.weight * (_PULL / mean), finest.mass / mean, finest.pivots, finest.away
    )
    return level, spread * min(_BEND / float(np.sqrt(finest.num_nodes)), _MOST_BEND)


def settle(level: Level, xy: Array, held: npt.NDArray[np.bool_], bend: float, steps: int) -> Iterator[Array]:
    """Give the positions after each step of nodes that move from where they are; those that are held do not.

    Args: level: in the units of `units_of`, without pivots. xy: shape [N, 2]. held: [N]. bend: of `units_of`.
    """
    repulsion = Repulsion()
    scale = float(np.sqrt(len(xy)))
    for number in range(steps):
        push = repulsion(xy, level.mass, _SOFTENING)
        pull = attraction(level.indptr, level.indices, level.weight, xy, bend)
        move = (push + pull[:, :2]) / (2 * pull[:, 2] + level.mass)[:, None]
        move[held] = 0
        cap = scale * _LATER_CAP * (1 - number / steps) ** 1.5 + 1e-3
        length = np.linalg.norm(move, axis=1, keepdims=True)
        xy = xy + move * np.minimum(1.0, cap / np.maximum(length, 1e-12))
        yield xy


def relax(
    finest: Level,
    xy: Array,
    wishes: Wishes,
    rng: np.random.Generator,
    token: CancelToken,
    show: Callable[[Array, float], None],
) -> Array:
    """Return where the nodes come to rest, shape [N, 2].

    Steps are capped, and the cap shrinks; see `step`.

    Args: finest: the graph with its own weights. xy: the start, shape [N, 2]. show: is told positions of the finest
        level and how many node steps have been taken, after each step.
    """
    finest, bend = units_of(finest, wishes.spread)
    levels = ladder(finest, token)
    starts = [xy]
    for level in levels[:-1]:
        starts.append(level.middles(starts[-1]))
    done = 0.0
    xy = starts[-1]
    for rank in range(len(levels) - 1, -1, -1):
        parent = levels[rank].parent
        if parent is not None:
            drawn = rng.normal(size=(levels[rank].num_nodes, 2))
            xy = xy[parent] + drawn * (0.3 * np.sqrt(levels[rank].mass / _PULL))[:, None]
        move = _Movement(levels, rank, wishes, bend)
        if levels[0].num_nodes <= _FEW:
            return move.at_once(xy)
        for number in range(move.steps):
            token.check()
            xy = move(xy, number)
            done += levels[rank].num_nodes
            show(_on_finest(levels, rank, xy), done)
    return xy


def _on_finest(levels: list[Level], rank: int, xy: Array) -> Array:
    for level in reversed(levels[:rank]):
        assert level.parent is not None
        xy = xy[level.parent]
    return xy


class _Movement:
    """One level's steps."""

    def __init__(self, levels: list[Level], rank: int, wishes: Wishes, bend: float) -> None:
        self._level = levels[rank]
        n = levels[0].num_nodes
        is_coarsest, is_finest = rank == len(levels) - 1, rank == 0
        if is_finest:
            self.steps = wishes.steps or (min(30 * n, _ONLY_STEPS) if is_coarsest else _FINE_STEPS)
        else:
            self.steps = _COARSE_STEPS if is_coarsest else _STEPS
        self._scale = float(np.sqrt(n))
        self._cap = self._scale * (_FIRST_CAP if is_coarsest else _LATER_CAP)
        self._bend = bend
        self._softening = _SOFTENING * float(np.sqrt(n / self._level.num_nodes))
        self._last_hold = _LAST_HOLD if is_finest else _HOLD
        self._repulsion = Repulsion()
        left = 1 - np.arange(self.steps) / max(self.steps, 1)
        self._holds = self._last_hold + (_HOLD - self._last_hold) * left
        self._caps = self._cap * left**1.5 + 1e-3

    def __call__(self, xy: Array, number: int) -> Array:
        """Return the positions after one more step."""
        level = self._level
        push = self._repulsion(xy, level.mass, self._softening)
        rows = (level.indptr, level.indices, level.weight)
        guide = (level.away, level.pivots)
        return step(xy, push, *rows, level.mass, *guide, self._bend, _GRAVITY, self._holds[number], self._caps[number])

    def at_once(self, xy: Array) -> Array:
        """Return the positions of a few nodes after all steps."""
        level = self._level
        rows = (level.indptr, level.indices, level.weight)
        guide = (level.away, level.pivots)
        return steps_of_few(
            xy, *rows, level.mass, *guide, self._bend, _GRAVITY, self._softening, self._holds, self._caps
        )
