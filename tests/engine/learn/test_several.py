"""Several targets at once: what is unknown counts nowhere, and each column is what it would be alone."""

import json

import numpy as np
import pytest
import torch
from torch.nn import functional

from engine.core.errors import RoleError
from engine.data.splits._base import Split
from engine.learn.baselines import BASELINES
from engine.learn.baselines._base import Evidence
from engine.learn.finetuning import Labels
from engine.learn.probe import linear_probe
from engine.learn.tasks import TASKS, fitted_from_plain
from engine.learn.tasks._base import FittedTask
from tests.engine.learn.planted import planted

CELLS = np.array([["1", "no"], ["0", "yes"], [None, "no"], ["1", None], ["0", "yes"], [None, None]], dtype=object)
NUMBERS = np.array([["1", "10"], ["3", None], ["5", "30"], [None, "20"], ["x", "20"]], dtype=object)


def _fit(key: str, cells: np.ndarray, **options: object) -> FittedTask:
    kind = TASKS.get(key)
    everything = np.ones(len(cells), bool)
    task = kind(kind.parse({"targets": ("a", "b"), **options}))
    return task.fit(cells, Split("all", everything, ~everything, ~everything))


def test_labels_are_coded_with_yes_as_one_and_empty_cells_as_unknown() -> None:
    task = _fit("graph_labels", CELLS)
    target = task.encode(CELLS)
    assert np.array_equal(target[:5], [[1, 0], [0, 1], [np.nan, 0], [1, np.nan], [0, 1]], equal_nan=True)
    assert task.known(target).tolist() == [True] * 5 + [False]
    kind = TASKS.get("graph_labels")
    draft = kind(kind.parse({"targets": ("a", "b")})).draft(CELLS)
    assert np.array_equal(draft, [0, 0, 0, 0, 0, np.nan], equal_nan=True)
    assert task.prior(target).tolist() == [0.5, 0.5]


def test_the_loss_of_labels_is_the_mean_over_known_cells() -> None:
    task = _fit("graph_labels", CELLS)
    logits = torch.tensor([[2.0, -1.0], [0.5, 3.0], [9.0, 0.0], [1.0, -9.0]], requires_grad=True)
    target = task.tensor(task.encode(CELLS)[:4], torch.device("cpu"))
    loss = task.loss(logits, target)
    alone = [(2.0, 1.0), (-1.0, 0.0), (0.5, 0.0), (3.0, 1.0), (0.0, 0.0), (1.0, 1.0)]
    known, truth = (torch.tensor(side) for side in zip(*alone, strict=True))
    assert loss.item() == pytest.approx(functional.binary_cross_entropy_with_logits(known, truth).item())
    loss.backward()
    assert logits.grad is not None
    assert logits.grad[2, 0] == 0
    assert logits.grad[3, 1] == 0


