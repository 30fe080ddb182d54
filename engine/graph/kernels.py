"""Sparse rows times a dense table, compiled for the CPU; each kernel has a plain twin to fall back to.

A row of the result is a sum over the row's entries in their order, whichever thread computes it, so the numbers do
not depend on the number of threads, nor a column's on the columns beside it. Everything here trusts its arrays:
`engine.graph.csr.check_rows` comes first.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.graph.compiled import compiled
from engine.graph.csr import IndexArray, IntArray
from engine.graph.tiles import row_by_column, row_by_entry

_log = logging.getLogger(__name__)
_SMALL = 2_000_000  # multiply-adds below which handing work to a second thread costs more than it saves
_CHUNKS = 8  # pieces a thread, so that one slow thread does not hold up the others

ROWS_A_CHUNK = 2048

FloatArray = npt.NDArray[Any]  # Any: float32 or float64, one of them in a call


@compiled
def _finish_row(row, bias, positive):  # type: ignore[no-untyped-def]  # numba infers
    if len(bias):
        for k in range(len(row)):
            row[k] += bias[k]
    if positive:
        for k in range(len(row)):
            # Asked this way round, what is not a number stays visible.
            row[k] = 0 if row[k] < 0 else row[k]


@compiled
def scaled_tiled(indptr, indices, scale, centre, x, out, bias, positive, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill out[r] = scale[r] * (centre[r] * x[r] + sum of scale[j] * x[j] over row r) + bias, rows first … last-1.

    Rows beyond the end of `centre` do without that term; an empty bias is none; `positive` cuts off below zero.
    """
    final = indptr[last] - 1
    has_bias = len(bias) > 0
    for r in range(first, last):
        has_centre = r < len(centre)
        c = centre[r] if has_centre else scale[r]
        row_by_column(
            indptr[r],
            indptr[r + 1],
            final,
            indices,
            scale,
            x,
            out,
            r,
            scale[r],
            c,
            has_centre,
            bias,
            has_bias,
            positive,
        )


