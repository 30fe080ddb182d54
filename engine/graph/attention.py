"""Attention over the rows of a graph, compiled for the CPU: score, softmax and weighted sum in one pass over a row.

Nothing is kept for an entry and its numbers: forward keeps one logarithm a target and head, backward one number an
entry and head. Every target hears itself exactly once, whether or not its row holds the loop, so no row is empty.
Targets are the first of the sources. The kernels trust their arrays; `engine.graph.csr.check_rows` comes first.

Letters of the shapes: S sources, T targets, E entries, H heads, D numbers a head.
Source: Veličković et al. (2018), "Graph attention networks", equations 1 to 5; Brody, Alon and Yahav (2022), "How
attentive are graph attention networks?", equation 7. That the gradient of a softmax needs only the product of the
row's gradient and result is used as in Dao et al. (2022), "FlashAttention", section 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.graph.compiled import reordered
from engine.graph.csr import IntArray
from engine.graph.kernels import balanced_cuts, run_pieces
from engine.graph.prefetch import fetch_row

_AHEAD = 8  # entries: far enough for memory to answer, near enough to stay in the first cache
_SMALL = 2_000_000  # multiply-adds below which one piece is quicker
_PIECES = 64  # not chosen by the number of threads, so that sums over pieces do not depend on it


@reordered
def _kept(seed, limit, target, source, head, num_sources, heads):  # type: ignore[no-untyped-def]  # numba infers
    """Return whether a coefficient stays: the last steps of splitmix64 (Steele, Lea and Flood 2014)."""
    number = np.uint64((target * num_sources + source) * heads + head)
    x = seed + (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(32)) >= limit


@reordered
def _longest(indptr, first, last):  # type: ignore[no-untyped-def]  # numba infers
    longest = 0
    for r in range(first, last):
        longest = max(longest, indptr[r + 1] - indptr[r])
    return longest


@reordered
def _heard(indptr, indices, r, heard):  # type: ignore[no-untyped-def]  # numba infers
    """List whom row r hears, itself first; returns how many."""
    heard[0] = r
    count = 1
    for p in range(indptr[r], indptr[r + 1]):
        j = np.int64(indices[p])
        if j != r:
            heard[count] = j
            count += 1
    return count


@reordered
def _soften(scores, count, heads, top, log_sum, r, settings, heard, num_sources):  # type: ignore[no-untyped-def]  # numba infers
    """Turn the scores of a row into coefficients and keep the logarithm of what they were divided by."""
    _, seed, limit, scale = settings
    for h in range(heads):
        total = scores[0, h] - scores[0, h]
        for e in range(count):
            part = math.exp(scores[e, h] - top[h])
            scores[e, h] = part
            total += part
        log_sum[r, h] = top[h] + math.log(total)
        top[h] = scale / total
    for e in range(count):
        for h in range(heads):
            if limit > np.uint64(0) and not _kept(seed, limit, r, heard[e], h, num_sources, heads):
                scores[e, h] = 0
            else:
                scores[e, h] *= top[h]


@reordered
def _gather(z, scores, heard, count, out, r):  # type: ignore[no-untyped-def]  # numba infers
    """Fill out[r] with the sum of scores[e] * z[heard[e]], head by head."""
    heads, width = z.shape[1], z.shape[2]
    for h in range(heads):
        for k in range(width):
            out[r, h, k] = 0
    for e in range(count):
        if e + _AHEAD < count:
            fetch_row(z, heard[e + _AHEAD])
        j = heard[e]
        for h in range(heads):
            part = scores[e, h]
            for k in range(width):
                out[r, h, k] += part * z[j, h, k]


@reordered
def gat_forward(indptr, indices, z, source, target, settings, out, log_sum, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill out[r] and log_sum[r] of rows first … last-1; scores are leaky(source[j] + target[r]).

    settings, here and below: slope, seed, limit (of a `Dropping`), and by how much what stays is scaled.
    """
    slope, heads = settings[0], source.shape[1]
    longest = _longest(indptr, first, last) + 1
    scores, heard, top = np.empty((longest, heads), z.dtype), np.empty(longest, np.int64), np.empty(heads, z.dtype)
    for r in range(first, last):
        count = _heard(indptr, indices, r, heard)
        for e in range(min(_AHEAD, count)):
            fetch_row(z, heard[e])
        for h in range(heads):
            top[h] = -np.inf
        for e in range(count):
            j = heard[e]
            for h in range(heads):
                score = source[j, h] + target[r, h]
                score = score if score > 0 else slope * score
                scores[e, h] = score
                top[h] = max(top[h], score)
        _soften(scores, count, heads, top, log_sum, r, settings, heard, source.shape[0])
        _gather(z, scores, heard, count, out, r)


