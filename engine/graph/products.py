"""Sparse times dense on torch tensors: compiled kernels on the CPU, torch's product elsewhere. No gradients."""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.graph.buffers import empty_table
from engine.graph.features import Pattern

if TYPE_CHECKING:
    from engine.graph.kernels import Kernels

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SparseMap:
    """A linear map given by sparse rows, with checked indices.

    Entry p of row r counts values[p], or scale[r] * scale[indices[p]] where `values` is None; `centre` adds to the
    diagonal without an entry of its own (in the second form it is scaled by its row only).

    Args:
        indptr: int64 [R+1]. indices: int32 [E]. width: W, number of columns.
        values: [E] or None. scale: [max(R, W)] or None, one of the two is given. centre: [min(R, W)] or None.
    """

    indptr: Tensor
    indices: Tensor
    width: int
    values: Tensor | None = None
    scale: Tensor | None = None
    centre: Tensor | None = None
    _kept: dict[str, Tensor] = field(default_factory=dict, repr=False, compare=False)

    def to(self, device: torch.device) -> SparseMap:
        """Return the same map on a device."""
        values, scale, centre = (t if t is None else t.to(device) for t in (self.values, self.scale, self.centre))
        return SparseMap(self.indptr.to(device), self.indices.to(device), self.width, values, scale, centre)

    def turned(self) -> SparseMap:
        """Return the transposed map."""
        turned = Pattern(self.indptr, self.indices, self.width).turned()
        values = None if self.values is None else self.values[turned.order]
        pattern = turned.pattern
        return SparseMap(pattern.indptr, pattern.indices, pattern.width, values, self.scale, self.centre)

    def product(
        self, x: Tensor, out: Tensor | None = None, *, bias: Tensor | None = None, positive: bool = False
    ) -> Tensor:
        """Return map times x, plus bias, cut off below zero where `positive`.

        Args:
            x: [columns, W], float32 or float64, on the map's device.
            out: [R, W] to fill; None makes a new one.
            bias: [W], or None.
            positive: whether a rectifier comes last.
        Returns: [R, W] in the dtype of x.
        """
        if x.dim() != 2 or x.shape[0] != self.width:
            raise ValueError(f"a table of {self.width} rows is expected, not {tuple(x.shape)}")
        if x.shape[1] == 0 or len(self.indptr) == 1:
            return x.new_zeros(len(self.indptr) - 1, x.shape[1])
        kernels = kernels_for(x)
        if kernels is None:
            found = finish_(self._by_torch(x), bias, positive=positive)
            return found if out is None else out.copy_(found)
        out = empty_table(len(self.indptr) - 1, x.shape[1], x) if out is None else out
        self._by_kernel(x, kernels, out, bias, positive)
        return out

    def _by_kernel(self, x: Tensor, kernels: Kernels, out: Tensor, bias: Tensor | None, positive: bool) -> None:
        from engine.graph.kernels import run_rows

        centre = self._kept.get(f"centre {x.dtype}")
        if centre is None:
            centre = self._kept[f"centre {x.dtype}"] = self._kernel_centre(x.dtype)
        factors = self.scale if self.values is None else self.values
        assert factors is not None, "a map has either values or a scale"
        run_rows(
            kernels.scaled if self.values is None else kernels.valued,
            self.indptr.numpy(),
            self.indices.numpy(),
            factors.detach().to(x.dtype).contiguous().numpy(),
            centre.numpy(),
            x.detach().contiguous().numpy(),
            out.detach().numpy(),
            threads=torch.get_num_threads(),
            bias=None if bias is None else bias.detach().contiguous().numpy(),
            positive=positive,
        )

    def _kernel_centre(self, dtype: torch.dtype) -> Tensor:
        if self.values is None:
            return torch.zeros(0, dtype=dtype) if self.centre is None else self.centre.to(dtype).contiguous()
        one = torch.ones(1, dtype=dtype)
        return one if self.centre is None else torch.cat([self.centre.to(dtype), one])

    def _by_torch(self, x: Tensor) -> Tensor:
        # Numbers of one row may be summed in another order than on the CPU: equal to rounding, not to the bit.
        out: Tensor = torch.sparse.mm(self._matrix(x.dtype), x.detach())
        if self.centre is not None:
            own = len(self.centre)
            centre = self.centre if self.scale is None else self.centre * self.scale[:own]
            out[:own].addcmul_(centre.to(x.dtype).unsqueeze(1), x.detach()[:own])
        return out

    def _matrix(self, dtype: torch.dtype) -> Tensor:
        name = f"matrix {dtype}"
        if name not in self._kept:
            size = (len(self.indptr) - 1, self.width)
            values = self.entry_values().to(dtype)
            # Checked where the arrays came in.
            self._kept[name] = torch.sparse_csr_tensor(
                self.indptr, self.indices.long(), values, size, check_invariants=False
            )
        return self._kept[name]

    def entry_values(self) -> Tensor:
        """Return what every entry counts, [E], without the centre."""
        if self.values is not None:
            return self.values.detach()
        if "entries" not in self._kept:
            assert self.scale is not None, "a map has either values or a scale"
            row_scale = torch.repeat_interleave(self.scale[: len(self.indptr) - 1], torch.diff(self.indptr))
            self._kept["entries"] = row_scale * self.scale[self.indices.long()]
        return self._kept["entries"]


def finish_(table: Tensor, bias: Tensor | None, *, positive: bool) -> Tensor:
    """Add a bias [W] to every row of a table [N, W] and cut off below zero where `positive`, in place and in one go."""
    if bias is None and not positive:
        return table
    if kernels_for(table) is None or not table.is_contiguous():
        table = table if bias is None else table.add_(bias.detach())
        return table.relu_() if positive else table
    from engine.graph.kernels import finish_rows

    added = None if bias is None else bias.detach().contiguous().numpy()
    finish_rows(table.detach().numpy(), added, positive=positive, threads=torch.get_num_threads())
    return table


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Gradients of what `finish_` was given: of the table [N, W], and of the bias [W]."""

    table: Tensor
    bias: Tensor


def unfinished(gradient: Tensor, out: Tensor, *, positive: bool, in_place: bool = False) -> Unfinished:
    """Go back through `finish_`.

    Args: gradient: of its result, [N, W]; left as it is unless `in_place`. out: its result.
    """
    if kernels_for(gradient) is None or gradient.numel() == 0:
        passed = torch.where(out > 0, gradient, 0.0) if positive else gradient
        return Unfinished(passed, passed.sum(0))
    from engine.graph.kernels import masked_rows

    gradient = gradient.contiguous()
    passed = gradient
    if positive and not in_place:
        passed = empty_table(gradient.shape[0], gradient.shape[1], gradient)
    sums = masked_rows(
        gradient.detach().numpy(),
        out.detach().contiguous().numpy(),
        passed.detach().numpy(),
        positive=positive,
        threads=torch.get_num_threads(),
    )
    return Unfinished(passed, torch.from_numpy(sums))


def kernels_for(x: Tensor) -> Kernels | None:
    """Return the compiled kernels where they can work on x: on the CPU, in float32 or float64."""
    return _kernels() if x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64) else None


@functools.cache
def _kernels() -> Kernels | None:
    try:
        from engine.graph.kernels import best_kernels
    except ImportError:
        _log.warning("The compiled kernels cannot be loaded; torch's own product takes over.", exc_info=True)
        return None
    return best_kernels()
