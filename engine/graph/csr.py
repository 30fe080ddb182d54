"""Edges to compressed sparse rows: merging, sorting, transposing. Arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

_NOT_ASCENDING = "The indices of a row are not ascending, or one of them is there twice."
# Pairs from which on compiled code pays for being loaded.
COMPILED_FROM = 200_000

IntArray = npt.NDArray[np.int64]
IndexArray = npt.NDArray[np.int32]
WeightArray = npt.NDArray[np.float32]


class HasRows(Protocol):
    """What a graph has: rows by target, and whether an edge counts both ways."""

    @property
    def indptr(self) -> IntArray:
        """Where each row starts."""

    @property
    def indices(self) -> IndexArray:
        """The columns of all rows."""

    @property
    def directed(self) -> bool:
        """Whether a to b differs from b to a."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Compressed sparse rows.

    Args:
        indptr: int64 [R+1], where each row starts; the last value is the number of entries.
        indices: int32 [E], columns, ascending in each row.
        weight: float32 [E], or None when every entry counts 1.
    """

    indptr: IntArray
    indices: IndexArray
    weight: WeightArray | None


@dataclass(frozen=True, slots=True)
class OnDisk:
    """Where rows go that are too many for the memory.

    Args: folder: exists; gets `indices.npy` and, with weights, `weight.npy`. memory: bytes for entries at a time.
    """

    folder: Path
    memory: int


def rows_from_pairs(
    row: npt.NDArray[np.integer],
    column: npt.NDArray[np.integer],
    num_rows: int,
    num_columns: int,
    weight: WeightArray | None,
) -> Rows:
    """Sort pairs into rows and merge the equal ones.

    Args:
        row, column: int64 [M], valid positions.
        num_rows, num_columns: size of the table they lie in.
        weight: float32 [M] or None; weights of equal pairs are summed.
    Returns: rows with ascending columns, each pair once.
    """
    key = row.astype(np.int64) * np.int64(num_columns) + column
    if weight is None:
        # Sorted by hand: numpy's unique goes through a hash table, which takes twenty times as long here.
        key = np.sort(key)
        key = key[np.concatenate([[True], key[1:] != key[:-1]])] if len(key) else key
        merged = None
    else:
        order = np.argsort(key, kind="stable")
        key = key[order]
        first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.empty(0, np.int64)
        # Summed in double precision: a merged weight must not depend on how many rows a file repeats.
        merged = np.add.reduceat(weight[order].astype(np.float64), first).astype(np.float32) if len(key) else weight
        key = key[first]
    indptr = np.zeros(num_rows + 1, np.int64)
    np.cumsum(np.bincount(key // num_columns, minlength=num_rows), out=indptr[1:])
    return Rows(indptr, (key % num_columns).astype(np.int32), merged)


def first_repeat(source: npt.NDArray[np.integer], target: npt.NDArray[np.integer], rows: HasRows) -> tuple[int, int]:
    """Return the first pair that repeats one, and which: (earlier, later). Undirected, a to b repeats b to a.

    Args: source, target: [M], at least one of which repeats. rows: the graph that was built of them.
    """
    if len(source) < COMPILED_FROM:
        low, high = (source, target) if rows.directed else (np.minimum(source, target), np.maximum(source, target))
        key = np.where(source == target, -1, low.astype(np.int64) * len(rows.indptr) + high)
        order = np.argsort(key, kind="stable")
        is_again = np.zeros(len(key), bool)
        is_again[order[1:]] = (key[order][1:] == key[order][:-1]) & (key[order][1:] >= 0)
        later = int(np.flatnonzero(is_again)[0])
        return int(np.flatnonzero(key == key[later])[0]), later
    from engine.graph.building import first_repeat_in_rows

    ends = (source.astype(np.int32, copy=False), target.astype(np.int32, copy=False))
    later = first_repeat_in_rows(*ends, rows.indptr, rows.indices, rows.directed)
    a, b = source[later], target[later]
    is_same = (source[:later] == a) & (target[:later] == b)
    if not rows.directed:
        is_same |= (source[:later] == b) & (target[:later] == a)
    return int(np.argmax(is_same)), later


def row_of_entry(indptr: IntArray) -> IntArray:
    """Return the row of every entry, int64 [E]."""
    return np.repeat(np.arange(len(indptr) - 1, dtype=np.int64), np.diff(indptr))


@dataclass(frozen=True, slots=True)
class Transposed:
    """The same entries by column: entry k of the transpose is entry `order[k]` of the original."""

    indptr: IntArray
    indices: IndexArray
    order: IntArray


def transpose(indptr: IntArray, indices: IndexArray, num_columns: int) -> Transposed:
    """Transpose a structure.

    Args: indptr, indices: rows as in `Rows`. num_columns: width of the table.
    Returns: indptr int64 [num_columns+1], indices int32 [E] ascending in each row, order int64 [E].
    """
    from scipy.sparse import csr_matrix

    # scipy's counting sort is linear; the positions travel as its values.
    positions = np.arange(len(indices), dtype=np.int64)
    turned = csr_matrix((positions, indices, indptr), shape=(len(indptr) - 1, num_columns)).tocsc()
    return Transposed(turned.indptr.astype(np.int64), turned.indices.astype(np.int32), turned.data)


def check_rows(indptr: IntArray, indices: IndexArray, num_columns: int) -> str:
    """Find what is wrong with a structure.

    Compiled kernels follow indices without looking, so a wrong one is a crash; every structure passes here first.

    Args: indptr: int64 [R+1]. indices: int32 [E]. num_columns: every index is below it.
    Returns: one sentence, empty when the structure is sound.
    """
    if indptr.ndim != 1 or len(indptr) == 0 or indptr.dtype != np.int64:
        return "The row starts are not a list of 64-bit integers."
    if indices.ndim != 1 or indices.dtype != np.int32:
        return "The indices are not a list of 32-bit integers."
    if indptr[0] != 0 or indptr[-1] != len(indices) or (np.diff(indptr) < 0).any():
        return f"The row starts do not run from 0 to {len(indices)} without going back."
    if len(indices) >= COMPILED_FROM:
        from engine.graph.checking import rows_fault

        fault = int(rows_fault(indptr, indices, num_columns))
        return ("", f"An index lies outside 0 … {num_columns - 1}.", _NOT_ASCENDING)[fault]
    if len(indices) and (int(indices.min()) < 0 or int(indices.max()) >= num_columns):
        return f"An index lies outside 0 … {num_columns - 1}."
    if len(indices) > 1:
        inside = np.ones(len(indices) - 1, bool)
        starts = indptr[1:-1]
        inside[starts[(starts > 0) & (starts < len(indices))] - 1] = False
        if (indices[1:][inside] <= indices[:-1][inside]).any():
            return _NOT_ASCENDING
    return ""
