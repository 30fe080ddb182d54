"""Say of a new item whether the model has seen anything like it: its distance to train, against a fitted threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.errors import MismatchError
from engine.data.chem.similarity import nearest

Measure = Literal["fingerprint", "embedding"]
COVERAGE = 0.95
_NEIGHBOURS = 5
_FEWEST = 20  # valid items from which on a threshold is fitted to them rather than to train
_ROWS = 512


@dataclass(frozen=True, slots=True)
class DomainAnswer:
    """What is said of B items.

    Args:
        distance: float32 [B], to train; of fingerprints 1 - Tanimoto of the nearest, of embeddings the mean Euclidean
            distance to the five nearest.
        is_inside: bool [B], whether it is at most the threshold.
        nearest: int32 [B], row of the nearest train item.
    """

    distance: npt.NDArray[np.float32]
    is_inside: npt.NDArray[np.bool_]
    nearest: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Domain:
    """What the model was trained on, and how far from it an item may be.

    Args:
        measure: what is compared.
        train: uint64 [A, 32] fingerprints or float32 [A, H] embeddings.
        threshold: distance up to which an item counts as inside; 95 % of valid items do.

    Source: distance to the nearest training molecules as the domain of applicability (Sheridan et al., J. Chem. Inf.
        Comput. Sci. 44, 2004); the threshold is the conformal quantile of valid distances (Vovk et al., 2005), of
        train distances to the other train items where valid has fewer than 20.
    """

    measure: Measure
    train: npt.NDArray[Any]  # Any: uint64 or float32, see measure
    threshold: float

    @classmethod
    def fit(
        cls,
        measure: Measure,
        train: npt.NDArray[Any],  # Any: see `train` above
        valid: npt.NDArray[Any],  # Any: see `train` above
        *,
        cancel: CancelToken | None = None,
    ) -> Domain:
        """Fit the threshold. Args: train, valid: fingerprints or embeddings of those parts."""
        if len(valid) >= _FEWEST:
            distance, _ = _distances(measure, train, valid, False, cancel)
        else:
            distance, _ = _distances(measure, train, train, True, cancel)
        rank = min(len(distance), int(np.ceil((len(distance) + 1) * COVERAGE)))
        return cls(measure, train, float(np.sort(distance)[rank - 1]) if rank else 0.0)

    def judge(self, items: npt.NDArray[Any], cancel: CancelToken | None = None) -> DomainAnswer:  # Any: see `train`
        """Compare items with train. Raises: MismatchError: they have another number of columns."""
        if items.shape[1] != self.train.shape[1]:
            raise MismatchError(
                f"The items have {items.shape[1]} columns, but those of train had {self.train.shape[1]}.",
                code="infer.domain",
            )
        distance, place = _distances(self.measure, self.train, items, False, cancel)
        return DomainAnswer(distance, distance <= np.float32(self.threshold) + np.float32(1e-6), place)


def _distances(
    measure: Measure,
    train: npt.NDArray[Any],  # Any: see Domain
    items: npt.NDArray[Any],  # Any: see Domain
    others_only: bool,
    cancel: CancelToken | None,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """Return distance to train and nearest row. Args: others_only: items are train, and none is its own nearest."""
    if measure == "fingerprint":
        found = nearest(train, items, others_only=others_only, cancel=cancel)
        return 1 - found.similarity[:, 0], found.places[:, 0]
    distance = np.empty(len(items), np.float32)
    place = np.empty(len(items), np.int32)
    squares = (train.astype(np.float64) ** 2).sum(axis=1)
    count = min(_NEIGHBOURS, len(train) - others_only)
    for first in range(0, len(items), _ROWS):
        if cancel is not None:
            cancel.check()
        part = items[first : first + _ROWS].astype(np.float64)
        square = squares + (part**2).sum(axis=1)[:, None] - 2 * part @ train.T.astype(np.float64)
        if others_only:
            square[np.arange(len(part)), first + np.arange(len(part))] = np.inf
        rows = slice(first, first + len(part))
        lowest = np.sort(np.partition(square, count - 1, axis=1)[:, :count], axis=1)
        distance[rows] = np.sqrt(np.maximum(lowest, 0)).mean(axis=1)
        place[rows] = square.argmin(axis=1)
    return distance, place
