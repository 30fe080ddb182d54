"""Answers by rows equal those of the whole graph."""

import numpy as np
import pytest
import scipy.sparse as sp

from engine.core.cancel import Cancelled, CancelToken
from engine.graph.batch import GraphBatch
from engine.learn import inference
from engine.learn.inference import answers, answers_for
from engine.learn.loaders import full
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


def test_answers_for_some_nodes_are_those_of_the_whole_in_the_order_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether these nodes and whom they hear are cut out, or that would be too much, or the encoder needs everybody."""
    data = planted(90, classes=3)
    rows = np.array([71, 3, 20])
    for kind in ENCODERS:
        model = data.model(3, encoder=kind.key)
        whole = answers(model, data.batch)[rows]
        for large, budget in ((10, 1 << 30), (10, 1), (1000, 1 << 30)):
            monkeypatch.setattr(full, "_LARGE", large)
            monkeypatch.setattr(full, "_WORTH", 2.0)
            found = answers_for(model, data.batch, rows, budget=budget)
            np.testing.assert_allclose(found, whole, rtol=1e-4, atol=1e-5, err_msg=f"{kind.key} {large} {budget}")


def test_few_nodes_of_a_large_graph_are_answered_without_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full, "_LARGE", 10)
    monkeypatch.setattr(inference, "answers", None)
    data = planted(90, classes=3)
    assert answers_for(data.model(3, layers=1), data.batch, np.array([5])).shape == (1, 3)


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
