"""Draw some neighbours of some nodes, step by step outwards: the same ones for the same seed, whatever draws beside.

Every number drawn is a function of seed, batch, step, node and count, so no draw depends on another one, on the
number of threads, or on what was drawn before: work that is interrupted goes on with the very same neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from engine.graph.batch import GraphBatch
from engine.graph.blocks import Block, BlockBatch
from engine.graph.compiled import compiled
from engine.graph.csr import IndexArray, IntArray, WeightArray

#: Takes every neighbour of a node.
EVERYONE = -1
_U = np.uint64
_GOLDEN, _MIX_A, _MIX_B = _U(0x9E3779B97F4A7C15), _U(0xBF58476D1CE4E5B9), _U(0x94D049BB133111EB)
_ALL_BITS = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a sample: whom each target hears, as positions among the sources.

    Args:
        indptr: int64 [T+1], rows by target.
        indices: int32 [E], positions among the sources.
        entries: int64 [E], which entries of the whole graph these are.
        scale: float32 [T], by how much a row's entries count more because others were left out; None where none was.
    """

    indptr: IntArray
    indices: IndexArray
    entries: IntArray
    scale: WeightArray | None


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn for some nodes.

    Args:
        hops: input first; the sources of one are the targets of the one before it.
        nodes: int64 [S], numbers of the outermost sources; the first of them are the targets of each step.
    """

    hops: tuple[Hop, ...]
    nodes: IntArray


class Sampler:
    """Draws neighbours without replacement.

    A row of d entries of which k are kept counts d / k times as much (with weights, sum of |w| over that of the kept
    ones), so that sums over neighbours stay right on average. One sampler serves one thread at a time.

    Args:
        indptr, indices: rows by target, [N+1], [E], checked.
        fanouts: most neighbours for each step, counted from the nodes asked for outwards; -1 takes all.
        seed: decides everything that is drawn.
        weight: float32 [E]; an entry is then drawn with a chance that goes as its |weight|. None: all alike.
        kinds: small int [E], the kind of each entry; then `fanouts` holds for each kind by itself. None: one kind.
    Source: Hamilton, Ying and Leskovec (2017), "Inductive representation learning on large graphs", algorithm 2;
        drawn by Floyd's method (Bentley and Floyd 1987), with weights by the smallest of exponential numbers with
        those rates (Efraimidis and Spirakis 2006).
    """

    def __init__(
        self,
        indptr: IntArray,
        indices: IndexArray,
        fanouts: Sequence[int],
        *,
        seed: int,
        weight: WeightArray | None = None,
        kinds: npt.NDArray[Any] | None = None,
    ) -> None:
        self._indptr, self._indices = indptr, indices
        self._fanouts = tuple(fanouts)
        self._seed = seed
        self._weight = None if weight is None else np.abs(weight)
        self._kinds = None if kinds is None else np.asarray(kinds, np.int64)
        self._num_kinds = 1 if kinds is None or not len(kinds) else int(np.max(kinds)) + 1
        # Where a node stands among the sources, -1 for those that are not among them; put back after each use.
        self._place = np.full(len(indptr) - 1, -1, np.int32)

    def sample(self, targets: IntArray, number: int) -> Sample:
        """Draw the neighbourhood of some nodes.

        Args: targets: int64 [T], different nodes. number: of the batch; each draws anew.
        """
        nodes = np.asarray(targets, np.int64)
        _enter(nodes, self._place)
        hops = []
        for step, fanout in enumerate(self._fanouts):
            hop, nodes = self._hop(nodes, fanout, batch_key(self._seed, number, step))
            hops.append(hop)
        _leave(nodes, self._place)
        return Sample(tuple(reversed(hops)), nodes)

    def _hop(self, targets: IntArray, fanout: int, key: int) -> tuple[Hop, IntArray]:
        indptr = np.empty(len(targets) + 1, np.int64)
        keyed = fanout >= 0 and (self._weight is not None or self._kinds is not None)
        if keyed:
            nothing = np.empty(0, np.float32)
            weight = nothing if self._weight is None else self._weight
            kinds = np.empty(0, np.int64) if self._kinds is None else self._kinds
            entries, scale = _draw_keyed(self._indptr, targets, fanout, _U(key), weight, kinds, self._num_kinds, indptr)
        else:
            total, is_cut = _count(self._indptr, targets, fanout, indptr)
            entries = np.empty(total, np.int64)
            _draw(self._indptr, targets, _U(key), indptr, entries)
            scale = _scale(self._indptr, targets, indptr) if is_cut else None
        heard = np.empty(len(entries), np.int32)
        nodes = np.empty(len(targets) + len(entries), np.int64)
        nodes[: len(targets)] = targets
        count = _relabel(self._indices, entries, nodes, len(targets), self._place, heard)
        return Hop(indptr, heard, entries, scale if scale is None or (scale != 1).any() else None), nodes[:count].copy()


def blocks(batch: GraphBatch, sample: Sample, rows: IntArray) -> BlockBatch:
    """Return a sample as what a model takes.

    Args: batch: the whole graph that was drawn from. sample: drawn for `rows`, int64 [T].
    """
    nodes = torch.from_numpy(sample.nodes).to(batch.device)
    made = []
    for number, hop in enumerate(sample.hops):
        # The targets of a step are the first of its sources, and the sources of the step that follows.
        end = len(nodes) if number == 0 else len(sample.hops[number - 1].indptr) - 1
        weight = _weights(batch, hop)
        indptr, indices = (torch.from_numpy(part).to(batch.device) for part in (hop.indptr, hop.indices))
        edge_attr = None
        if batch.edge_attr is not None:
            edge_attr = batch.edge_attr[torch.from_numpy(hop.entries).to(batch.device)]
        made.append(Block(indptr, indices, weight, nodes[:end], batch, edge_attr))
    return BlockBatch(batch, tuple(made), torch.from_numpy(np.asarray(rows, np.int64)).to(batch.device))


def _weights(batch: GraphBatch, hop: Hop) -> torch.Tensor | None:
    own = None if batch.weight is None else batch.weight[torch.from_numpy(hop.entries).to(batch.device)]
    if hop.scale is None:
        return own
    scale = torch.from_numpy(np.repeat(hop.scale, np.diff(hop.indptr))).to(batch.device)
    return scale if own is None else own * scale


def batch_key(seed: int, number: int, step: int) -> int:
    """Return the number that the draws of one step of one batch start from."""
    key = mixed((seed & _ALL_BITS) ^ 0x5851F42D4C957F2D)
    return mixed(mixed(key + number & _ALL_BITS) + step & _ALL_BITS)


def mixed(value: int) -> int:
    """Return 64 bits that look random: the last steps of splitmix64 (Steele, Lea and Flood 2014)."""
    value = (value + int(_GOLDEN)) & _ALL_BITS
    value = ((value ^ value >> 30) * int(_MIX_A)) & _ALL_BITS
    value = ((value ^ value >> 27) * int(_MIX_B)) & _ALL_BITS
    return value ^ value >> 31


@compiled
def _mixed(value):  # type: ignore[no-untyped-def]  # numba infers
    value = value + _GOLDEN
    value = (value ^ (value >> _U(30))) * _MIX_A
    value = (value ^ (value >> _U(27))) * _MIX_B
    return value ^ (value >> _U(31))


@compiled
def _enter(nodes, place):  # type: ignore[no-untyped-def]  # numba infers
    for k in range(len(nodes)):
        place[nodes[k]] = k


@compiled
def _leave(nodes, place):  # type: ignore[no-untyped-def]  # numba infers
    for k in range(len(nodes)):
        place[nodes[k]] = -1


@compiled
def _count(indptr, targets, fanout, starts):  # type: ignore[no-untyped-def]  # numba infers
    """Fill where each target's entries start; return how many there are, and whether any was left out."""
    total, is_cut = 0, False
    starts[0] = 0
    for t in range(len(targets)):
        degree = indptr[targets[t] + 1] - indptr[targets[t]]
        if 0 <= fanout < degree:
            degree = fanout
            is_cut = True
        total += degree
        starts[t + 1] = total
    return total, is_cut


