"""CCA-SSG: the loss by hand, and what it learns."""

import numpy as np
import pytest
import torch

from engine.learn.objectives.cca_ssg import CCASSG, _standardised
from tests.engine.learn.objectives.graphs import encoder_for, halves_told_apart, train, two_halves


def test_the_loss_is_the_papers_on_standardised_vectors():
    batch = two_halves()
    encoder = encoder_for(batch)
    objective = CCASSG(CCASSG.Config(edges=0.0, features=0.0, decorrelation=0.25))
    found = objective.loss(encoder, torch.nn.Module(), batch, torch.Generator())
    h = encoder(batch).detach().double().numpy()
    z = (h - h.mean(0)) / h.std(0) / np.sqrt(60)
    off = np.square(z.T @ z - np.eye(16)).sum()
    # Both views are the graph itself, so nothing is apart.
    assert found["apart"].item() == 0
    assert found["loss"].item() == pytest.approx(0.25 * 2 * off, rel=1e-3)


def test_two_views_are_compared_node_by_node():
    batch = two_halves()
    encoder = encoder_for(batch)
    objective = CCASSG(CCASSG.Config(edges=0.5, features=0.3))
    found = objective.loss(encoder, torch.nn.Module(), batch, torch.Generator().manual_seed(2))
    draw = torch.Generator().manual_seed(2)
    views = [encoder(objective._view.of(batch, draw)).detach().double().numpy() for _ in range(2)]
    one, two = ((h - h.mean(0)) / h.std(0) / np.sqrt(60) for h in views)
    assert found["apart"].item() == pytest.approx(np.square(one - two).sum(), rel=1e-3)


def test_a_number_that_is_the_same_for_all_nodes_does_not_divide_by_zero():
    h = torch.ones(5, 2, requires_grad=True)
    _standardised(h).sum().backward()
    assert bool(torch.isfinite(h.grad).all())


def test_training_tells_the_halves_apart():
    batch = two_halves()
    encoder = encoder_for(batch)
    before = halves_told_apart(encoder(batch).detach())
    history = train(CCASSG(CCASSG.Config()), encoder, batch, epochs=40)
    assert history[-1]["loss"] < 0.5 * history[0]["loss"]
    assert halves_told_apart(encoder(batch).detach()) > max(0.9, before - 0.05)