@reordered
def gat_by_source(indptr, indices, order, z, source, facts, g, settings, by_z, by_source, loop, entry, first, last):  # type: ignore[no-untyped-def]  # numba infers  # noqa: C901 - one pass over a row, read as a whole
    """Fill the gradients of z and of `source`, rows first … last-1 of the transpose, and keep those of the scores.

    facts: [T, 3H], of each target its `target`, `log_sum`, and the product of gradient and result. The gradients of
    the scores go to `loop` [S, H] for a node's own, and to `entry` [E, H], in the order of the rows by target.
    """
    slope, seed, limit, scale = settings
    num_sources, heads, width = z.shape
    num_targets = len(facts)
    final = indptr[last] - 1
    for j in range(first, last):
        for h in range(heads):
            by_source[j, h] = 0
            loop[j, h] = 0
            for k in range(width):
                by_z[j, h, k] = 0
        for p in range(indptr[j] - (1 if j < num_targets else 0), indptr[j + 1]):
            own = p < indptr[j]
            i = j if own else np.int64(indices[p])
            if i == j and not own:
                for h in range(heads):
                    entry[order[p], h] = 0
                continue
            if final >= 0:
                fetch_row(g, np.int64(indices[min(p + _AHEAD, final)]))
            for h in range(heads):
                score = source[j, h] + facts[i, h]
                falls = score <= 0
                score = slope * score if falls else score
                part = math.exp(score - facts[i, heads + h])
                inner = score - score
                for k in range(width):
                    inner += g[i, h, k] * z[j, h, k]
                by_score = -part * facts[i, 2 * heads + h]
                if limit == np.uint64(0) or _kept(seed, limit, i, j, h, num_sources, heads):
                    part *= scale
                    by_score += part * inner
                    for k in range(width):
                        by_z[j, h, k] += part * g[i, h, k]
                by_score = slope * by_score if falls else by_score
                by_source[j, h] += by_score
                if own:
                    loop[j, h] = by_score
                else:
                    entry[order[p], h] = by_score


