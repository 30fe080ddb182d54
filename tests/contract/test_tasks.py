"""What every task promises, and what each of them is known for."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from engine.core.errors import RoleError
from engine.core.events import Event, Notice
from engine.data.splits._base import Split
from engine.learn.tasks import TASKS, fitted_from_plain
from engine.learn.tasks._base import FittedTask

# Cells that every task understands: numbers, two of which repeat; one is empty.
CELLS = np.array(["3", "1", "3", "10", None, "1", "10", "3", "1", "10", "1", "3"], dtype=object)
ROWS = np.arange(12)
SPLIT = Split("column", ROWS < 6, (ROWS >= 6) & (ROWS < 9), ROWS >= 9)


def _fit(key: str, values: np.ndarray = CELLS, split: Split = SPLIT, **options: object) -> FittedTask:
    kind = TASKS.get(key)
    return kind(kind.parse({"target": "y", **options})).fit(values, split)


def _class(values: list[str | None], train: int, **options: object) -> tuple[FittedTask, list[Event]]:
    rows = np.arange(len(values))
    split = Split("column", rows < train, rows < 0, rows >= train)
    events: list[Event] = []
    kind = TASKS.get("node_class")
    task = kind(kind.parse({"target": "y", **options}))
    return task.fit(np.array(values, dtype=object), split, sink=events.append), events


# Writing has a likelihood in place of a choice of metrics, several targets have cells of their own: each has tests
# beside these (test_generate, test_several).
DECIDING = [task.key for task in TASKS if {"target", "metric"} <= set(task.Config.model_fields)]


@pytest.fixture(params=DECIDING)
def key(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_no_task_is_broken() -> None:
    assert TASKS.keys()
    assert not TASKS.broken


def test_a_task_survives_its_way_through_json(key: str) -> None:
    task = _fit(key)
    again = fitted_from_plain(json.loads(json.dumps(task.to_plain(), allow_nan=False)))
    logits = np.random.default_rng(0).normal(size=(12, task.width)).astype(np.float32)
    target = task.encode(CELLS)
    assert again.to_plain() == task.to_plain()
    assert (again.width, again.main_metric, again.maximise, again.kind) == (
        task.width,
        task.main_metric,
        task.maximise,
        task.kind,
    )
    pd.testing.assert_frame_equal(again.decode(logits), task.decode(logits))
    assert again.scores(logits, target) == task.scores(logits, target)


def test_an_empty_cell_is_unknown_and_never_zero(key: str) -> None:
    task = _fit(key)
    target = task.encode(CELLS)
    assert task.known(target).tolist() == [cell is not None for cell in CELLS]
    assert target[4] != 0


def test_unknown_targets_change_no_score(key: str) -> None:
    task = _fit(key)
    target = task.encode(CELLS)
    logits = np.random.default_rng(0).normal(size=(12, task.width)).astype(np.float32)
    known = task.known(target)
    assert task.scores(logits, target) == task.scores(logits[known], target[known])
    assert task.report(logits, target)["support"] == 11


def test_the_main_score_is_the_one_among_the_scores(key: str) -> None:
    schema = TASKS.get(key).Config.model_json_schema()["properties"]["metric"]["enum"]
    logits = np.random.default_rng(1).normal(size=(12, 3)).astype(np.float32)
    for metric in schema:
        task = _fit(key, metric=metric)
        target = task.encode(CELLS)
        known = task.known(target)
        own = logits[:, : task.width]
        quick = task.main_score(torch.from_numpy(own[known]), torch.from_numpy(target[known]))
        assert quick == pytest.approx(task.scores(own, target)[task.main_metric], rel=1e-5)


def test_the_loss_is_smaller_for_the_right_answer_and_has_a_gradient(key: str) -> None:
    task = _fit(key)
    target = task.encode(CELLS)
    known = task.known(target)
    wanted = task.tensor(target[known], torch.device("cpu"))
    estimate = target[known] if task.kind == "regression" else np.eye(task.width)[target[known]]
    right = torch.from_numpy(task.to_logits(estimate)).requires_grad_()
    wrong = torch.from_numpy(task.to_logits(np.roll(estimate, 1, axis=0)))
    loss = task.loss(right, wanted)
    assert loss < task.loss(wrong, wanted)
    loss.backward()
    assert right.grad is not None


def test_an_estimate_decodes_to_itself(key: str) -> None:
    task = _fit(key)
    if task.kind == "regression":
        assert task.decode(task.to_logits(np.array([2.5, -7.0])))["predicted"].tolist() == pytest.approx([2.5, -7.0])
    else:
        table = task.decode(task.to_logits(np.array([[0.2, 0.7, 0.1]])))
        assert table.columns.tolist() == ["predicted", "confidence", "p_1", "p_3", "p_10"]
        assert table.iloc[0].tolist() == ["3", pytest.approx(0.7), *map(pytest.approx, [0.2, 0.7, 0.1])]


def test_the_report_is_json(key: str) -> None:
    task = _fit(key)
    logits = np.zeros((12, task.width), dtype=np.float32)
    json.dumps(task.report(logits, task.encode(CELLS)), allow_nan=False)


def test_a_train_part_without_targets_is_refused(key: str) -> None:
    empty = np.array([None] * 12, dtype=object)
    with pytest.raises(RoleError):
        _fit(key, empty)
    with pytest.raises(RoleError):
        _fit(key, CELLS, Split("column", ROWS == 4, ROWS < 4, ROWS > 4))


def test_a_draft_needs_a_usable_cell(key: str) -> None:
    kind = TASKS.get(key)
    with pytest.raises(RoleError, match="y"):
        kind(kind.parse({"target": "y"})).draft(np.array([None, " "], dtype=object))


def test_class_names_come_from_train_alone_and_foreign_ones_are_named() -> None:
    task, events = _class(["a", "b", "a", "b", "c", "c", "d", None], train=4)
    assert task.class_names == ("a", "b")
    assert task.encode(np.array(["a", "b", "c", None], dtype=object)).tolist() == [0, 1, -1, -1]
    assert [e.code for e in events if isinstance(e, Notice)] == ["task.class_outside_train"]
    assert events[0].details == {"classes": ["c", "d"], "items": 3, "target": "y"}


def test_a_draft_codes_every_class_for_splitting() -> None:
    kind = TASKS.get("node_class")
    draft = kind(kind.parse({"target": "y"})).draft(np.array(["b", None, "a", "c", " b "], dtype=object))
    assert draft.tolist() == [1, -1, 0, 2, 1]


@pytest.mark.parametrize(
    ("counts", "metric"),
    [((5, 5), "accuracy"), ((4, 6), "accuracy"), ((3, 7), "roc_auc"), ((1, 9), "roc_auc")],
)
def test_two_unbalanced_classes_are_scored_by_roc_auc(counts: tuple[int, int], metric: str) -> None:
    cells: list[str | None] = ["yes"] * counts[0] + ["no"] * counts[1]
    assert _class(cells, train=10)[0].main_metric == metric


def test_three_unbalanced_classes_are_scored_by_accuracy() -> None:
    assert _class(["a"] * 8 + ["b", "c"], train=10)[0].main_metric == "accuracy"


def test_average_precision_is_that_of_the_rarer_class() -> None:
    # The rarer class is "a"; ranked by its probability the truth reads a, b, a: (1/1 + 2/3) / 2.
    task, _ = _class(["a", "b", "b"], train=3, metric="average_precision")
    logits = np.log(np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7]], dtype=np.float32))
    scores = task.scores(logits, np.array([0, 1, 0]))
    assert scores["average_precision"] == pytest.approx((1 + 2 / 3) / 2)


def test_balanced_weights_let_each_class_count_the_same() -> None:
    # Weights 4/(2·3) and 4/(2·1); torch divides by the sum of weights, so both classes hold half of the loss.
    task, _ = _class(["a", "a", "a", "b"], train=4, class_weights="balanced")
    logits = torch.log(torch.tensor([[0.8, 0.2]] * 4))
    expected = -(np.log(0.8) + np.log(0.2)) / 2
    assert task.loss(logits, torch.tensor([0, 0, 0, 1])).item() == pytest.approx(expected, rel=1e-5)


def test_an_undefined_metric_is_left_out() -> None:
    task, _ = _class(["a", "b", "b"], train=3)
    scores = task.scores(np.zeros((2, 2), dtype=np.float32), np.array([1, 1]))
    assert "roc_auc" not in scores
    assert scores["accuracy"] == 0.0


def test_the_confusion_matrix_has_truth_in_rows() -> None:
    task, _ = _class(["a", "b", "b"], train=3)
    logits = np.array([[0, 1], [0, 1], [1, 0]], dtype=np.float32)
    report = task.report(logits, np.array([0, 1, 1]))
    assert report["confusion"] == {"labels": ["a", "b"], "matrix": [[0, 1], [1, 1]]}
    assert report["classes"][1] == {"class": "b", "precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}


def test_numbers_are_scaled_by_train_alone() -> None:
    # Train 3, 1, 3, 10, 1 (one is empty): mean 3.6, variance (9 + 1 + 9 + 100 + 1) / 5 - 3.6² = 11.04.
    task = _fit("node_value")
    assert task.to_plain()["mean"] == pytest.approx(3.6)
    assert task.to_plain()["scale"] == pytest.approx(11.04**0.5)
    loss = task.loss(torch.zeros(1, 1), torch.tensor([3.6 + 11.04**0.5]))
    assert loss.item() == pytest.approx(1.0, rel=1e-5)


def test_a_target_that_does_not_vary_keeps_its_unit() -> None:
    task = _fit("node_value", np.array(["5"] * 12, dtype=object))
    assert task.decode(np.zeros((1, 1), dtype=np.float32))["predicted"].tolist() == [5.0]
    assert "r2" not in task.scores(np.zeros((3, 1), dtype=np.float32), np.array([5.0, 5.0, 5.0]))


def test_words_among_numbers_are_unknown_and_counted() -> None:
    events: list[Event] = []
    kind = TASKS.get("node_value")
    cells = np.array(["1.5", "n/a", "2", "inf", "-3e2", "tall"], dtype=object)
    split = Split("all", np.ones(6, bool), np.zeros(6, bool), np.zeros(6, bool))
    task = kind(kind.parse({"target": "y"})).fit(cells, split, sink=events.append)
    assert np.isnan(task.encode(cells)).tolist() == [False, True, False, True, False, True]
    # "n/a" says that nothing is known; "inf" and "tall" were meant to say something.
    assert [e.details["cells"] for e in events if isinstance(e, Notice)] == [2]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,5", "2,5", "3"], [1.5, 2.5, 3.0]),
        (["0,125", "0,250", "1,375"], [0.125, 0.25, 1.375]),
        (["1,000", "2,000", "3"], [None, None, 3.0]),  # thousands: not a number rather than the wrong one
        (["1,5", "2.5", "3"], [None, 2.5, 3.0]),
    ],
)
def test_a_decimal_comma_is_understood_where_it_can_be_nothing_else(
    cells: list[str], numbers: list[float | None]
) -> None:
    values = np.array(cells * 4, dtype=object)
    kind = TASKS.get("node_value")
    read = kind(kind.parse({"target": "y"})).draft(values)[:3]
    assert [None if np.isnan(value) else value for value in read] == numbers


def test_a_saved_task_keeps_reading_decimals_as_it_learnt_to() -> None:
    task = _fit("node_value", np.array(["1,5", "2,5", "3"] * 4, dtype=object))
    again = fitted_from_plain(json.loads(json.dumps(task.to_plain())))
    assert again.encode(np.array(["0,25", "4"], dtype=object)).tolist() == [0.25, 4.0]
