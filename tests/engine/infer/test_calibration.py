"""Temperatures, conformal sets and ranges, against values worked out by hand."""

import json
import math

import numpy as np
import pytest

from engine.data.splits._base import Split
from engine.infer.calibration import (
    Calibration,
    calibrate,
    conformal_quantile,
    fit_temperature,
    halves,
    judge,
)
from engine.learn.class_task import FittedClasses
from engine.learn.metrics import expected_calibration_error
from engine.learn.tasks.graph_labels import FittedLabels
from engine.learn.tasks.graph_values import FittedValues
from engine.learn.value_task import FittedValue


def _classes(names: tuple[str, ...]) -> FittedClasses:
    counts = tuple(10 for _ in names)
    return FittedClasses(
        key="node_class",
        target_name="team",
        class_names=names,
        train_counts=counts,
        main_metric="accuracy",
        weighted=False,
    )


def _value() -> FittedValue:
    return FittedValue(key="node_value", target_name="age", mean=0.0, scale=1.0, main_metric="rmse")


def _split(valid: int, test: int) -> Split:
    total = valid + test
    first = np.arange(total) < valid
    return Split("part", np.zeros(total, dtype=bool), first, ~first)


def test_the_calibration_error_is_the_gap_between_confidence_and_accuracy_in_each_bin() -> None:
    # Two bins at most: three items sure to 0.9 of which two are right, one item sure to 0.6 that is wrong.
    shares = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.6, 0.4]])
    target = np.array([0, 0, 0, 1])
    by_hand = 3 / 4 * abs(2 / 3 - 0.9) + 1 / 4 * abs(0 - 0.6)
    assert expected_calibration_error(shares, target) == pytest.approx(by_hand)


def test_a_model_that_is_as_right_as_it_is_sure_has_no_calibration_error() -> None:
    shares = np.tile([0.75, 0.25], (4, 1))
    assert expected_calibration_error(shares, np.array([0, 0, 0, 1])) == pytest.approx(0)


def test_the_temperature_makes_two_equally_sure_classes_as_sure_as_they_are_right() -> None:
    # Logits ±2 and 3 of 4 right: sigmoid(4 / T) must be the smoothed share (n p + 1/2) / (n + 1).
    logits = np.tile(np.array([[2.0, -2.0]], dtype=np.float32), (400, 1))
    codes = np.where(np.arange(400) % 4 == 0, 1, 0)
    share = (300 + 0.5) / 401
    assert fit_temperature(logits, codes) == pytest.approx(4 / math.log(share / (1 - share)), rel=1e-3)


def test_a_half_that_is_all_right_does_not_make_everything_certain() -> None:
    logits = np.tile(np.array([[2.0, -2.0]], dtype=np.float32), (10, 1))
    temperature = fit_temperature(logits, np.zeros(10, dtype=np.int64))
    assert 4 / temperature == pytest.approx(math.log(10.5 / 0.5), rel=1e-3)


def test_the_quantile_is_one_of_the_scores_and_counts_the_new_node() -> None:
    scores = np.arange(1, 20) / 20
    # 19 scores: the 18th of 20 places, ⌈20 · 0.9⌉.
    assert conformal_quantile(scores[::-1], 0.9) == pytest.approx(0.9)
    assert conformal_quantile(np.arange(1.0, 10.0), 0.9) == 9.0
    assert conformal_quantile(np.arange(1.0, 9.0), 0.9) is None


def test_halves_are_disjoint_complete_and_stratified() -> None:
    codes = np.array([0] * 30 + [1] * 11 + [2] * 5)
    first, second = halves(codes)
    assert sorted([*first, *second]) == list(range(46))
    for code in range(3):
        assert abs((codes[first] == code).sum() - (codes[second] == code).sum()) <= 1
    again, _ = halves(codes)
    np.testing.assert_array_equal(first, again)


