"""Deep Graph Infomax: the loss by hand, and what it learns on a graph with two halves."""

import numpy as np
import torch

from engine.learn.objectives.dgi import DGI
from engine.nn.encoders.gcn import GCN
from tests.engine.learn.objectives.graphs import encoder_for, train, two_halves


def test_the_loss_is_the_papers_when_written_out():
    batch = two_halves()
    encoder = encoder_for(batch, layers=1).eval()
    objective = DGI(DGI.Config())
    heads = objective.prepare(encoder, batch, torch.Generator().manual_seed(1))
    loss = objective.loss(encoder, heads, batch, torch.Generator().manual_seed(7))["loss"]

    order = torch.randperm(batch.num_nodes, generator=torch.Generator().manual_seed(7))
    true = encoder(batch).detach().numpy().astype(float)
    false = encoder(batch, batch.x.to_dense()[order]).detach().numpy().astype(float)
    summary = 1 / (1 + np.exp(-true.mean(0)))
    weight = heads.weight.detach().numpy().astype(float)
    own, other = (1 / (1 + np.exp(-(h @ weight @ summary))) for h in (true, false))
    expected = -(np.log(own).mean() + np.log(1 - other).mean()) / 2
    np.testing.assert_allclose(loss.item(), expected, rtol=1e-5)


def test_the_negative_is_the_same_graph_with_shuffled_rows():
    batch, seen = two_halves(), []

    class Watched(GCN):
        def forward(self, batch, x=None):
            seen.append(batch.x if x is None else x)
            return super().forward(batch, x)

    encoder = Watched(GCN.Config(layers=1, width=4, head="linear", dropout=0.0), batch.in_width)
    objective = DGI(DGI.Config())
    draw = torch.Generator().manual_seed(0)
    objective.loss(encoder, objective.prepare(encoder, batch, draw), batch, draw)
    true, false = (x.to_dense() for x in seen)
    assert not torch.equal(true, false)
    assert sorted(map(tuple, true.tolist())) == sorted(map(tuple, false.tolist()))


def test_training_tells_true_nodes_from_shuffled_ones():
    history = train(DGI(DGI.Config()), encoder_for(two_halves(), layers=1), two_halves(), epochs=60)
    assert history[-1]["loss"] < 0.6 * history[0]["loss"]
    assert history[-1]["told_apart"] > 0.9
