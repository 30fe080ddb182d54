"""GRACE: the loss by hand, how many nodes are compared, and what it learns."""

import numpy as np
import pytest
import torch

from engine.learn.objectives.grace import GRACE
from tests.engine.learn.objectives.graphs import encoder_for, halves_told_apart, train, two_halves


def _by_hand(u: np.ndarray, v: np.ndarray, temperature: float) -> float:
    """Equations 1 and 2 of the paper, pair by pair."""
    u, v = (z / np.linalg.norm(z, axis=1, keepdims=True) for z in (u, v))

    def one(a: np.ndarray, b: np.ndarray, i: int) -> float:
        own = np.exp(a[i] @ b[i] / temperature)
        between = sum(np.exp(a[i] @ b[k] / temperature) for k in range(len(a)) if k != i)
        within = sum(np.exp(a[i] @ a[k] / temperature) for k in range(len(a)) if k != i)
        return -np.log(own / (own + between + within))

    return float(np.mean([one(u, v, i) + one(v, u, i) for i in range(len(u))]) / 2)


def test_the_loss_is_the_papers():
    batch = two_halves()
    encoder = encoder_for(batch)
    objective = GRACE(GRACE.Config(temperature=0.7, projection=5, features=0.1, other_features=0.1))
    heads = objective.prepare(encoder, batch, torch.Generator().manual_seed(0))
    loss = objective.loss(encoder, heads, batch, torch.Generator().manual_seed(3))["loss"].item()
    draw = torch.Generator().manual_seed(3)
    u, v = (heads(encoder(view.of(batch, draw))).detach().double().numpy() for view in objective._views)
    assert loss == pytest.approx(_by_hand(u, v, 0.7), rel=1e-5)


def test_only_as_many_nodes_are_compared_as_asked_for():
    """The loss of k nodes that all look alike is log(2 k - 1), whatever the size of the graph."""
    batch = two_halves()
    encoder = encoder_for(batch)
    objective = GRACE(GRACE.Config(compared=10))
    heads = objective.prepare(encoder, batch, torch.Generator().manual_seed(0))
    for parameter in heads.parameters():
        parameter.data.zero_()
    heads.second.bias.data.fill_(1.0)
    loss = objective.loss(encoder, heads, batch, torch.Generator().manual_seed(0))["loss"].item()
    assert loss == pytest.approx(np.log(19), rel=1e-5)


def test_training_finds_nodes_again_and_tells_the_halves_apart():
    batch = two_halves()
    encoder = encoder_for(batch)
    history = train(GRACE(GRACE.Config(projection=16)), encoder, batch, epochs=60)
    assert history[-1]["loss"] < history[0]["loss"] - 0.5
    assert np.mean([epoch["found_again"] for epoch in history[-10:]]) > 3 / 60
    assert halves_told_apart(encoder(batch).detach()) > 0.9


def test_a_node_whose_vector_is_zero_gets_no_gradient_without_bounds():
    from engine.learn.objectives._base import unit

    h = torch.tensor([[3.0, 4.0], [0.0, 0.0]], requires_grad=True)
    made = unit(h)
    assert made.tolist() == [pytest.approx([0.6, 0.8]), [0.0, 0.0]]
    made[:, 0].sum().backward()
    # The derivative of x / |x| by x is (1 - x x' / |x|²) / |x|.
    assert h.grad.tolist() == [pytest.approx([(1 - 0.36) / 5, -0.48 / 5]), [0.0, 0.0]]
