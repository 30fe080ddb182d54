"""Sampled neighbourhoods against a plain reading of the same rules, and what they promise."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from engine.graph.batch import GraphBatch
from engine.graph.blocks import restrict
from engine.graph.graph import Graph
from engine.graph.sampler import EVERYONE, Sample, Sampler, batch_key, blocks, mixed
from engine.graph.subgraph import around, induced, induced_batch


def _graph(
    nodes: int = 60, edges: int = 400, seed: int = 0, *, weighted: bool = False, directed: bool = False
) -> Graph:
    rng = np.random.default_rng(seed)
    weight = rng.uniform(0.5, 2.0, edges) if weighted else None
    pairs = rng.integers(0, nodes, (2, edges))
    return Graph.from_edges(pairs[0], pairs[1], nodes + 2, weight=weight, directed=directed)  # two isolated ones


def _plainly(
    graph: Graph, targets: list[int], fanouts: tuple[int, ...], seed: int, number: int
) -> list[list[list[int]]]:
    """Draw as the text says, with Python's own numbers: for each step the global neighbours of each target."""
    nodes, steps = list(targets), []
    for step, fanout in enumerate(fanouts):
        key, rows = batch_key(seed, number, step), []
        for node in nodes:
            row = [int(j) for j in graph.indices[graph.indptr[node] : graph.indptr[node + 1]]]
            if 0 <= fanout < len(row):
                state, picked = mixed(key ^ node), []
                for k in range(fanout):
                    last = len(row) - fanout + k
                    drawn = (mixed((state + k) % 2**64) >> 32) * (last + 1) >> 32
                    picked.append(last if drawn in picked else drawn)
                row = [row[p] for p in picked]
            rows.append(row)
        steps.append(rows)
        nodes += list(dict.fromkeys(j for row in rows for j in row if j not in set(nodes)))
    return steps[::-1]


def _rows(sample: Sample) -> list[list[list[int]]]:
    found = []
    for hop in sample.hops:
        heard = sample.nodes[hop.indices]
        found.append([heard[a:b].tolist() for a, b in zip(hop.indptr[:-1], hop.indptr[1:], strict=True)])
    return found


@pytest.mark.parametrize("fanouts", [(3,), (3, 2), (EVERYONE, 4), (50, 50)])
def test_the_kernel_draws_what_the_plain_reading_draws(fanouts: tuple[int, ...]) -> None:
    graph, targets = _graph(), [5, 17, 60, 3]
    sample = Sampler(graph.indptr, graph.indices, fanouts, seed=7).sample(np.array(targets), 4)
    assert _rows(sample) == _plainly(graph, targets, fanouts, 7, 4)
    assert sample.nodes[: len(targets)].tolist() == targets
    assert len(set(sample.nodes.tolist())) == len(sample.nodes)


def test_the_same_batch_is_drawn_alike_by_any_thread_in_any_order_and_batches_differ() -> None:
    graph = _graph(300, 4000)
    targets = [np.arange(k, 300, 12) for k in range(12)]
    own = Sampler(graph.indptr, graph.indices, (4, 4), seed=1)
    wanted = [own.sample(rows, number) for number, rows in enumerate(targets)]

    def draw(number: int) -> Sample:
        return Sampler(graph.indptr, graph.indices, (4, 4), seed=1).sample(targets[number], number)

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(draw, reversed(range(12))))[::-1]
    for one, other in zip(wanted, found, strict=True):
        assert one.nodes.tolist() == other.nodes.tolist()
        assert _rows(one) == _rows(other)
    again, elsewhere = own.sample(targets[0], 0), own.sample(targets[0], 1)
    assert _rows(again) == _rows(wanted[0]) != _rows(elsewhere)


def test_every_neighbour_is_drawn_as_often_as_the_others() -> None:
    """Of 10 neighbours 3 are kept: each in 30 % of the draws. 2000 draws leave a deviation of 1 %."""
    star = Graph.from_edges(np.zeros(10, int), np.arange(1, 11), 11)
    sampler = Sampler(star.indptr, star.indices, (3,), seed=3)
    counts = np.zeros(11)
    for number in range(2000):
        sample = sampler.sample(np.array([0]), number)
        counts[sample.nodes[sample.hops[0].indices]] += 1
    assert counts[0] == 0
    assert np.abs(counts[1:] / 2000 - 0.3).max() < 0.05