@compiled
def _draw(indptr, targets, key, starts, entries):  # type: ignore[no-untyped-def]  # numba infers
    """Fill the entries that are kept of each row, drawn by Floyd's method where not all are."""
    for t in range(len(targets)):
        node = targets[t]
        first = indptr[node]
        degree = indptr[node + 1] - first
        begin = starts[t]
        kept = starts[t + 1] - begin
        if kept == degree:
            for k in range(kept):
                entries[begin + k] = first + k
            continue
        state = _mixed(key ^ _U(node))
        for k in range(kept):
            last = degree - kept + k
            bits = _mixed(state + _U(k)) >> _U(32)
            drawn = first + np.int64((bits * _U(last + 1)) >> _U(32))
            for q in range(begin, begin + k):
                if entries[q] == drawn:
                    drawn = first + last
                    break
            entries[begin + k] = drawn


@compiled
def _scale(indptr, targets, starts):  # type: ignore[no-untyped-def]  # numba infers
    out = np.ones(len(targets), np.float32)
    for t in range(len(targets)):
        degree = indptr[targets[t] + 1] - indptr[targets[t]]
        kept = starts[t + 1] - starts[t]
        if kept < degree:
            out[t] = degree / max(kept, 1)
    return out


@compiled
def _insert(best, whose, held, value, p):  # type: ignore[no-untyped-def]  # numba infers
    """Put entry p among the smallest so far, ascending; return how many are held."""
    k = held
    if held == len(best):
        if held == 0 or value >= best[held - 1]:
            return held
        k -= 1
    else:
        held += 1
    while k > 0 and best[k - 1] > value:
        best[k], whose[k] = best[k - 1], whose[k - 1]
        k -= 1
    best[k], whose[k] = value, p
    return held


