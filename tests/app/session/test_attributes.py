import hashlib

import numpy as np
import pytest

from app.session import attributes, frames
from engine.graph.graph import Graph


@pytest.mark.parametrize("is_directed", [False, True])
def test_each_undirected_edge_is_found_once_piece_by_piece(monkeypatch, is_directed) -> None:
    monkeypatch.setattr(attributes, "PIECE", 3)
    draw = np.random.default_rng(0)
    pairs = draw.integers(0, 11, (25, 2))
    graph = Graph.from_edges(pairs[:, 0], pairs[:, 1], 11)
    found = attributes.undirected_edges(graph.indptr, graph.indices, is_directed=is_directed)
    expected = sorted({(min(a, b), max(a, b)) for a, b in pairs.tolist() if a != b})
    assert found.dtype == np.int32
    assert [tuple(pair) for pair in found.tolist()] == expected


def test_a_graph_without_nodes_has_no_edges() -> None:
    found = attributes.undirected_edges(np.zeros(1, np.int64), np.zeros(0, np.int32), is_directed=False)
    assert found.shape == (0, 2)


def test_the_key_of_ids_does_not_depend_on_the_pieces(monkeypatch) -> None:
    ids = np.array(["a", "", "b\0", "é", "d"], dtype=object)
    whole = hashlib.sha256("\0".join(ids).encode()).hexdigest()[:16]
    for piece in (1, 2, 100):
        monkeypatch.setattr(frames, "PIECE", piece)
        assert frames._key_of(ids) == whole