def test_heavy_edges_are_drawn_as_often_as_they_weigh() -> None:
    """One of two neighbours with weights 1 and 3: the second in three quarters of the draws."""
    graph = Graph.from_edges([0, 0], [1, 2], 3, weight=[1.0, 3.0])
    sampler = Sampler(graph.indptr, graph.indices, (1,), seed=0, weight=graph.weight)
    found = [int(sampler.sample(np.array([0]), number).nodes[1]) for number in range(2000)]
    assert abs(found.count(2) / 2000 - 0.75) < 0.04


def test_each_kind_of_edge_keeps_its_own_share() -> None:
    graph = Graph.from_edges(np.zeros(20, int), np.arange(1, 21), 21, directed=True)
    turned = Graph.from_edges(np.arange(1, 21), np.zeros(20, int), 21, directed=True)
    assert graph.degree()[0] == 0
    kinds = np.array([0] * 15 + [1] * 5)
    sample = Sampler(turned.indptr, turned.indices, (4,), seed=0, kinds=kinds).sample(np.array([0]), 0)
    drawn = kinds[sample.hops[0].entries]
    assert np.bincount(drawn).tolist() == [4, 4]
    assert len(set(sample.hops[0].entries.tolist())) == 8


@pytest.mark.parametrize("weighted", [False, True])
def test_sums_over_drawn_neighbours_are_right_on_average(weighted: bool) -> None:
    """One row of the operator, estimated 3000 times, meets the row of the whole graph."""
    graph = _graph(40, 300, weighted=weighted)
    rng = np.random.default_rng(1)
    batch = GraphBatch.from_graph(graph, rng.normal(size=(graph.num_nodes, 1)).astype(np.float32))
    rows = np.array([4, 9, 11])
    sampler = Sampler(graph.indptr, graph.indices, (5,), seed=0)
    whole = batch.propagation().forward.product(batch.x)[rows].numpy()
    found = []
    for number in range(3000):
        part = blocks(batch, sampler.sample(rows, number), rows)
        found.append(part.block(0).propagation().forward.product(part.x).numpy())
    error = np.std(found, axis=0) / 3000**0.5
    assert (np.abs(np.mean(found, axis=0) - whole) < 4 * error).all()


@pytest.mark.parametrize("weighted", [False, True])
def test_a_sample_of_everybody_is_the_restricted_graph(weighted: bool) -> None:
    graph = _graph(weighted=weighted, directed=True)
    batch = GraphBatch.from_graph(graph, np.random.default_rng(0).normal(size=(graph.num_nodes, 3)).astype(np.float32))
    rows = np.array([1, 30, 61])
    sampler = Sampler(graph.indptr, graph.indices, (EVERYONE, EVERYONE), seed=0)
    ours, theirs = blocks(batch, sampler.sample(rows, 0), rows), restrict(batch, torch.from_numpy(rows), 2)
    for part in (ours, theirs):
        assert part.block(0).num_targets == part.block(1).num_sources
    a, b = ours.x, theirs.x
    for number in range(2):
        a, b = (p.block(number).propagation().forward.product(h) for p, h in ((ours, a), (theirs, b)))
    torch.testing.assert_close(a, b)


def test_the_edges_among_some_nodes_are_those_of_a_plain_search() -> None:
    graph = _graph(weighted=True)
    nodes = np.array([40, 2, 3, 17, 20, 61, 5])
    batch = GraphBatch.from_graph(graph, np.arange(graph.num_nodes, dtype=np.float32)[:, None])
    place = np.full(graph.num_nodes, -1, np.int32)
    part = induced_batch(batch, nodes, place)
    dense = np.zeros((graph.num_nodes, graph.num_nodes), np.float32)
    rows = np.repeat(np.arange(graph.num_nodes), graph.degree())
    dense[rows, graph.indices] = graph.weight
    found = np.zeros((7, 7), np.float32)
    found[np.repeat(np.arange(7), np.diff(part.indptr.numpy())), part.indices.numpy()] = part.weight.numpy()
    np.testing.assert_array_equal(found, dense[np.ix_(nodes, nodes)])
    assert part.x[:, 0].tolist() == nodes.tolist()
    assert (place == -1).all()
    ascending = induced(graph.indptr, graph.indices, nodes)
    assert all(
        (np.diff(ascending.indices[a:b]) > 0).all()
        for a, b in zip(ascending.indptr[:-1], ascending.indptr[1:], strict=True)
    )


def test_two_steps_along_a_path_reach_five_nodes() -> None:
    path = Graph.from_edges(np.arange(9), np.arange(1, 10), 10)
    assert sorted(around(path.indptr, path.indices, np.array([4]), 2).tolist()) == [2, 3, 4, 5, 6]
