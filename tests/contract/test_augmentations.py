"""What every augmentation promises, and what each of them leaves out."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from torch import Tensor

from engine.core.errors import OptionError
from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.learn.augmentations import AUGMENTATIONS
from engine.learn.augmentations._base import Augmentation

KEYS = AUGMENTATIONS.keys()
NODES, WIDTH = 400, 30


def _batch(*, sparse: bool = True, directed: bool = False, weighted: bool = False) -> GraphBatch:
    draw = np.random.default_rng(0)
    source, target = draw.integers(0, NODES, (2, 2000))
    weight = draw.random(2000).astype(np.float32) if weighted else None
    graph = Graph.from_edges(source, target, NODES, weight=weight, directed=directed)
    x = (draw.random((NODES, WIDTH)) * (draw.random((NODES, WIDTH)) < 0.5)).astype(np.float32)
    return GraphBatch.from_graph(graph, sp.csr_matrix(x) if sparse else x)


def _one(key: str, **options: object) -> Augmentation:
    kind = AUGMENTATIONS.get(key)
    return kind(kind.parse(options))


def _dense(batch: GraphBatch) -> Tensor:
    return batch.x if isinstance(batch.x, Tensor) else batch.x.to_dense()


def _matrix(batch: GraphBatch) -> np.ndarray:
    weight = np.ones(batch.num_edges) if batch.weight is None else batch.weight.numpy()
    return sp.csr_matrix((weight, batch.indices.numpy(), batch.indptr.numpy()), (NODES, NODES)).toarray()


@pytest.fixture(params=KEYS)
def key(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_no_augmentation_is_broken() -> None:
    assert KEYS
    assert AUGMENTATIONS.broken == {}


def test_key_label_docstring_and_options_are_complete(key: str) -> None:
    kind = AUGMENTATIONS.get(key)
    assert kind.key == key == kind.__module__.rpartition(".")[2]
    assert "Source:" in (kind.__doc__ or "")
    with pytest.raises(OptionError):
        kind.parse({"no_such_option": 1}, "more")


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("directed", [False, True])
def test_a_view_is_a_part_of_the_graph_with_the_same_nodes_and_leaves_the_graph_as_it_was(
    key: str, sparse: bool, directed: bool
) -> None:
    batch, before = _batch(sparse=sparse, directed=directed), _batch(sparse=sparse, directed=directed)
    view = _one(key).apply(batch, torch.Generator().manual_seed(0))
    assert view.num_nodes == NODES
    assert isinstance(view.x, Tensor) is not sparse
    edges, own, x, own_x = _matrix(view), _matrix(batch), _dense(view), _dense(batch)
    assert ((edges == own) | (edges == 0)).all()
    assert bool(((x == own_x) | (x == 0)).all())
    assert (edges != own).any() or bool((x != own_x).any())
    assert directed or (edges == edges.T).all()
    assert (own == _matrix(before)).all()
    assert torch.equal(own_x, _dense(before))


def test_weights_stay_with_their_edges(key: str) -> None:
    batch = _batch(weighted=True)
    edges, own = _matrix(_one(key).apply(batch, torch.Generator().manual_seed(0))), _matrix(batch)
    assert ((edges == own) | (edges == 0)).all()


def test_the_generator_decides_everything_drawn(key: str) -> None:
    batch = _batch()

    def draw(seed: int) -> tuple[np.ndarray, Tensor]:
        view = _one(key).apply(batch, torch.Generator().manual_seed(seed))
        return _matrix(view), _dense(view)

    torch.manual_seed(1)
    first = draw(5)
    torch.manual_seed(2)
    again, other = draw(5), draw(6)
    assert (first[0] == again[0]).all()
    assert torch.equal(first[1], again[1])
    assert (first[0] != other[0]).any() or not torch.equal(first[1], other[1])


def test_the_propagation_of_a_view_is_made_from_its_own_edges() -> None:
    batch = _batch()
    batch.propagation("gcn")
    view = _one("drop_edges", share=0.5).apply(batch, torch.Generator().manual_seed(0))
    edges = _matrix(view) + np.eye(NODES) * (np.diag(_matrix(view)) == 0)
    root = np.diag(edges.sum(1) ** -0.5)
    ones = torch.eye(NODES)
    assert view.propagation("gcn").forward.product(ones).numpy() == pytest.approx(root @ edges @ root, abs=1e-5)


@pytest.mark.parametrize("directed", [False, True])
def test_as_many_edges_are_dropped_as_asked_for_and_no_view_like_the_one_before(directed: bool) -> None:
    batch, draw = _batch(directed=directed), torch.Generator().manual_seed(0)
    kept = [_one("drop_edges", share=0.3).apply(batch, draw).num_edges / batch.num_edges for _ in range(20)]
    # 2000 lots have a deviation of one hundredth; the mean of 20 of them a quarter of that.
    assert np.mean(kept) == pytest.approx(0.7, abs=0.01)
    assert len(set(kept)) > 10


def test_columns_are_hidden_for_all_nodes_at_once() -> None:
    view = _dense(_one("mask_features", share=0.5).apply(_batch(), torch.Generator().manual_seed(0)))
    gone = (view == 0).all(0)
    assert 5 < int(gone.sum()) < 25
    assert torch.equal(view[:, ~gone], _dense(_batch())[:, ~gone])


def test_a_dropped_node_has_neither_edges_nor_features() -> None:
    view = _one("drop_nodes", share=0.4).apply(_batch(), torch.Generator().manual_seed(0))
    gone = (_dense(view) == 0).all(1).numpy()
    assert 0.3 < gone.mean() < 0.5
    assert not _matrix(view)[gone].any()
    assert not _matrix(view)[:, gone].any()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_subgraph_has_as_many_nodes_as_asked_for_and_holds_together(share: float) -> None:
    view = _one("subgraph", share=share, starts=1).apply(_batch(), torch.Generator().manual_seed(0))
    kept = (_dense(view) != 0).any(1).numpy()
    assert kept.sum() == round(share * NODES)
    parts, _ = sp.csgraph.connected_components(sp.csr_matrix(_matrix(view)[kept][:, kept]))
    # Ten edges a node leave about one node in 150 alone; a part that is used up begins anew.
    assert parts <= 1 + NODES // 100


def test_a_share_of_nothing_is_the_graph_itself() -> None:
    batch = _batch()
    for key in ("drop_edges", "mask_features", "drop_nodes"):
        assert _one(key, share=0.0).apply(batch, torch.Generator()) is batch
    assert _one("subgraph", share=1.0).apply(batch, torch.Generator()) is batch