def test_scores_of_labels_are_means_over_columns_where_both_classes_are_known() -> None:
    task = _fit("graph_labels", CELLS)
    target = np.array([[1.0, 1.0], [0.0, 1.0], [1.0, np.nan], [0.0, 1.0]])
    logits = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.9], [0.1, 0.3]], np.float32)
    # Column a: of four pairs (yes, no) three are in order; column b has no "no".
    assert task.scores(logits, target)["roc_auc"] == pytest.approx(0.75)
    # Ranked: yes, no, yes, no: (1/1 + 2/3) / 2.
    assert task.scores(logits, target)["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    report = task.report(logits, target)
    assert [row["support"] for row in report["targets"]] == [4, 3]
    assert report["targets"][1]["roc_auc"] is None
    json.dumps(report, allow_nan=False)


def test_labels_decode_to_words_and_probabilities() -> None:
    task = _fit("graph_labels", CELLS)
    table = task.decode(task.to_logits(np.array([[0.9, 0.2]])))
    assert list(table.columns) == ["predicted_a", "p_a", "predicted_b", "p_b"]
    assert table.iloc[0].tolist() == ["1", pytest.approx(0.9), "no", pytest.approx(0.2)]


def test_a_column_of_more_than_two_classes_is_refused() -> None:
    cells = CELLS.copy()
    cells[0, 1] = "maybe"
    with pytest.raises(RoleError, match='"b" holds 3 different values'):
        _fit("graph_labels", cells)


def test_values_are_scaled_column_by_column_and_come_back_in_their_own_unit() -> None:
    task = _fit("graph_values", NUMBERS)
    plain = task.to_plain()
    assert plain["means"] == [3.0, 20.0]
    assert plain["scales"] == pytest.approx([(8 / 3) ** 0.5, 50**0.5])
    table = task.decode(np.array([[0.0, 1.0]], np.float32))
    assert table.iloc[0].tolist() == pytest.approx([3.0, 20 + 50**0.5])
    assert task.to_logits(np.array([[3.0, 20 + 50**0.5]])).tolist() == [[0.0, pytest.approx(1.0)]]


def test_errors_of_values_are_means_in_units_of_the_columns_own_spread() -> None:
    task = _fit("graph_values", NUMBERS)
    target = task.encode(NUMBERS)
    # All predictions are the mean: off by one standard deviation in each column, as both are from the same items.
    zeros = np.zeros((5, 2), np.float32)
    assert task.scores(zeros, target)["rmse"] == pytest.approx(1.0)
    report = task.report(zeros, target)
    assert report["targets"][1]["rmse"] == pytest.approx(50**0.5)
    assert [row["support"] for row in report["targets"]] == [3, 4]
    loss = task.loss(torch.from_numpy(zeros), task.tensor(target, torch.device("cpu")))
    # Three cells with 0, 1.5 and 1.5; four with 2, 2, 0 and 0: of their own variances.
    assert loss.item() == pytest.approx((0 + 1.5 + 1.5 + 2 + 2 + 0 + 0) / 7, rel=1e-5)


@pytest.mark.parametrize(("key", "cells"), [("graph_labels", CELLS), ("graph_values", NUMBERS)])
def test_a_task_of_several_columns_survives_its_way_through_json(key: str, cells: np.ndarray) -> None:
    task = _fit(key, cells)
    again = fitted_from_plain(json.loads(json.dumps(task.to_plain(), allow_nan=False)))
    assert again.to_plain() == task.to_plain()
    logits = np.random.default_rng(0).normal(size=(len(cells), 2)).astype(np.float32)
    assert again.scores(logits, task.encode(cells)) == task.scores(logits, task.encode(cells))
    assert task.to_logits(task.estimate(logits)) == pytest.approx(logits, rel=1e-3)


@pytest.mark.parametrize("floor", ["majority", "features_only"])
@pytest.mark.parametrize("key", ["graph_labels", "graph_values"])
def test_floors_and_probe_answer_for_several_columns_some_of_them_unknown(floor: str, key: str) -> None:
    data = planted(150, classes=2, signal=2.0)
    draw = np.random.default_rng(0)
    codes = np.arange(150) % 2
    words = np.array(["0", "1"], dtype=object)
    cells = np.stack([words[codes], words[1 - codes]], axis=1)
    cells[draw.random(cells.shape) < 0.2] = None
    kind = TASKS.get(key)
    task = kind(kind.parse({"targets": ("a", "b")})).fit(cells, data.split)
    labels = Labels(task, task.encode(cells), data.split)
    found = BASELINES.get(floor)(BASELINES.get(floor).parse({})).score(Evidence(data.graph, data.x), labels, seed=0)
    probed = linear_probe(data.x, labels, seed=0)
    if key == "graph_labels" and floor == "features_only":
        assert found.test["roc_auc"] > 0.8
        assert probed.test["roc_auc"] > 0.8
    elif floor == "features_only":
        assert found.test["rmse"] < 0.8
        assert probed.test["rmse"] < 0.8
    json.dumps(found.to_plain(), allow_nan=False)
