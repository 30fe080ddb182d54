"""VGAE: loss and distance against torch_geometric, and what it learns."""

import warnings

import pytest
import torch

from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.learn.objectives.vgae import VGAE, kl_distance
from tests.engine.learn.objectives.graphs import encoder_for, train, two_halves

with warnings.catch_warnings():
    # It still compiles with torch.jit, which this torch calls deprecated.
    warnings.simplefilter("ignore")
    theirs_of = pytest.importorskip("torch_geometric.nn").VGAE


def test_the_distance_is_torch_geometrics():
    draw = torch.Generator().manual_seed(0)
    mean, spread = torch.randn(50, 7, generator=draw), torch.randn(50, 7, generator=draw)
    theirs = theirs_of(torch.nn.Identity()).kl_loss(mean, spread)
    assert kl_distance(mean, spread).item() == pytest.approx(theirs.item(), rel=1e-6)


@pytest.mark.parametrize("variational", [False, True])
def test_the_loss_is_torch_geometrics_for_the_same_pairs(variational):
    batch = two_halves()
    encoder = encoder_for(batch)
    objective = VGAE(VGAE.Config(variational=variational, prior=2.0))
    heads = objective.prepare(encoder, batch, torch.Generator().manual_seed(0))
    found = objective.loss(encoder, heads, batch, torch.Generator().manual_seed(4))
    draw = torch.Generator().manual_seed(4)
    edges = heads.pairs.edges(batch, 10**6, draw)
    others = heads.pairs.others(batch, edges.shape[1], draw)
    with torch.no_grad():
        h = encoder(batch)
        z = mean = heads.mean(h, batch)
        if variational:
            spread = heads.spread(h, batch)
            z = mean + torch.randn(mean.shape, generator=draw) * spread.exp()
    theirs = theirs_of(torch.nn.Identity())
    expected = theirs.recon_loss(z.double(), edges, others).item()
    if variational:
        expected += 2.0 * theirs.kl_loss(mean, spread).item() / 60
    # Theirs adds 1e-15 inside each logarithm.
    assert found["loss"].item() == pytest.approx(expected, rel=1e-4)


def test_training_makes_edges_likelier_than_other_pairs():
    for variational in (False, True):
        objective = VGAE(VGAE.Config(variational=variational))
        history = train(objective, encoder_for(two_halves()), two_halves(), epochs=80)
        assert history[-1]["loss"] < min(history[0]["loss"], 1.38)  # two coins: 2 log 2


def test_a_graph_without_edges_is_refused():
    batch = GraphBatch.from_graph(Graph.from_edges([], [], 3), torch.eye(3).numpy())
    with pytest.raises(MismatchError, match="no edges"):
        VGAE(VGAE.Config()).prepare(encoder_for(batch), batch, torch.Generator())
