"""Node features that are mostly zero, kept as compressed sparse rows of torch tensors."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.core.errors import DataError
from engine.graph.csr import check_rows, transpose


@dataclass(frozen=True, slots=True)
class Pattern:
    """Where the entries of a sparse table lie; shared by all tables that differ in their values only.

    Args: indptr: int64 [N+1]. indices: int32 [nnz], ascending in each row. width: F, number of columns.
        symmetric: promises that row i holds j wherever row j holds i.
    """

    indptr: Tensor
    indices: Tensor
    width: int
    symmetric: bool = False
    _turned: list[TurnedPattern] = field(default_factory=list, repr=False, compare=False)

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return len(self.indptr) - 1

    def row_of_entry(self) -> Tensor:
        """Return the row of every entry, int64 [nnz]."""
        counts = torch.diff(self.indptr)
        return torch.repeat_interleave(torch.arange(self.num_rows, device=counts.device), counts)

    def turned(self) -> TurnedPattern:
        """Return the transposed pattern, made at the first use and kept."""
        if not self._turned:
            self._turned.append(TurnedPattern(self, _mirror(self)) if self.symmetric else _turn(self))
        return self._turned[0]


@dataclass(frozen=True, slots=True)
class TurnedPattern:
    """A transposed pattern; its entry k is entry `order[k]` (int64 [nnz]) of the original."""

    pattern: Pattern
    order: Tensor


@dataclass(frozen=True, slots=True)
class RowShift:
    """A dense vector added to some rows: `rows` [N] holds 1 for those rows and 0 elsewhere, `vector` is [F]."""

    rows: Tensor
    vector: Tensor


@dataclass(frozen=True, slots=True)
class SparseFeatures:
    """Features [N, F] with few entries.

    Args:
        pattern: where the entries lie.
        values: [nnz], floating point.
        shift: a vector added to some rows, so that masked nodes can carry a learned token and all stays sparse.
    """

    pattern: Pattern
    values: Tensor
    shift: RowShift | None = None

    @classmethod
    def from_csr(
        cls, matrix: Any, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> SparseFeatures:  # Any: scipy.sparse has no types
        """Take over a scipy CSR matrix [N, F]; duplicates are summed, columns sorted.

        Raises: DataError: its arrays are damaged.
        """
        if not matrix.has_canonical_format:
            matrix = matrix.copy()
            matrix.sum_duplicates()
        indptr, indices = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32)
        trouble = check_rows(indptr, indices, matrix.shape[1])
        if trouble or len(indptr) != matrix.shape[0] + 1 or len(matrix.data) != len(indices):
            raise DataError(f"The sparse features are damaged. {trouble}", code="data.features")
        pattern = Pattern(torch.from_numpy(indptr).to(device), torch.from_numpy(indices).to(device), matrix.shape[1])
        return cls(pattern, torch.as_tensor(np.ascontiguousarray(matrix.data)).to(device=device, dtype=dtype))

    @property
    def shape(self) -> torch.Size:
        """[N, F]."""
        return torch.Size([self.pattern.num_rows, self.pattern.width])

    @property
    def dtype(self) -> torch.dtype:
        """Floating point type of the values."""
        return self.values.dtype

    @property
    def device(self) -> torch.device:
        """Where the tensors lie."""
        return self.values.device

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> SparseFeatures:
        """Return the same features elsewhere or in another precision."""
        values = self.values.to(device=device, dtype=dtype)
        shift = self.shift and RowShift(
            self.shift.rows.to(device=device, dtype=dtype), self.shift.vector.to(device=device, dtype=dtype)
        )
        if values.device == self.device:
            return SparseFeatures(self.pattern, values, shift)
        pattern = Pattern(self.pattern.indptr.to(device), self.pattern.indices.to(device), self.pattern.width)
        return SparseFeatures(pattern, values, shift)

    def with_values(self, values: Tensor) -> SparseFeatures:
        """Return features with the same pattern and other values [nnz]."""
        return replace(self, values=values)

    def keep_rows(self, kept: Tensor) -> SparseFeatures:
        """Return features whose other rows are zero. Args: kept: bool [N]."""
        return self.with_values(self.values * kept[self.pattern.row_of_entry()].to(self.dtype))

    def take_rows(self, rows: Tensor) -> SparseFeatures:
        """Return features made of chosen rows, in their order. Args: rows: int64 [M], repeats allowed."""
        counts = torch.diff(self.pattern.indptr)[rows]
        indptr = torch.zeros(len(rows) + 1, dtype=torch.int64, device=rows.device)
        torch.cumsum(counts, 0, out=indptr[1:])
        offset = torch.repeat_interleave(self.pattern.indptr[rows] - indptr[:-1], counts)
        entries = torch.arange(len(offset), device=rows.device) + offset
        shift = self.shift and RowShift(self.shift.rows[rows], self.shift.vector)
        pattern = Pattern(indptr, self.pattern.indices[entries], self.pattern.width)
        return SparseFeatures(pattern, self.values[entries], shift)

    def first_rows(self, count: int) -> SparseFeatures:
        """Return features made of the first rows."""
        entries = int(self.pattern.indptr[count])
        pattern = Pattern(self.pattern.indptr[: count + 1], self.pattern.indices[:entries], self.pattern.width)
        shift = self.shift and RowShift(self.shift.rows[:count], self.shift.vector)
        return SparseFeatures(pattern, self.values[:entries], shift)

    def to_dense(self) -> Tensor:
        """Return the same features as a dense [N, F] tensor."""
        dense = torch.zeros(self.shape, dtype=self.dtype, device=self.device)
        dense[self.pattern.row_of_entry(), self.pattern.indices.long()] = self.values
        return dense if self.shift is None else dense + torch.outer(self.shift.rows, self.shift.vector)


def _turn(pattern: Pattern) -> TurnedPattern:
    if pattern.indices.device.type != "cpu":
        return turn_by_sorting(pattern)
    turned = transpose(pattern.indptr.numpy(), pattern.indices.numpy(), pattern.width)
    indptr, indices = torch.from_numpy(turned.indptr), torch.from_numpy(turned.indices)
    return TurnedPattern(Pattern(indptr, indices, pattern.num_rows), torch.from_numpy(turned.order))


def _mirror(pattern: Pattern) -> Tensor:
    """Return for each entry of a symmetric pattern the one of the other direction."""
    if pattern.indices.device.type != "cpu":
        return turn_by_sorting(pattern).order
    from engine.graph.messages import mirrored_entries

    return torch.from_numpy(mirrored_entries(pattern.indptr.numpy(), pattern.indices.numpy()))


def turn_by_sorting(pattern: Pattern) -> TurnedPattern:
    """Transpose by torch alone, on any device; on the CPU `engine.graph.csr.transpose` is quicker."""
    order = torch.argsort(pattern.indices, stable=True)
    indices = pattern.row_of_entry()[order].to(torch.int32)
    indptr = torch.zeros(pattern.width + 1, dtype=torch.int64, device=order.device)
    torch.cumsum(torch.bincount(pattern.indices, minlength=pattern.width), 0, out=indptr[1:])
    return TurnedPattern(Pattern(indptr, indices, pattern.num_rows), order)
