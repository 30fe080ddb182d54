"""BGRL: how the copy follows, its loss by hand, and what it learns."""

import copy

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from engine.learn.objectives.bgrl import BGRL
from tests.engine.learn.objectives.graphs import encoder_for, halves_told_apart, train, two_halves

STILL = {"edges": 0.0, "features": 0.0, "other_edges": 0.0, "other_features": 0.0}


def test_the_copy_moves_towards_the_encoder_by_one_minus_the_momentum():
    batch = two_halves()
    encoder = encoder_for(batch)
    objective = BGRL(BGRL.Config(momentum=0.9))
    heads = objective.prepare(encoder, batch, torch.Generator().manual_seed(0))
    start = copy.deepcopy(encoder.state_dict())
    for parameter in encoder.parameters():
        parameter.data.add_(1.0)
    objective.loss(encoder, heads, batch, torch.Generator().manual_seed(0))
    for name, value in start.items():
        followed = heads.get_buffer(heads._places[name])
        assert followed.numpy() == pytest.approx(value.numpy() + 0.1, abs=1e-6)


def test_the_loss_is_two_less_the_cosines_of_foreseen_and_copied_vectors():
    """Without augmentation both views are the graph, and the copy still is the encoder."""
    batch = two_halves()
    encoder = encoder_for(batch)
    objective = BGRL(BGRL.Config(**STILL))
    heads = objective.prepare(encoder, batch, torch.Generator().manual_seed(0))
    loss = objective.loss(encoder, heads, batch, torch.Generator())["loss"].item()
    h = encoder(batch)
    q = heads.predictor(h).detach().double().numpy()
    h = h.detach().double().numpy()
    cosine = (q * h).sum(1) / np.linalg.norm(q, axis=1) / np.linalg.norm(h, axis=1)
    assert loss == pytest.approx(2 - 2 * cosine.mean(), rel=1e-5)


def test_no_gradient_reaches_the_copy_and_its_batch_statistics_are_its_own():
    batch = two_halves()
    encoder = encoder_for(batch, norm="batch")
    objective = BGRL(BGRL.Config())
    heads = objective.prepare(encoder, batch, torch.Generator().manual_seed(0))
    before = {name: value.clone() for name, value in encoder.named_buffers()}
    encoder.eval()
    encoder(batch)
    objective.loss(encoder, heads, batch, torch.Generator().manual_seed(0))["loss"].backward()
    assert all(torch.equal(value, before[name]) for name, value in encoder.named_buffers())
    assert not any(value.requires_grad for value in heads.buffers())


def test_the_copy_is_part_of_the_state_so_that_it_can_be_resumed():
    batch = two_halves()
    encoder = encoder_for(batch, norm="batch")
    heads = BGRL(BGRL.Config()).prepare(encoder, batch, torch.Generator().manual_seed(0))
    held = sum(value.numel() for value in heads.state_dict().values())
    assert held == sum(v.numel() for v in encoder.state_dict().values()) + sum(p.numel() for p in heads.parameters())


def test_training_tells_the_halves_apart():
    batch = two_halves()
    encoder = encoder_for(batch, norm="batch")
    history = train(BGRL(BGRL.Config()), encoder, batch, epochs=60)
    assert history[-1]["cosine"] > history[0]["cosine"] + 0.3
    assert halves_told_apart(F.normalize(encoder(batch).detach())) > 0.9
