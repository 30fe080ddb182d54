"""Link reconstruction: which pairs are drawn, the loss by hand, and what it learns."""

import numpy as np
import pytest
import torch

from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.learn.objectives.links import Links, _Scorer
from engine.learn.pairs import Pairs
from tests.engine.learn.objectives.graphs import encoder_for, train, two_halves


def test_drawn_edges_are_edges_and_the_other_pairs_are_not():
    batch = two_halves()
    pairs = Pairs()
    draw = torch.Generator().manual_seed(0)
    row = torch.repeat_interleave(torch.arange(60), torch.diff(batch.indptr))
    known = set(zip(row.tolist(), batch.indices.tolist(), strict=True))
    assert set(zip(*pairs.edges(batch, 10**6, draw).tolist(), strict=True)) == known
    drawn = pairs.edges(batch, 50, draw)
    assert drawn.shape == (2, 50)
    assert set(zip(*drawn.tolist(), strict=True)) <= known
    others = set(zip(*pairs.others(batch, 2000, draw).tolist(), strict=True))
    assert len(others) > 500
    assert not others & known
    assert all(a != b for a, b in others)


def test_in_a_complete_graph_there_are_no_other_pairs_and_the_loss_stays_finite():
    everybody = Graph.from_edges(*np.triu_indices(5, 1), 5)
    batch = GraphBatch.from_graph(everybody, np.eye(5))
    history = train(Links(Links.Config()), encoder_for(batch), batch, epochs=3)
    assert all(np.isfinite(list(epoch.values())).all() for epoch in history)


def test_the_loss_is_the_cross_entropy_of_the_pairs():
    batch = two_halves()
    encoder, objective = encoder_for(batch), Links(Links.Config(standardise=False))
    heads = objective.prepare(encoder, batch, torch.Generator())
    heads.scale.data.fill_(1.5)
    heads.offset.data.fill_(-0.5)
    loss = objective.loss(encoder, heads, batch, torch.Generator().manual_seed(4))["loss"]

    draw = torch.Generator().manual_seed(4)
    edges = heads.pairs.edges(batch, 10**6, draw)
    others = heads.pairs.others(batch, edges.shape[1], draw)
    h = encoder(batch).detach().numpy().astype(float)
    chance = 1 / (1 + np.exp(-(1.5 * h @ h.T - 0.5)))
    expected = -(np.log(chance[edges[0], edges[1]]).mean() + np.log(1 - chance[others[0], others[1]]).mean()) / 2
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_standardised_vectors_have_products_of_variance_one():
    h = torch.randn(500, 64, generator=torch.Generator().manual_seed(0)) * 3 + 5
    prepared = _Scorer(standardise=True).prepared(h)
    products = (prepared[:250] * prepared[250:]).sum(1)
    assert products.mean().item() == pytest.approx(0, abs=0.2)
    assert products.var().item() == pytest.approx(1, abs=0.3)


def test_a_graph_without_edges_is_refused():
    batch = GraphBatch.from_graph(Graph.from_edges([], [], 3), np.eye(3))
    with pytest.raises(MismatchError, match="no edges"):
        Links(Links.Config()).prepare(encoder_for(batch), batch, torch.Generator())


def test_training_brings_joined_nodes_together():
    batch = two_halves()
    encoder = encoder_for(batch)
    history = train(Links(Links.Config()), encoder, batch, epochs=60)
    assert history[-1]["loss"] < 0.8 * history[0]["loss"]
