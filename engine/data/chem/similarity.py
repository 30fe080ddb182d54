"""How alike molecules are: Tanimoto similarity of fingerprints, and the train molecules nearest to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.data.chem.asking import fingerprints
from engine.graph.compiled import compiled

_ROWS = 256  # that are compared between two looks at the cancel token
# From where on two molecules count as relatives: pairs of drug-like molecules that were drawn blindly seldom reach it.
RELATED = 0.4


@dataclass(frozen=True, slots=True)
class Nearest:
    """The most similar molecules of a set, for each of B others.

    Args: places: int32 [B, K], rows of the set, the most similar first; -1 where the set has fewer than K.
        similarity: float32 [B, K], Tanimoto: shared bits by all bits, 0 to 1; 0 where there is none.
    """

    places: npt.NDArray[np.int32]
    similarity: npt.NDArray[np.float32]


def nearest(
    among: npt.NDArray[np.uint64],
    of: npt.NDArray[np.uint64],
    count: int = 1,
    *,
    others_only: bool = False,
    cancel: CancelToken | None = None,
) -> Nearest:
    """Find the nearest by brute force, about 20 million pairs a second on one core.

    Args: among: fingerprints [A, 32]. of: fingerprints [B, 32]. count: K. others_only: both are the same molecules, and
        none is its own nearest.
    Source: Tanimoto similarity of bits (Willett, Barnard and Downs, J. Chem. Inf. Comput. Sci. 38, 1998).
    """
    places = np.full((len(of), count), -1, np.int32)
    similarity = np.zeros((len(of), count), np.float32)
    among, of = np.ascontiguousarray(among), np.ascontiguousarray(of)
    sizes = bits(among)
    for first in range(0, len(of), _ROWS):
        if cancel is not None:
            cancel.check()
        rows = slice(first, first + _ROWS)
        _nearest(among, sizes, of[rows], first if others_only else -1, places[rows], similarity[rows])
    return Nearest(places, similarity)


def bits(of: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """Return how many bits each fingerprint has, int32 [B]."""
    return np.asarray(np.bitwise_count(of).sum(axis=1), np.int32)


@dataclass(frozen=True, slots=True)
class SimilarityReport:
    """How near the test molecules are to train.

    Args:
        nearest: for each test molecule its nearest train molecules, as rows of train.
        quantiles: similarity below which a tenth, a quarter, half, three quarters and nine tenths of them lie.
        related: share with a relative in train. same: share with a train molecule of the same fingerprint.
    """

    nearest: Nearest
    quantiles: tuple[float, ...]
    related: float
    same: float

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return it without the molecules."""
        return {
            "quantiles": list(self.quantiles),
            "related": self.related,
            "same": self.same,
            "sentences": self.sentences(),
        }

    def sentences(self) -> list[str]:
        """Return the report in words."""
        if not len(self.nearest.places):
            return ["There is no test molecule."]
        said = [
            f"Half of the test molecules have a train molecule that is at least {self.quantiles[2]:.2f} similar "
            f"(Tanimoto, Morgan fingerprints of radius 2); {self.related:.0%} have one above {RELATED}."
        ]
        if self.same:
            said.append(f"{self.same:.0%} have one with the same fingerprint: for them the score tells of memory.")
        return said


def similarity_to_train(
    train: Sequence[str | None],
    test: Sequence[str | None],
    count: int = 3,
    *,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
) -> SimilarityReport:
    """Compare test with train. Args: train, test: SMILES. count: nearest train molecules to keep of each."""
    both = fingerprints([*train, *test], cancel=cancel, sink=sink)
    return similarity_of(both[: len(train)], both[len(train) :], count, cancel=cancel)


def similarity_of(
    train: npt.NDArray[np.uint64],
    test: npt.NDArray[np.uint64],
    count: int = 3,
    *,
    cancel: CancelToken | None = None,
) -> SimilarityReport:
    """Compare test with train where the fingerprints are known. Args: train, test: [A, 32] and [B, 32]."""
    found = nearest(train, test, count, cancel=cancel)
    best = found.similarity[:, 0]
    if not len(best):
        return SimilarityReport(found, (0.0,) * 5, 0.0, 0.0)
    quantiles = tuple(float(value) for value in np.quantile(best, [0.1, 0.25, 0.5, 0.75, 0.9]))
    return SimilarityReport(found, quantiles, float((best > RELATED).mean()), float((best >= 1).mean()))


@compiled
def _population(word):  # type: ignore[no-untyped-def]  # numba infers types at the first call
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled
def _nearest(among, sizes, of, own, places, similarity):  # type: ignore[no-untyped-def]  # numba infers types
    """Fill places and similarity for the rows of `of`. Args: own: the place of the first of them in `among`, -1."""
    count = places.shape[1]
    for row in range(len(of)):
        size = np.uint64(0)
        for word in range(of.shape[1]):
            size += _population(of[row, word])
        for place in range(len(among)):
            if own >= 0 and place == own + row:
                continue
            # No more bits can be shared than the smaller one has.
            fewer, more = min(np.int64(size), sizes[place]), max(np.int64(size), sizes[place])
            if fewer == 0 or fewer <= similarity[row, count - 1] * more:
                continue
            shared = np.uint64(0)
            for word in range(of.shape[1]):
                shared += _population(of[row, word] & among[place, word])
            found = np.float32(np.int64(shared) / (np.int64(size) + sizes[place] - np.int64(shared)))
            at = count
            while at > 0 and found > similarity[row, at - 1]:
                if at < count:
                    similarity[row, at], places[row, at] = similarity[row, at - 1], places[row, at - 1]
                at -= 1
            if at < count:
                similarity[row, at], places[row, at] = found, place