@compiled
def _draw_keyed(indptr, targets, fanout, key, weight, kinds, num_kinds, starts):  # type: ignore[no-untyped-def]  # numba infers
    """Keep, of each row and kind, the entries with the smallest exponential numbers; fill where each row starts."""
    entries = np.empty(max(16, len(targets) * fanout), np.int64)
    scale = np.ones(len(targets), np.float32)
    best = np.empty((num_kinds, fanout), np.float64)
    whose = np.empty((num_kinds, fanout), np.int64)
    held = np.zeros(num_kinds, np.int64)
    total = 0
    starts[0] = 0
    for t in range(len(targets)):
        node = targets[t]
        state = _mixed(key ^ _U(node))
        held[:] = 0
        everything = 0.0
        for p in range(indptr[node], indptr[node + 1]):
            amount = np.float64(weight[p]) if len(weight) else 1.0
            if amount <= 0.0:
                continue
            everything += amount
            kind = kinds[p] if len(kinds) else 0
            uniform = (np.float64(_mixed(state + _U(p - indptr[node])) >> _U(11)) + 0.5) / 9007199254740992.0
            value = -np.log(uniform) / amount
            held[kind] = _insert(best[kind], whose[kind], held[kind], value, p)
        kept = 0.0
        for kind in range(num_kinds):
            while total + held[kind] > len(entries):
                longer = np.empty(2 * len(entries), np.int64)
                longer[:total] = entries[:total]
                entries = longer
            for k in range(held[kind]):
                entries[total] = whose[kind, k]
                total += 1
                kept += np.float64(weight[whose[kind, k]]) if len(weight) else 1.0
        if 0.0 < kept < everything:
            scale[t] = everything / kept
        starts[t + 1] = total
    return entries[:total].copy(), scale


@compiled
def _relabel(indices, entries, nodes, count, place, heard):  # type: ignore[no-untyped-def]  # numba infers
    """Give every neighbour its place among the sources, new ones at the end; return how many sources there are."""
    # In two passes, so that the reads of the first do not wait for each other.
    for k in range(len(entries)):
        heard[k] = indices[entries[k]]
    for k in range(len(entries)):
        node = heard[k]
        where = place[node]
        # Written without a branch that a processor would have to guess.
        is_new = where < 0
        nodes[count] = node
        where = count if is_new else where
        place[node] = where
        count += 1 if is_new else 0
        heard[k] = where
    return count
