"""Answers by rows equal those of the whole graph."""

import numpy as np
import pytest
import scipy.sparse as sp

from engine.core.cancel import Cancelled, CancelToken
from engine.graph.batch import GraphBatch
from engine.learn import inference
from engine.learn.inference import answers
from engine.nn.encoders import ENCODERS
from tests.engine.learn.planted import planted

_CASES = [
    ("gcn", {"layers": 3, "width": 8, "norm": "layer", "skip": True}),
    ("gcn", {"layers": 2, "width": 8, "head": "linear", "norm": "batch"}),
    ("mlp", {}),
    ("sgc", {"steps": 2}),
    ("sign", {"steps": 2}),
]


@pytest.mark.parametrize(("encoder", "options"), _CASES)
@pytest.mark.parametrize("sparse", [False, True])
def test_logits_and_vectors_by_rows_are_those_of_the_whole(
    encoder: str, options: dict[str, object], sparse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "_LEAST_ROWS", 7)
    data = planted(90, classes=3)
    batch = GraphBatch.from_graph(data.graph, sp.csr_matrix(data.x)) if sparse else data.batch
    model = data.model(3, encoder=encoder, **options)
    for module in (model, model.encoder):
        whole = answers(module, batch)
        assert len(whole) == 90
        np.testing.assert_allclose(answers(module, batch, budget=2000), whole, rtol=1e-4, atol=1e-5)


def test_every_encoder_answers_alike_under_a_small_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "_LEAST_ROWS", 16)
    data = planted(90, classes=3)
    for kind in ENCODERS:
        model = data.model(3, encoder=kind.key)
        np.testing.assert_allclose(
            answers(model, data.batch, budget=1), answers(model, data.batch), rtol=1e-4, atol=1e-5, err_msg=kind.key
        )


def test_a_table_larger_than_half_of_the_budget_lies_in_a_file() -> None:
    table = inference._table(100, 10, 1000)
    table[:] = 3.0
    assert float(table.sum()) == 3000.0


def test_one_part_after_the_other_is_the_forward_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    data = planted(60, classes=2)
    for kind in ENCODERS:
        model = data.model(2, encoder=kind.key)
        whole = answers(model, data.batch)
        with monkeypatch.context() as patch:
            patch.setattr(inference, "_MANY", 10)
            np.testing.assert_allclose(answers(model, data.batch), whole, rtol=1e-4, atol=1e-5, err_msg=kind.key)


def test_cancel_ends_the_work_between_two_parts() -> None:
    data = planted(60, classes=2)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        answers(data.model(2), data.batch, budget=1, cancel=token)
