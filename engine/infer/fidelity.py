"""Whether an explanation names what the answer rests on: take that away, and compare with as much taken at random."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from engine.infer.explainers._base import Explanation, Scores
from engine.infer.surroundings import Surroundings

_DRAWS = 10
# So many of the edges or columns at most, and no more than that share of them: what a person would look at.
_MOST_EDGES, _MOST_NODES, _MOST_COLUMNS, _SHARE = 10, 10, 10, 0.25


@dataclass(frozen=True, slots=True)
class Fidelity:
    """What becomes of the answer without the things that scored highest, and with them alone.

    All are changes of the probability of the answer (of the value, without sign, where a value is predicted).

    Args:
        size: how many things were taken.
        removed: change without them; large where the answer needs them.
        removed_random: mean change without as many drawn at random.
        kept: change with them alone; small where they are enough.
        kept_random: mean change with as many drawn at random alone.
    """

    size: int
    removed: float
    removed_random: float
    kept: float
    kept_random: float

    def to_plain(self, unit: float = 1.0) -> dict[str, Any]:  # Any: JSON values
        """Return the numbers as plain data. Args: unit: what changes are multiplied by; not the size."""
        return {name: value if name == "size" else unit * value for name, value in asdict(self).items()}


def edge_fidelity(around: Surroundings, found: Explanation, *, seed: int = 0) -> Fidelity | None:
    """Judge the scores of edges; None where there are fewer than two."""
    size = min(_MOST_EDGES, max(1, int(_SHARE * around.num_edges)))

    def strength(chosen: npt.NDArray[np.int64], keep: bool, answer: int) -> float:
        kept = torch.full((around.num_edges,), not keep, device=around.x.device)
        kept[torch.from_numpy(chosen)] = keep
        return around.strength(answer, kept=kept)

    return _judged(around, found.edges, np.arange(around.num_edges), size, strength, seed)


def node_fidelity(around: Surroundings, found: Explanation, *, seed: int = 0) -> Fidelity | None:
    """Judge the scores of the nodes of a whole graph, by setting their features to zero; None with fewer than two."""
    if found.nodes is None:
        return None
    size = min(_MOST_NODES, max(1, int(_SHARE * len(around.x))))

    def strength(chosen: npt.NDArray[np.int64], keep: bool, answer: int) -> float:
        there = torch.full((len(around.x), 1), not keep, device=around.x.device)
        there[torch.from_numpy(chosen)] = keep
        return around.strength(answer, around.x * there)

    return _judged(around, found.nodes, np.arange(len(around.x)), size, strength, seed)


def column_fidelity(around: Surroundings, found: Explanation, *, seed: int = 0) -> Fidelity | None:
    """Judge the scores of columns, drawn among those that are not zero throughout; None with fewer than two."""
    used = np.flatnonzero((around.x != 0).any(dim=0).cpu().numpy())
    size = min(_MOST_COLUMNS, max(1, int(_SHARE * len(used))))

    def strength(chosen: npt.NDArray[np.int64], keep: bool, answer: int) -> float:
        there = torch.full((around.x.shape[1],), not keep, device=around.x.device)
        there[torch.from_numpy(chosen)] = keep
        return around.strength(answer, around.x * there)

    return _judged(around, found.columns, used, size, strength, seed)


def _judged(
    around: Surroundings,
    scores: Scores,
    among: npt.NDArray[np.int64],
    size: int,
    strength: Any,  # Any: chosen things, whether they stay alone, and the answer, to its strength
    seed: int,
) -> Fidelity | None:
    if len(among) < 2:
        return None
    answer = around.answer()
    whole = around.strength(answer)
    best = among[np.argsort(-scores[among], kind="stable")[:size]]
    rng = np.random.default_rng(seed)
    draws = [rng.choice(among, size, replace=False) for _ in range(_DRAWS)]

    def change(chosen: npt.NDArray[np.int64], keep: bool) -> float:
        difference = whole - float(strength(chosen, keep, answer))
        return abs(difference) if around.task.kind == "regression" else difference

    return Fidelity(
        size,
        change(best, False),
        float(np.mean([change(draw, False) for draw in draws])),
        change(best, True),
        float(np.mean([change(draw, True) for draw in draws])),
    )