@reordered
def gat_by_target(indptr, entry, loop, out, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill the gradient of `target`, rows first … last-1: the sum of the scores' gradients."""
    for r in range(first, last):
        for h in range(out.shape[1]):
            out[r, h] = loop[r, h]
        for p in range(indptr[r], indptr[r + 1]):
            for h in range(out.shape[1]):
                out[r, h] += entry[p, h]


@reordered
def gatv2_forward(indptr, indices, left, right, vector, settings, out, log_sum, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill out[r] and log_sum[r] of rows first … last-1; scores are vector . leaky(left[j] + right[r])."""
    slope, heads, width = settings[0], vector.shape[0], vector.shape[1]
    longest = _longest(indptr, first, last) + 1
    scores, heard = np.empty((longest, heads), left.dtype), np.empty(longest, np.int64)
    top = np.empty(heads, left.dtype)
    for r in range(first, last):
        count = _heard(indptr, indices, r, heard)
        for e in range(min(_AHEAD, count)):
            fetch_row(left, heard[e])
        for h in range(heads):
            top[h] = -np.inf
        for e in range(count):
            if e + _AHEAD < count:
                fetch_row(left, heard[e + _AHEAD])
            j = heard[e]
            for h in range(heads):
                score = right[r, h, 0] - right[r, h, 0]
                for k in range(width):
                    both = left[j, h, k] + right[r, h, k]
                    score += vector[h, k] * (both if both > 0 else slope * both)
                scores[e, h] = score
                top[h] = max(top[h], score)
        _soften(scores, count, heads, top, log_sum, r, settings, heard, left.shape[0])
        _gather(left, scores, heard, count, out, r)


@reordered
def gatv2_by_source(indptr, indices, order, left, right, vector, facts, g, settings, by_left, loop, entry, first, last):  # type: ignore[no-untyped-def]  # numba infers  # noqa: C901 - one pass over a row, read as a whole
    """Fill the gradient of `left`, rows first … last-1 of the transpose, and keep those of the scores.

    facts: [T, 2H], of each target its `log_sum`, and the product of gradient and result; the rest as `gat_by_source`.
    """
    slope, seed, limit, scale = settings
    num_sources, heads, width = left.shape
    num_targets = len(facts)
    final = indptr[last] - 1
    for j in range(first, last):
        for h in range(heads):
            loop[j, h] = 0
            for k in range(width):
                by_left[j, h, k] = 0
        for p in range(indptr[j] - (1 if j < num_targets else 0), indptr[j + 1]):
            own = p < indptr[j]
            i = j if own else np.int64(indices[p])
            if i == j and not own:
                for h in range(heads):
                    entry[order[p], h] = 0
                continue
            if final >= 0:
                later = np.int64(indices[min(p + _AHEAD, final)])
                fetch_row(g, later)
                fetch_row(right, later)
            for h in range(heads):
                score = right[i, h, 0] - right[i, h, 0]
                inner = score
                for k in range(width):
                    both = left[j, h, k] + right[i, h, k]
                    score += vector[h, k] * (both if both > 0 else slope * both)
                    inner += g[i, h, k] * left[j, h, k]
                part = math.exp(score - facts[i, h])
                by_score = -part * facts[i, heads + h]
                if limit == np.uint64(0) or _kept(seed, limit, i, j, h, num_sources, heads):
                    part *= scale
                    by_score += part * inner
                else:
                    part = 0 * part
                for k in range(width):
                    both = left[j, h, k] + right[i, h, k]
                    bent = by_score if both > 0 else slope * by_score
                    by_left[j, h, k] += part * g[i, h, k] + bent * vector[h, k]
                if own:
                    loop[j, h] = by_score
                else:
                    entry[order[p], h] = by_score


@reordered
def gatv2_by_target(indptr, indices, left, right, vector, settings, entry, loop, by_right, by_vector, at, first, last):  # type: ignore[no-untyped-def]  # numba  # fmt: skip
    """Fill the gradient of `right`, rows first … last-1, and their part in that of `vector`.

    at: where pieces begin and end; by_vector [pieces, H, D], zeros, takes what belongs to each of them.
    """
    piece = np.searchsorted(at, first, side="right") - 1
    slope, heads, width = settings[0], vector.shape[0], vector.shape[1]
    final = indptr[last] - 1
    for r in range(first, last):
        for h in range(heads):
            for k in range(width):
                by_right[r, h, k] = 0
        for p in range(indptr[r] - 1, indptr[r + 1]):
            own = p < indptr[r]
            j = r if own else np.int64(indices[p])
            if final >= 0:
                fetch_row(left, np.int64(indices[min(p + _AHEAD, final)]))
            for h in range(heads):
                by_score = loop[r, h] if own else entry[p, h]
                for k in range(width):
                    both = left[j, h, k] + right[r, h, k]
                    bent = by_score if both > 0 else slope * by_score
                    by_right[r, h, k] += bent * vector[h, k]
                    by_vector[piece, h, k] += bent * both


def over_rows(
    kernel: Callable[..., None], indptr: IntArray, arguments: tuple[Any, ...], work: int, threads: int
) -> None:
    """Run a kernel over all rows in pieces of about as many entries, on several threads where the work is worth it.

    Args: arguments: what the kernel takes before its first and last row. work: multiply-adds. threads: at most so many.
    """
    run_pieces(kernel, arguments, cuts_of(indptr, work), threads)


def cuts_of(indptr: IntArray, work: int) -> list[int]:
    """Return where pieces of rows begin, and the number of rows; small work is one piece."""
    return balanced_cuts(indptr, _PIECES) if work >= _SMALL else [0, len(indptr) - 1]


def try_out() -> None:
    """Run one kernel on one node; raises what the compiler raises where it cannot be compiled here."""
    indptr, indices = np.zeros(2, np.int64), np.zeros(0, np.int32)
    one, flat = np.ones((1, 1, 1), np.float32), np.ones((1, 1), np.float32)
    settings = (np.float32(1), np.uint64(0), np.uint64(0), np.float32(1))
    gat_forward(indptr, indices, one, flat, flat, settings, one.copy(), flat.copy(), 0, 1)