@compiled
def scaled_plain(indptr, indices, scale, centre, x, out, bias, positive, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill the same as `scaled_tiled`, by loops that need nothing of the processor."""
    width = x.shape[1]
    for r in range(first, last):
        has_centre = r < len(centre)
        for k in range(width):
            out[r, k] = centre[r] * x[r, k] if has_centre else 0.0
        for p in range(indptr[r], indptr[r + 1]):
            j = indices[p]
            for k in range(width):
                out[r, k] += scale[j] * x[j, k]
        for k in range(width):
            out[r, k] *= scale[r]
        _finish_row(out[r], bias, positive)


@compiled
def valued_tiled(indptr, indices, values, centre, x, out, bias, positive, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill out[r] = centre[r] * x[r] + sum of values[p] * x[indices[p]] over row r + bias, rows first … last-1.

    The last number of centre is 1 and belongs to no row; the rest is as in `scaled_tiled`.
    """
    final = indptr[last] - 1
    one = centre[-1]
    has_bias = len(bias) > 0
    for r in range(first, last):
        has_centre = r < len(centre) - 1
        c = centre[r] if has_centre else one
        row_by_entry(
            indptr[r], indptr[r + 1], final, indices, values, x, out, r, one, c, has_centre, bias, has_bias, positive
        )


@compiled
def valued_plain(indptr, indices, values, centre, x, out, bias, positive, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill the same as `valued_tiled`, by loops that need nothing of the processor."""
    width = x.shape[1]
    for r in range(first, last):
        has_centre = r < len(centre) - 1
        for k in range(width):
            out[r, k] = centre[r] * x[r, k] if has_centre else 0.0
        for p in range(indptr[r], indptr[r + 1]):
            for k in range(width):
                out[r, k] += values[p] * x[indices[p], k]
        _finish_row(out[r], bias, positive)


@compiled
def finish(out, bias, positive, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Add the bias to rows first … last-1 and cut off below zero where `positive`, in place."""
    for r in range(first, last):
        _finish_row(out[r], bias, positive)


@compiled
def masked(g, out, positive, passed, sums, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Go back through `finish`: fill passed = g where out is above zero, else 0; and sums [chunks, W] over the rows.

    Where nothing is cut off, `passed` is g itself. Runs over chunks first … last-1 of ROWS_A_CHUNK rows, so that sums
    do not depend on who computes them.
    """
    zero = g.dtype.type(0)
    width = g.shape[1]
    for chunk in range(first, last):
        for k in range(width):
            sums[chunk, k] = 0
        for r in range(chunk * ROWS_A_CHUNK, min((chunk + 1) * ROWS_A_CHUNK, g.shape[0])):
            if positive:
                for k in range(width):
                    # Loaded whether or not it passes, and summed in a loop of its own: only so is it vector code.
                    value = g[r, k]
                    passed[r, k] = value if out[r, k] > 0 else zero
            for k in range(width):
                sums[chunk, k] += passed[r, k]


@dataclass(frozen=True, slots=True)
class Kernels:
    """The pair in use: `scaled` has a factor for each column, `valued` one for each entry."""

    name: str
    scaled: Callable[..., None]
    valued: Callable[..., None]


TILED = Kernels("tiled", scaled_tiled, valued_tiled)
PLAIN = Kernels("plain", scaled_plain, valued_plain)


@functools.cache
def best_kernels() -> Kernels:
    """Return the tiled kernels where they compile on this processor, otherwise the plain ones."""
    indptr, indices = np.array([0, 1], np.int64), np.array([0], np.int32)
    ones = np.ones((1, 1), np.float32)
    try:
        TILED.scaled(indptr, indices, ones[0], ones[0], ones, ones.copy(), ones[0], True, 0, 1)
    except Exception:  # noqa: BLE001 - LLVM's own errors have no common class, and the plain kernels give the same
        _log.warning("Tiled kernels do not compile here; the plain ones take over.", exc_info=True)
        return PLAIN
    return TILED


def run_rows(
    kernel: Callable[..., None],
    indptr: IntArray,
    indices: IndexArray,
    factors: FloatArray,
    centre: FloatArray,
    x: FloatArray,
    out: FloatArray,
    *,
    threads: int,
    bias: FloatArray | None = None,
    positive: bool = False,
) -> FloatArray:
    """Run a kernel over all rows, on several threads where the work is worth it.

    Args:
        kernel: `scaled` or `valued` of a pair.
        indptr, indices: rows as in `engine.graph.csr.Rows`, checked.
        factors, centre: as the kernel says, in the dtype of x.
        x: [columns, W] in C order, float32 or float64.
        out: [rows, W] to fill, in the dtype of x.
        threads: at most this many.
        bias: [W], added to each row. positive: cut off below zero at the end.
    Returns: `out`.
    """
    num_rows, width = len(indptr) - 1, x.shape[1]
    added = np.empty(0, x.dtype) if bias is None else bias
    arguments = (indptr, indices, factors, centre, x, out, added, positive)
    work = (len(indices) + num_rows) * width
    pieces = 1 if threads < 2 or work < _SMALL else threads * _CHUNKS
    run_pieces(kernel, arguments, balanced_cuts(indptr, pieces), threads)
    return out


def finish_rows(out: FloatArray, bias: FloatArray | None, *, positive: bool, threads: int) -> None:
    """Add a bias [W] to every row of a table [N, W] and cut off below zero where `positive`, in place."""
    added = np.empty(0, out.dtype) if bias is None else bias
    pieces = 1 if threads < 2 or out.size < _SMALL else threads
    cuts = [len(out) * k // pieces for k in range(pieces + 1)]
    run_pieces(finish, (out, added, positive), cuts, threads)


def masked_rows(g: FloatArray, out: FloatArray, passed: FloatArray, *, positive: bool, threads: int) -> FloatArray:
    """Go back through `finish_rows`: from gradients g [N, W] of its result `out` to those of what it was given.

    Args: passed: [N, W], filled where `positive`; otherwise g itself.
    Returns: the sum over the rows, the bias's gradient, [W].
    """
    chunks = -(-len(g) // ROWS_A_CHUNK)
    sums = np.empty((chunks, g.shape[1]), g.dtype)
    pieces = 1 if threads < 2 or g.size < _SMALL else min(threads, chunks)
    cuts = [chunks * k // pieces for k in range(pieces + 1)]
    run_pieces(masked, (g, out, positive, passed, sums), cuts, threads)
    total: FloatArray = sums.sum(axis=0, dtype=np.float64).astype(g.dtype)
    return total


def run_pieces(kernel: Callable[..., None], arguments: tuple[Any, ...], cuts: list[int], threads: int) -> None:
    """Call a kernel with `arguments` and each pair of neighbouring cuts, on several threads where there are several.

    This thread works, too, and whoever is free takes the next piece.
    """
    if len(cuts) == 2:
        if cuts[1] > cuts[0]:
            kernel(*arguments, *cuts)
        return
    parts = [(first, last) for first, last in zip(cuts[:-1], cuts[1:], strict=True) if last > first]
    waiting = iter(parts)

    def work() -> None:
        for first, last in waiting:
            kernel(*arguments, first, last)

    others = [_pool(threads).submit(work) for _ in range(min(threads, len(parts)) - 1)]
    work()
    for other in others:
        # On a busy machine this thread may be through before another has begun; nothing is left for that one.
        if not other.cancel():
            other.result()


def balanced_cuts(indptr: IntArray, pieces: int) -> list[int]:
    """Cut the rows so that each piece holds about as many entries; returns pieces + 1 ascending row numbers."""
    if pieces == 1:
        return [0, len(indptr) - 1]
    inner = np.searchsorted(indptr, np.linspace(0, indptr[-1], pieces + 1)[1:-1])
    return [0, *(int(cut) for cut in inner), len(indptr) - 1]


@functools.cache
def _pool(threads: int) -> ThreadPoolExecutor:
    # Not OpenMP: its threads spin while they wait, which on a busy machine costs more than the work itself.
    return ThreadPoolExecutor(threads)
