"""The edges of a dataset as a picture draws them: each once, with its direction and weight where it has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.kit.later import np
from app.session.texts import PIECE

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges without self-loops.

    Args: ends: int32 [M, 2], the smaller number first, or source and target where edges have a direction. weight: of
        each, float32 [M]; None where they have none. directed: whether they have a direction.
    """

    ends: NDArray[np.int32]
    weight: NDArray[np.float32] | None = None
    directed: bool = False


def edges_of(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    weight: NDArray[np.float32] | None = None,
    *,
    directed: bool = False,
) -> Edges:
    """Return the edges behind rows of neighbours.

    Args: indptr: int64 [N + 1]. indices: int32 [E], both directions of an undirected edge stored; the sources of each
        row's node where edges have a direction. weight: float32 [E].
    """
    # Rows are repeated under the interpreter's lock: piece by piece, so that the window goes on between.
    firsts = range(0, len(indptr) - 1, PIECE)
    pieces = [_piece(indptr, indices, first, directed=directed) for first in firsts]
    ends = np.concatenate([np.empty((0, 2), dtype=np.int32), *(pair for pair, _ in pieces)])
    if weight is None:
        return Edges(ends, None, directed)
    return Edges(ends, np.concatenate([weight[:0], *(weight[kept] for _, kept in pieces)]), directed)


def _piece(
    indptr: NDArray[np.int64], indices: NDArray[np.int32], first: int, *, directed: bool
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the edges of some rows, int32 [M, 2], and where they stand among all entries, int64 [M]."""
    bounds = indptr[first : first + PIECE + 1]
    there = indices[bounds[0] : bounds[-1]]
    rows = np.repeat(np.arange(first, first + len(bounds) - 1, dtype=np.int32), np.diff(bounds))
    kept = np.flatnonzero(rows != there if directed else rows < there)
    pair = (there[kept], rows[kept]) if directed else (rows[kept], there[kept])
    return np.stack(pair, axis=1), kept + bounds[0]
