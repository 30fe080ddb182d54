"""Some of many small graphs, side by side: one compiled pass over flat arrays on the CPU, torch elsewhere."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.graph.buffers import empty_table
from engine.graph.compiled import compiled


class Flat(NamedTuple):
    """Graphs side by side as arrays; the fields as in `GraphBatch`, tables uint8 or floating point, or None."""

    graph_ptr: Tensor
    indptr: Tensor
    indices: Tensor
    x: Tensor | None
    weight: Tensor | None
    edge_attr: Tensor | None


def select(flat: Flat, ids: Tensor) -> Flat:
    """Copy chosen graphs, in their order, into arrays of their own.

    Nodes and entries of a graph lie together, so each graph is four runs of numbers that are copied as they stand.

    Args: flat: all graphs; no entry leads from one into another. ids: int64 [B], numbers of the graphs; repeats
        allowed.
    Returns: the chosen ones, bytes as float32.
    Raises: IndexError: there is no such graph.
    """
    if flat.indptr.device.type != "cpu":
        return select_by_torch(flat, ids)
    pointers, starts = flat.graph_ptr.numpy(), flat.indptr.numpy()
    chosen = ids.numpy()
    new_ptr = torch.empty(len(chosen) + 1, dtype=torch.int64)
    num_nodes, num_edges = _measure(pointers, starts, chosen, new_ptr.numpy())
    if num_nodes < 0:
        raise _no_such_graph(flat)
    new_indptr = torch.empty(num_nodes + 1, dtype=torch.int64)
    new_indices = torch.empty(num_edges, dtype=torch.int32)
    _copy_structure(pointers, starts, flat.indices.numpy(), chosen, new_indptr.numpy(), new_indices.numpy())
    found: list[Tensor | None] = []
    tables = (flat.x, num_nodes, False), (flat.weight, num_edges, True), (flat.edge_attr, num_edges, True)
    for table, count, by_edge in tables:
        if table is None:
            found.append(None)
            continue
        dtype = table.dtype if table.dtype.is_floating_point else torch.float32
        width = 1 if table.dim() == 1 else int(table.shape[1])
        new = empty_table(count, width, table.new_empty(0, dtype=dtype))
        _copy_rows(pointers, starts, by_edge, width, _flat(table), chosen, _flat(new))
        found.append(new.view(count) if table.dim() == 1 else new)
    return Flat(new_ptr, new_indptr, new_indices, *found)


def select_by_torch(flat: Flat, ids: Tensor) -> Flat:
    """Return the same as `select`, on any device."""
    if len(ids) and (int(ids.min()) < 0 or int(ids.max()) >= len(flat.graph_ptr) - 1):
        raise _no_such_graph(flat)
    nodes, new_ptr = runs(flat.graph_ptr, ids)
    entries, new_indptr = runs(flat.indptr, nodes)
    moved = torch.repeat_interleave(new_ptr[:-1] - flat.graph_ptr[ids], torch.diff(new_ptr))
    new_indices = flat.indices[entries] + torch.repeat_interleave(moved, torch.diff(new_indptr)).to(torch.int32)

    def taken(table: Tensor | None, rows: Tensor) -> Tensor | None:
        if table is None:
            return None
        return table[rows] if table.dtype.is_floating_point else table[rows].float()

    tables = taken(flat.x, nodes), taken(flat.weight, entries), taken(flat.edge_attr, entries)
    return Flat(new_ptr, new_indptr, new_indices, *tables)


def runs(starts: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
    """Return the rows of some runs, one run after the other, and where each of these begins.

    Args: starts: int64 [B+1], where each run begins, then the end. ids: int64 [M].
    Returns: int64 [rows], int64 [M+1].
    """
    first = starts[ids]
    counts = starts[ids + 1] - first
    begin = torch.zeros(len(ids) + 1, dtype=torch.int64, device=ids.device)
    torch.cumsum(counts, 0, out=begin[1:])
    rows = torch.repeat_interleave(first - begin[:-1], counts)
    return rows.add_(torch.arange(len(rows), device=ids.device)), begin


def _no_such_graph(flat: Flat) -> IndexError:
    return IndexError(f"graphs are numbered 0 to {len(flat.graph_ptr) - 2}")


def _flat(table: Tensor) -> Any:  # Any: a numpy array for the kernels
    return table.detach().contiguous().view(-1).numpy()


@compiled
def _measure(graph_ptr, indptr, ids, new_ptr):  # type: ignore[no-untyped-def]  # numba infers
    """Fill where each chosen graph begins; return how many nodes and entries there are, -1 for a wrong number."""
    num_nodes, num_edges = 0, 0
    new_ptr[0] = 0
    for k in range(len(ids)):
        if ids[k] < 0 or ids[k] >= len(graph_ptr) - 1:
            return -1, -1
        first, last = graph_ptr[ids[k]], graph_ptr[ids[k] + 1]
        num_nodes += last - first
        num_edges += indptr[last] - indptr[first]
        new_ptr[k + 1] = num_nodes
    return num_nodes, num_edges


# Copied through slices that are counted from 0: of such an index numba knows that it is not negative, and only then do
# loops become vector code.


@compiled
def _copy_structure(graph_ptr, indptr, indices, ids, new_indptr, new_indices):  # type: ignore[no-untyped-def]  # numba infers
    """Copy rows and entries, moved to where their graph now begins."""
    node, edge = 0, 0
    new_indptr[0] = 0
    for k in range(len(ids)):
        first, last = graph_ptr[ids[k]], graph_ptr[ids[k] + 1]
        begin, end = indptr[first], indptr[last]
        starts, new_starts = indptr[first + 1 : last + 1], new_indptr[node + 1 : node + 1 + last - first]
        for r in range(len(starts)):
            new_starts[r] = starts[r] + (edge - begin)
        entries, new_entries = indices[begin:end], new_indices[edge : edge + end - begin]
        moved = np.int32(node - first)
        for p in range(len(entries)):
            new_entries[p] = entries[p] + moved
        node += last - first
        edge += end - begin


@compiled
def _copy_rows(graph_ptr, indptr, by_edge, width, table, ids, out):  # type: ignore[no-untyped-def]  # numba infers
    """Copy the numbers of chosen graphs' nodes, or of their entries, from one flat table into another."""
    there = 0
    for k in range(len(ids)):
        first, last = graph_ptr[ids[k]], graph_ptr[ids[k] + 1]
        if by_edge:
            first, last = indptr[first], indptr[last]
        count = (last - first) * width
        source, target = table[first * width : last * width], out[there : there + count]
        for q in range(len(source)):
            target[q] = source[q]
        there += count