def test_a_set_names_every_class_above_the_line_and_never_none() -> None:
    task = _classes(("a", "b", "c"))
    shares = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.34, 0.33, 0.33]])
    found = Calibration(0.9, quantile=0.72).columns(task, np.log(shares).astype(np.float32))
    # A class needs 0.28 or more.
    assert list(found["set_team"]) == ["a | b", "c", "a | b | c"]
    strict = Calibration(0.9, quantile=0.1).columns(task, np.log(shares).astype(np.float32))
    assert list(strict["set_team"]) == ["a", "c", "a"]


def test_the_predicted_class_is_the_same_at_every_temperature() -> None:
    logits = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    for temperature in (0.05, 0.7, 20.0):
        scaled = Calibration(0.9, temperature=temperature).logits(logits)
        np.testing.assert_array_equal(scaled.argmax(axis=1), logits.argmax(axis=1))


def test_sets_hold_the_true_class_as_often_as_was_asked_for() -> None:
    # Nodes whose class is drawn from the very probabilities that the model states.
    draw = np.random.default_rng(1)
    shares = draw.dirichlet([0.4, 0.4, 0.4], size=6000)
    target = np.array([draw.choice(3, p=row) for row in shares])
    logits = (2 * np.log(np.maximum(shares, 1e-12))).astype(np.float32)
    split = _split(2000, 4000)
    task = _classes(("a", "b", "c"))
    found = calibrate(task, logits, target, split, 0.9)
    assert found.temperature == pytest.approx(2.0, rel=0.1)
    judged = judge(found, task, logits, target, split)
    # Two standard errors of 1000 scores and 4000 nodes: 2 · sqrt(0.09 / 1000 + 0.09 / 4000).
    assert judged["coverage"] == pytest.approx(0.9, abs=0.0213)
    assert judged["ece_after"] < judged["ece_before"]
    assert "hold the true one for" in judged["sentence"]


def test_test_labels_change_nothing_that_is_fitted() -> None:
    draw = np.random.default_rng(2)
    logits = draw.normal(size=(100, 2)).astype(np.float32)
    target = draw.integers(0, 2, 100)
    split, task = _split(60, 40), _classes(("a", "b"))
    other = np.where(split.test, 1 - target, target)
    assert calibrate(task, logits, target, split, 0.9) == calibrate(task, logits, other, split, 0.9)


def test_too_few_valid_labels_leave_the_confidence_alone_and_say_so() -> None:
    task, split = _classes(("a", "b")), _split(19, 5)
    logits = np.zeros((24, 2), dtype=np.float32)
    found = calibrate(task, logits, np.zeros(24, dtype=np.int64), split, 0.9)
    assert (found.temperature, found.quantile) == (1.0, None)
    assert found.columns(task, logits) == {}
    judged = judge(found, task, logits, np.zeros(24, dtype=np.int64), split)
    assert judged["sentence"] == ("No sets of possible classes: valid has 19 labelled nodes, and 20 are needed.")


def test_a_high_coverage_needs_more_labels_than_there_are() -> None:
    task, split = _classes(("a", "b")), _split(40, 4)
    found = calibrate(task, np.zeros((44, 2), np.float32), np.arange(44) % 2, split, 0.99)
    assert found.quantile is None
    assert found.reason == "20 labelled nodes are left for them, and 99 are needed at 99 %"


def test_ranges_reach_as_far_as_nine_in_ten_errors_on_valid() -> None:
    # Errors 1 to 29 on valid: the 27th of 30 places, ⌈30 · 0.9⌉.
    split, task = _split(29, 4), _value()
    logits = np.zeros((33, 1), dtype=np.float32)
    target = np.array([*range(1, 30), 5.0, -27.0, 27.5, 2.0])
    found = calibrate(task, logits, target, split, 0.9)
    assert found.quantile == pytest.approx(27.0)
    columns = found.columns(task, logits)
    assert (columns["low_age"][0], columns["high_age"][0]) == (-27.0, 27.0)
    judged = judge(found, task, logits, target, split)
    assert (judged["coverage"], judged["width"]) == (0.75, 54.0)


