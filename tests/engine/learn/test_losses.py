import math

import pytest
import torch
from torch.nn import functional

from engine.learn.losses import generalised_cross_entropy


def test_it_is_the_box_cox_transform_of_the_probability() -> None:
    # p = 1/4 and 3/4: (1 - sqrt(p)) / .5, averaged.
    logits = torch.log(torch.tensor([[0.25, 0.75], [0.25, 0.75]]))
    found = generalised_cross_entropy(logits, torch.tensor([0, 1]), 0.5)
    assert found.item() == pytest.approx(((1 - 0.5) + (1 - math.sqrt(0.75))) / 0.5 / 2)


def test_a_small_q_is_cross_entropy() -> None:
    logits, target = torch.randn(9, 4, generator=torch.Generator().manual_seed(0)), torch.arange(9) % 4
    found = generalised_cross_entropy(logits, target, 1e-6)
    assert found.item() == pytest.approx(functional.cross_entropy(logits, target).item(), abs=1e-4)


def test_an_unlikely_label_pulls_less_by_its_probability_to_the_q() -> None:
    target = torch.tensor([0])
    pulls = []
    for loss in (lambda z: generalised_cross_entropy(z, target, 0.7), lambda z: functional.cross_entropy(z, target)):
        logits = torch.log(torch.tensor([[0.01, 0.99]])).requires_grad_()
        loss(logits).backward()
        assert logits.grad is not None
        pulls.append(logits.grad[0, 0].item())
    assert pulls[0] / pulls[1] == pytest.approx(0.01**0.7, rel=1e-4)


def test_weights_of_classes_make_a_weighted_mean_as_those_of_cross_entropy_do() -> None:
    logits, target = torch.randn(6, 2, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 0, 0, 0, 0, 1])
    weight = torch.tensor([0.5, 3.0])
    found = generalised_cross_entropy(logits, target, 1e-6, weight)
    assert found.item() == pytest.approx(functional.cross_entropy(logits, target, weight=weight).item(), abs=1e-4)
