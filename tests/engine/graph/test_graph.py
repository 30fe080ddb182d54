"""Graph: edges in, sorted rows out, and every promise checked."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import BuildError
from engine.graph.csr import check_rows, transpose
from engine.graph.graph import Graph, build_graph


def test_undirected_edges_are_stored_in_both_directions():
    graph = Graph.from_edges([0, 2], [1, 1], 4)
    assert graph.indptr.tolist() == [0, 1, 3, 4, 4]
    assert graph.indices.tolist() == [1, 0, 2, 1]
    assert (graph.num_nodes, graph.num_edges, graph.num_links) == (4, 4, 2)
    assert graph.validate() is graph


def test_a_directed_edge_lies_in_the_row_of_its_target():
    graph = Graph.from_edges([0, 0, 2], [1, 2, 1], 3, directed=True)
    assert graph.indptr.tolist() == [0, 0, 2, 3]
    assert graph.indices.tolist() == [0, 2, 0]
    assert graph.edge_index().tolist() == [[0, 2, 0], [1, 1, 2]]
    assert graph.num_links == 3
    assert graph.degree().tolist() == [0, 2, 1]


def test_duplicates_self_loops_and_isolated_nodes_are_counted():
    built = build_graph([0, 1, 0, 2, 2], [1, 0, 1, 2, 0], 5)
    # Given 5: 0-1 three times (one of them backwards), the loop 2-2, and 2-0.
    counts = built.counts
    assert (counts.given, counts.kept, counts.duplicates, counts.self_loops, counts.isolated) == (5, 2, 2, 1, 2)
    assert built.graph.indices.tolist() == [1, 2, 0, 0]


def test_opposite_directed_edges_are_not_duplicates():
    assert build_graph([0, 1], [1, 0], 2, directed=True).counts.duplicates == 0


def test_weights_of_duplicates_are_summed_alike_in_both_directions():
    graph = Graph.from_edges([0, 1, 1], [1, 0, 2], 3, weight=[0.1, 0.2, 5.0])
    assert graph.weight is not None
    assert graph.weight.dtype == np.float32
    np.testing.assert_allclose(graph.weight, [0.3, 0.3, 5.0, 5.0], rtol=1e-6)
    assert graph.weight[0] == graph.weight[1]
    graph.validate()


def test_a_graph_without_edges_or_nodes_is_a_graph():
    assert Graph.from_edges([], [], 3).validate().indptr.tolist() == [0, 0, 0, 0]
    assert Graph.from_edges([], [], 0).validate().num_nodes == 0
    assert Graph.from_edges([], [], 2, weight=[]).validate().num_edges == 0


@pytest.mark.parametrize(
    ("source", "target", "weight", "words"),
    [
        ([0], [3], None, "outside the 3 nodes"),
        ([-1], [0], None, "outside the 3 nodes"),
        ([0, 1], [1], None, "differ in number"),
        ([0, 1], [1, 2], [1.0, float("nan")], "weight of edge 2"),
    ],
)
def test_wrong_edges_are_refused_with_the_reason(source, target, weight, words):
    with pytest.raises(BuildError, match=words):
        Graph.from_edges(source, target, 3, weight=weight)


def _arrays(indptr, indices, weight=None, directed=False):
    values = None if weight is None else np.array(weight, np.float32)
    return Graph(np.array(indptr, np.int64), np.array(indices, np.int32), values, directed)


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (_arrays([0, 1, 2], [1, 2]), "outside 0 … 1"),
        (_arrays([0, 1, 2], [1, -1]), "outside 0 … 1"),
        (_arrays([0, 1, 3], [1, 0]), "run from 0 to 2"),
        (_arrays([0, 2, 1], [1], directed=True), "run from 0 to 1"),
        (_arrays([0, 2, 2, 2], [2, 1], directed=True), "not ascending"),
        (_arrays([0, 2, 2, 2], [1, 1], directed=True), "there twice"),
        (_arrays([0, 1, 1], [1]), "undirected"),
        (_arrays([0, 1, 2], [1, 0], [1.0, 2.0]), "undirected"),
        (_arrays([0, 1, 2], [1, 0], [1.0]), "one 32-bit number"),
        (_arrays([0, 1, 2], [1, 0], [1.0, float("inf")]), "not a finite number"),
        (Graph(np.array([0, 1]), np.array([0], np.int64)), "32-bit"),
        (Graph(np.array([0, 1], np.int32), np.array([0], np.int32)), "64-bit"),
    ],
)
def test_damaged_arrays_are_named(graph, words):
    with pytest.raises(BuildError, match=words):
        graph.validate()


def test_rows_may_begin_with_a_smaller_index_than_the_row_before_ends_with():
    assert check_rows(np.array([0, 0, 2, 2, 4, 4]), np.array([3, 4, 0, 1], np.int32), 5) == ""


def test_the_transpose_of_a_rectangle_carries_each_entry_to_its_place():
    # [[a, 0, b], [0, 0, c]] turned is [[a, 0], [0, 0], [b, c]].
    turned = transpose(np.array([0, 2, 3]), np.array([0, 2, 2], np.int32), 3)
    assert turned.indptr.tolist() == [0, 1, 1, 3]
    assert turned.indices.tolist() == [0, 0, 1]
    assert [["a", "b", "c"][k] for k in turned.order] == ["a", "b", "c"]


def test_a_graph_needs_neither_torch_nor_a_compiler():
    import subprocess
    import sys

    code = "import sys, engine.graph.graph as g; g.Graph.from_edges([0], [1], 2).validate();"
    code += "print([m for m in ('torch', 'numba', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


_EDGES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 5)), max_size=40)


@given(edges=_EDGES, directed=st.booleans())
def test_any_list_of_edges_gives_what_networkx_gives(edges, directed):
    ours = build_graph(
        [a for a, _, _ in edges], [b for _, b, _ in edges], 10, weight=[w for _, _, w in edges], directed=directed
    )
    theirs = (nx.DiGraph if directed else nx.Graph)()
    theirs.add_nodes_from(range(10))
    for a, b, w in edges:
        if a != b:
            theirs.add_edge(a, b, weight=w + (theirs[a][b]["weight"] if theirs.has_edge(a, b) else 0))
    graph = ours.graph.validate()
    assert ours.counts.kept == graph.num_links == theirs.number_of_edges()
    assert ours.counts.isolated == len(list(nx.isolates(theirs)))
    assert ours.counts.given == ours.counts.kept + ours.counts.duplicates + ours.counts.self_loops == len(edges)
    source, target = graph.edge_index().tolist()
    assert all(
        theirs[a][b]["weight"] == weight for a, b, weight in zip(source, target, graph.weight.tolist(), strict=True)
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_one_missing_or_unequal_mirror_is_found_by_either_way_of_looking(weighted: bool) -> None:
    from engine.graph.symmetry import is_symmetric

    rng = np.random.default_rng(5)
    weight = rng.uniform(1, 2, 200).astype(np.float32) if weighted else None
    graph = Graph.from_edges(rng.integers(0, 30, 200), rng.integers(0, 30, 200), 31, weight=weight)
    assert is_symmetric(graph.indptr, graph.indices, graph.weight)
    assert graph._is_symmetric()
    directed = Graph.from_edges(rng.integers(0, 30, 200), rng.integers(0, 30, 200), 31, directed=True)
    assert not is_symmetric(directed.indptr, directed.indices, directed.weight)
    for entry in range(0, graph.num_edges, 17):
        # One entry leads elsewhere, to a node that its row does not hold.
        row = int(np.searchsorted(graph.indptr, entry, side="right")) - 1
        held = graph.indices[graph.indptr[row] : graph.indptr[row + 1]]
        indices = graph.indices.copy()
        indices[entry] = next(node for node in range(31) if node not in held)
        assert not is_symmetric(graph.indptr, indices, graph.weight)
        if graph.weight is not None:
            other = graph.weight.copy()
            other[entry] += 1
            assert not is_symmetric(graph.indptr, graph.indices, other)
