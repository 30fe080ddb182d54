"""Many sparse features by name: from a long table `id, feature, value`, or from many mostly empty columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from engine.core.events import EventSink, Notice

Scaling = Literal["none", "rows", "columns", "largest"]


@dataclass(frozen=True)
class CountsCoder:
    """A vocabulary of feature names, and how their values are scaled; the matrix stays sparse throughout.

    Args:
        names: the vocabulary, one column of x each.
        scaling: rows divides each node's values by their sum; columns and largest divide each column by `scale`.
        scale: one number a name, or empty.
        columns: True when the names are columns of the node table, False when they come from a feature table.
        reason: what was done, one sentence.
    """

    names: tuple[str, ...]
    scaling: Scaling
    scale: tuple[float, ...]
    columns: bool
    reason: str

    @classmethod
    def fit(
        cls, matrix: sp.csr_matrix, names: Sequence[str], *, normalise: str, columns: bool, sink: EventSink
    ) -> CountsCoder | None:
        """Learn vocabulary and scale; names that no node has are left out with a notice.

        Args: matrix: csr [N, K]. names: K names. normalise: the option of that name. columns: see the class.
        Returns: None when no node has any of them.
        """
        matrix = matrix.tocsc()
        largest = np.asarray(abs(matrix).max(axis=0).todense()).ravel() if matrix.shape[1] else np.empty(0)
        used = np.flatnonzero(largest > 0)
        unused = matrix.shape[1] - len(used)
        if unused:
            text = f"{unused:,} of {matrix.shape[1]:,} sparse features are zero for every node and are left out."
            sink(Notice("info", "feature.constant", text, {"count": unused}))
        if not len(used):
            return None
        is_count = not len(matrix.data) or float(matrix.data.min()) >= 0
        scaling: Scaling = {"none": "none", "rows": "none", "standard": "columns"}.get(  # type: ignore[assignment]  # the values are Scaling
            normalise, "rows" if is_count else "largest"
        )
        scale: npt.NDArray[np.float64] = np.empty(0)
        if scaling == "largest":
            scale = largest[used]
        elif scaling == "columns":
            scale = _spread(matrix[:, used])
        done = {
            "none": "as they are",
            "rows": "each node's values sum to one",
            "columns": "each divided by its standard deviation, not centred, so that zeros stay zeros",
            "largest": "each divided by its largest absolute value",
        }[scaling]
        source = "Mostly empty columns taken together" if columns else "Sparse features by name"
        return cls(
            tuple(str(names[int(k)]) for k in used),
            scaling,
            tuple(float(value) for value in scale),
            columns,
            f"{source}: {len(used):,} of them, {done}.",
        )

    def transform(self, matrix: sp.csr_matrix, names: Sequence[str], sink: EventSink) -> sp.csr_matrix:
        """Bring a matrix with its own names into the order of the vocabulary, and scale it.

        Args: matrix: csr [N, K']. names: K' names. sink: told of names that the vocabulary does not know.
        Returns: csr [N, len(self.names)] float32.
        """
        matrix = matrix.tocsr()
        if tuple(names) != self.names:
            matrix = self._reorder(matrix, names, sink)
        matrix = matrix.astype(np.float32)
        if self.scaling == "rows":
            return rows_to_one(matrix)
        if self.scale:
            factor = (1.0 / np.asarray(self.scale)).astype(np.float32)
            matrix = sp.csr_matrix((matrix.data * factor[matrix.indices], matrix.indices, matrix.indptr), matrix.shape)
        return matrix

    def _reorder(self, matrix: sp.csr_matrix, names: Sequence[str], sink: EventSink) -> sp.csr_matrix:
        place = {name: column for column, name in enumerate(self.names)}
        to = np.array([place.get(str(name), -1) for name in names], dtype=np.int64)
        held = np.bincount(matrix.indices, minlength=len(to)) > 0
        unseen = int((held & (to < 0)).sum())
        if unseen:
            share = float((to[matrix.indices] < 0).mean())
            text = f"{unseen:,} sparse features are new since fitting and are not used ({share:.1%} of the entries)."
            sink(Notice("warning", "feature.unseen_name", text, {"count": unseen, "share": share}))
        kept = np.flatnonzero(to >= 0)
        move = sp.csr_matrix(
            (np.ones(len(kept), np.float32), (kept, to[kept])), shape=(len(to), len(self.names)), dtype=np.float32
        )
        moved = (matrix @ move).tocsr()
        moved.sort_indices()
        return moved

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return everything learnt as JSON-ready data."""
        return {
            "names": list(self.names),
            "scaling": self.scaling,
            "scale": list(self.scale),
            "columns": self.columns,
            "reason": self.reason,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> CountsCoder:  # Any: JSON values
        """Rebuild a coder from `to_plain`."""
        return cls(tuple(plain["names"]), plain["scaling"], tuple(plain["scale"]), plain["columns"], plain["reason"])


def rows_to_one(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Divide each row by the sum of its absolute values; rows of zeros stay."""
    total = np.asarray(abs(matrix).sum(axis=1), dtype=np.float32).ravel()
    factor = np.where(total > 0, 1 / np.maximum(total, np.finfo(np.float32).tiny), 0).astype(np.float32)
    data = matrix.data * np.repeat(factor, np.diff(matrix.indptr))
    return sp.csr_matrix((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _spread(matrix: sp.csc_matrix) -> npt.NDArray[np.float64]:
    """Return the standard deviation of each column, zeros included; 1 for a column without any spread."""
    mean = np.asarray(matrix.mean(axis=0), dtype=np.float64).ravel()
    square = np.asarray(matrix.multiply(matrix).mean(axis=0), dtype=np.float64).ravel()
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    return np.where(spread > 1e-9, spread, 1.0)
