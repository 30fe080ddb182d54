"""Random-propagation consistency: the loss as written out, and that it draws from its own generator."""

import numpy as np
import pytest
import torch

from engine.learn.terms.consistency import Consistency
from tests.engine.learn.planted import planted


def _term(**options) -> Consistency:
    return Consistency(Consistency.parse(options, "beside"))


def _loss(term: Consistency, *, seed: int = 0, values=None, type: str = "node_class"):
    data = planted(30)
    labels = data.labels(values, type)
    model = data.model(labels.task.width, encoder="appnp", width=8, steps=2).eval()
    draw = torch.Generator().manual_seed(seed)
    parts = term.prepare(model, data.batch, labels, draw)
    return term.loss(model, parts, data.batch, labels, model(data.batch), draw), model, data, labels


def test_the_loss_is_that_of_the_samples_and_their_distance_from_the_sharpened_mean():
    found, model, data, labels = _loss(_term(samples=3, silent=0.25, sharpen=0.5, weight=2.0))
    draw = torch.Generator().manual_seed(0)
    logits = []
    for _ in range(3):
        # Kept with three chances in four, and then counted four thirds.
        kept = (torch.rand(30, generator=draw) >= 0.25).float() * (4 / 3)
        logits.append(model(data.batch.with_x(data.batch.x * kept[:, None])))
    rows = torch.from_numpy(labels.rows("train"))
    target = labels.task.tensor(labels.target, torch.device("cpu"))[rows]
    supervised = sum(torch.nn.functional.cross_entropy(one[rows], target) for one in logits) / 3
    answers = [one.softmax(dim=1) for one in logits]
    squared = (sum(answers) / 3) ** 2
    sharp = squared / squared.sum(dim=1, keepdim=True)
    apart = sum(((one - sharp) ** 2).sum(dim=1).mean() for one in answers) / 3
    torch.testing.assert_close(found["consistency"], apart)
    torch.testing.assert_close(found["loss"], supervised + 2.0 * apart)


def test_the_sharpened_mean_gives_no_gradient_of_its_own():
    # Two answers p and q of one class each: only the answers move, towards what their mean says.
    answers = [torch.tensor([[1.0, 0.0]], requires_grad=True), torch.tensor([[0.0, 0.0]])]
    term = _term(samples=2, sharpen=1.0)
    term._apart(answers, is_class=True).backward()
    p = torch.tensor([[1.0, 0.0]], requires_grad=True)
    mean = (p.softmax(dim=1) + torch.tensor([[0.5, 0.5]])).detach() / 2
    ((p.softmax(dim=1) - mean).square().sum() / 2).backward()
    torch.testing.assert_close(answers[0].grad, p.grad)


def test_numbers_are_held_to_their_mean():
    values = [f"{k % 5}.5" for k in range(30)]
    found, *_ = _loss(_term(samples=2), values=np.asarray(values, dtype=object), type="node_value")
    assert torch.isfinite(found["loss"])
    term = _term(samples=2)
    assert term._apart([torch.tensor([[1.0]]), torch.tensor([[3.0]])], is_class=False).item() == pytest.approx(1.0)


def test_the_same_generator_gives_the_same_loss_whatever_torch_has_drawn():
    first = _loss(_term())[0]["loss"]
    torch.manual_seed(99)
    assert torch.equal(_loss(_term())[0]["loss"], first)
    assert not torch.equal(_loss(_term(), seed=1)[0]["loss"], first)
