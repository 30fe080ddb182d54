"""GraphMAE: what is hidden, what is rebuilt, and that sparse features change nothing but the cost."""

import pytest
import torch

from engine.graph.batch import GraphBatch
from engine.graph.features import SparseFeatures
from engine.learn.objectives.graphmae import GraphMAE, _draw, _hide
from tests.engine.learn.objectives.graphs import encoder_for, train, two_halves


def _config(**options):
    return GraphMAE.Config(**options)


def test_the_draw_hides_as_many_nodes_as_asked_for():
    draw = _draw(60, _config(masked=0.5, replaced=0.2), torch.Generator().manual_seed(0), torch.device("cpu"))
    assert len(draw.masked) == 30
    assert int(draw.is_masked.sum()) == 30
    # A fifth of the thirty carries another node's features, the rest the token.
    assert int(draw.has_token.sum()) == 24
    moved = draw.source != torch.arange(60)
    assert not (moved & ~draw.is_masked).any()
    assert not (moved & draw.has_token).any()


@pytest.mark.parametrize("sparse", [False, True])
def test_hidden_nodes_carry_the_token_and_the_others_their_features(sparse):
    batch, token = two_halves(sparse=sparse), torch.arange(20.0)
    draw = _draw(60, _config(replaced=0.2), torch.Generator().manual_seed(0), torch.device("cpu"))
    hidden, x = (x if isinstance(x, torch.Tensor) else x.to_dense() for x in (_hide(batch.x, draw, token), batch.x))
    assert torch.equal(hidden[draw.has_token], token.expand(24, 20))
    assert torch.equal(hidden[~draw.is_masked], x[~draw.is_masked])
    swapped = draw.is_masked & ~draw.has_token
    assert torch.equal(hidden[swapped], x[draw.source[swapped]])


def _losses_and_gradients(batch: GraphBatch, decoder: str = "convolution") -> list[torch.Tensor]:
    encoder = encoder_for(batch)
    objective = GraphMAE(_config(decoder=decoder))
    heads = objective.prepare(encoder, batch, torch.Generator().manual_seed(2))
    heads.token.data += 0.3
    heads.convolution.bias.data += 0.1
    parts = objective.loss(encoder, heads, batch, torch.Generator().manual_seed(3))
    parts["loss"].backward()
    return [*parts.values(), *(p.grad for p in [*encoder.parameters(), *heads.parameters()])]


@pytest.mark.parametrize("decoder", ["convolution", "attention"])
def test_sparse_and_dense_features_give_the_same_loss_and_gradients(decoder):
    for sparse, dense in zip(
        _losses_and_gradients(two_halves(), decoder),
        _losses_and_gradients(two_halves(sparse=False), decoder),
        strict=True,
    ):
        torch.testing.assert_close(sparse, dense, rtol=1e-3, atol=1e-5)


def test_the_loss_is_the_scaled_cosine_error_of_the_masked_nodes():
    batch = two_halves(sparse=False)
    encoder, objective = encoder_for(batch), GraphMAE(_config(exponent=3.0))
    heads = objective.prepare(encoder, batch, torch.Generator().manual_seed(2))
    loss = objective.loss(encoder, heads, batch, torch.Generator().manual_seed(3))["loss"]

    draw = _draw(60, _config(), torch.Generator().manual_seed(3), torch.device("cpu"))
    h = heads.bridge(encoder(batch, _hide(batch.x, draw, heads.token)))
    h[draw.masked] = 0
    rebuilt = heads.convolution(h, batch).detach()
    by_hand = [
        (1 - float(z @ x) / (max(float(z.norm()) * float(x.norm()), 1e-8))) ** 3
        for z, x in zip(rebuilt[draw.masked], batch.x[draw.masked], strict=True)
    ]
    assert loss.item() == pytest.approx(sum(by_hand) / len(by_hand), rel=1e-5)


def test_a_node_without_features_leaves_loss_and_gradients_finite():
    batch = two_halves()
    assert isinstance(batch.x, SparseFeatures)
    batch = batch.with_x(batch.x.keep_rows(torch.arange(60) > 5))
    assert all(bool(torch.isfinite(value).all()) for value in _losses_and_gradients(batch))


def test_training_rebuilds_better_than_at_the_start():
    history = train(GraphMAE(_config()), encoder_for(two_halves()), two_halves(), epochs=80)
    assert history[-1]["cosine"] > history[0]["cosine"] + 0.3
    assert history[-1]["loss"] < 0.5 * history[0]["loss"]