def test_each_of_several_columns_gets_the_range_of_its_own_errors_in_its_own_unit() -> None:
    # Column a errs by 1 to 29 on valid: the 27th of 30 places, ⌈30 · 0.9⌉. Of column b the ten largest errors belong
    # to items whose value is unknown; of 19 the 18th counts, ten times as much as in the model's own unit.
    split = _split(29, 4)
    task = FittedValues(("a", "b"), (0.0, 100.0), (1.0, 10.0), (".", "."), "rmse")
    logits = np.zeros((33, 2), dtype=np.float32)
    logits[:, 1] = 1.0
    a = np.array([*range(1, 30), 5.0, -27.0, 27.5, 2.0])
    b = np.array([*(110.0 + k for k in range(1, 20)), *[np.nan] * 10, 110.0, 129.0, np.nan, 128.0])
    few = calibrate(task, logits, np.stack([a, b], axis=1), split, 0.9)
    assert [one.quantile for one in few.each] == [27.0, None]
    assert list(few.columns(task, logits)) == ["low_a", "high_a"]
    told = judge(few, task, logits, np.stack([a, b], axis=1), split)
    assert told["sentence"].endswith('No ranges for "b": valid has 19 labelled graphs, and 20 are needed.')
    b[19] = 90.0
    target = np.stack([a, b], axis=1)
    found = calibrate(task, logits, target, split, 0.9)
    # ⌈21 · 0.9⌉: the 19th of 1 to 19 and 20.
    assert [one.quantile for one in found.each] == pytest.approx([27.0, 19.0])
    columns = {name: values[0] for name, values in found.columns(task, logits).items()}
    assert columns == pytest.approx({"low_a": -27.0, "high_a": 27.0, "low_b": 91.0, "high_b": 129.0})
    judged = judge(found, task, logits, target, split)
    assert [one["coverage"] for one in judged["targets"]] == [0.75, 1.0]
    assert judged["coverage"] == 0.875
    assert 'least often that of "a" (75.0 %)' in judged["sentence"]
    assert Calibration.from_plain(json.loads(json.dumps(found.to_plain()))) == found


def test_a_task_of_several_columns_that_names_one_gets_its_range_too() -> None:
    split, task = _split(29, 4), FittedValues(("a",), (0.0,), (1.0,), (".",), "rmse")
    target = np.array([*range(1, 30), 5.0, -27.0, 27.5, 2.0])[:, None]
    found = calibrate(task, np.zeros((33, 1), np.float32), target, split, 0.9)
    assert found.columns(task, np.zeros((1, 1), np.float32)) == {"low_a": [-27.0], "high_a": [27.0]}


@pytest.mark.parametrize("names", [("a",), ("a", "b")])
def test_columns_of_yes_and_no_have_no_sets_and_say_why(names: tuple[str, ...]) -> None:
    split, task = _split(29, 4), FittedLabels(names, (("0", "1"),) * len(names), "roc_auc")
    logits = np.zeros((33, len(names)), np.float32)
    target = np.ones_like(logits, dtype=np.float64)
    found = calibrate(task, logits, target, split, 0.9)
    assert found.columns(task, logits) == {}
    assert "single column of classes" in judge(found, task, logits, target, split)["sentence"]


def test_a_stored_calibration_comes_back_as_it_was() -> None:
    found = Calibration(0.8, 1.7, 0.25, 30, "")
    assert Calibration.from_plain(found.to_plain()) == found


def test_graphs_are_called_graphs_and_their_ranges_hold_as_often_as_asked_for() -> None:
    draw, split = np.random.default_rng(3), _split(500, 2000)
    task = FittedValue(key="graph_value", target_name="y", mean=0.0, scale=1.0, main_metric="rmse")
    target = draw.normal(size=2500)
    logits = task.to_logits(target + draw.normal(size=2500))
    found = calibrate(task, logits, target, split, 0.9)
    # Of a standard normal error, nine in ten are below 1.645.
    assert found.quantile == pytest.approx(1.645, abs=0.15)
    judged = judge(found, task, logits, target, split)
    assert judged["coverage"] == pytest.approx(0.9, abs=0.04)
    assert "of the test graphs" in judged["sentence"]
    few = calibrate(task, logits[:505], target[:505], _split(5, 500), 0.9)
    assert few.reason == "valid has 5 labelled graphs, and 20 are needed"
