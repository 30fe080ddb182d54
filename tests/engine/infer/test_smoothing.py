"""Correct and Smooth against its closed form and against small cases worked out by hand."""

import numpy as np
import pytest
import scipy.sparse as sp

from engine.data.splits._base import Split
from engine.infer.ensemble import average
from engine.infer.smoothing import Smoothing, best_smoothing, correct_and_smooth
from engine.learn.baselines.label_spreading import symmetric_operator
from engine.learn.class_task import FittedClasses
from engine.learn.finetuning import Labels
from engine.learn.metrics import softmax
from engine.learn.value_task import FittedValue
from tests.support.relational import relational


def _labels(target: list[int], train: list[int], valid: list[int]) -> Labels:
    task = FittedClasses(
        key="node_class",
        target_name="team",
        class_names=("a", "b"),
        train_counts=(1, 1),
        main_metric="accuracy",
        weighted=False,
    )
    masks = [np.isin(np.arange(len(target)), part) for part in (train, valid)]
    split = Split("part", masks[0], masks[1], ~(masks[0] | masks[1]))
    return Labels(task, np.asarray(target), split)


def _operator(edges: list[tuple[int, int]], nodes: int) -> sp.csr_matrix:
    return symmetric_operator(relational(edges=edges, num_nodes=nodes).graph)


def test_labels_travel_to_the_fixed_point_of_their_equation() -> None:
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (1, 3)]
    operator, labels = _operator(edges, 5), _labels([0, 0, 1, 1, 1], [0, 4], [1])
    shares = np.array([[0.5, 0.5], [0.6, 0.4], [0.5, 0.5], [0.3, 0.7], [0.5, 0.5]])
    start = shares.copy()
    start[0], start[4] = (1.0, 0.0), (0.0, 1.0)
    closed = 0.5 * np.linalg.solve(np.eye(5) - 0.5 * operator.toarray(), start)
    found = correct_and_smooth(operator, shares, labels, Smoothing(0.0, 0.5))
    np.testing.assert_allclose(found, closed / closed.sum(axis=1, keepdims=True), atol=1e-9)


def test_an_error_on_a_train_node_is_taken_off_its_neighbour() -> None:
    # Two nodes, one edge: S swaps them. The error of node 0 is (0.4, -0.4), its size 0.8; whatever arrives at node 1
    # is (+, -) in equal parts and is scaled to a size of 0.8. Without smoothing (α 0) the sum is the answer.
    operator, labels = _operator([(0, 1)], 2), _labels([0, 0], [0], [])
    shares = np.array([[0.6, 0.4], [0.45, 0.55]])
    found = correct_and_smooth(operator, shares, labels, Smoothing(0.8, 0.0))
    np.testing.assert_allclose(found, [[1.0, 0.0], [0.85, 0.15]], atol=1e-9)


def test_a_node_without_neighbours_keeps_its_own_answer() -> None:
    operator, labels = _operator([(0, 1)], 3), _labels([0, 0, 1], [0], [])
    shares = np.array([[0.6, 0.4], [0.5, 0.5], [0.2, 0.8]])
    found = correct_and_smooth(operator, shares, labels, Smoothing(0.8, 0.8))
    np.testing.assert_allclose(found[2], [0.2, 0.8], atol=1e-9)


def test_smoothing_is_used_where_it_wins_on_valid_alone() -> None:
    # Two separate pairs. The model is wrong on valid node 1, whose train neighbour tells the truth.
    operator = _operator([(0, 1), (2, 3)], 4)
    logits = np.log(np.array([[0.6, 0.4], [0.4, 0.6], [0.4, 0.6], [0.6, 0.4]], dtype=np.float32))
    wins = best_smoothing(operator, logits, _labels([0, 0, 1, 1], [0, 2], [1]))
    assert wins.setting is not None
    np.testing.assert_array_equal(wins.logits.argmax(axis=1), [0, 0, 1, 1])
    # The model is right on valid node 1, and the labels around it would mislead.
    loses = best_smoothing(operator, logits, _labels([0, 1, 1, 1], [0, 2], [1]))
    assert loses.setting is None
    assert loses.logits is logits


def test_labels_of_valid_and_test_never_travel() -> None:
    operator = _operator([(0, 1), (1, 2), (2, 3)], 4)
    shares = np.full((4, 2), 0.5)
    setting = Smoothing(0.8, 0.5)
    one = correct_and_smooth(operator, shares, _labels([0, 0, 0, 0], [0], [1]), setting)
    other = correct_and_smooth(operator, shares, _labels([0, 1, 1, 1], [0], [1]), setting)
    np.testing.assert_array_equal(one, other)


def test_values_are_left_as_they_are() -> None:
    task = FittedValue(key="node_value", target_name="age", mean=0.0, scale=1.0, main_metric="rmse")
    masks = np.array([True, False]), np.array([False, True])
    labels = Labels(task, np.array([1.0, 2.0]), Split("part", *masks, np.zeros(2, dtype=bool)))
    logits = np.array([[1.0], [1.5]], dtype=np.float32)
    assert best_smoothing(_operator([(0, 1)], 2), logits, labels).logits is logits


def test_seeds_together_answer_with_the_mean_probability() -> None:
    task = _labels([0, 1], [0], [1]).task
    first, second = (np.log(np.array([row], dtype=np.float32)) for row in ([0.9, 0.1], [0.3, 0.7]))
    np.testing.assert_allclose(softmax(average(task, [first, second])), [[0.6, 0.4]], atol=1e-6)
    assert average(task, [first]) is first


def test_seeds_together_answer_with_the_mean_value() -> None:
    task = FittedValue(key="node_value", target_name="age", mean=10.0, scale=2.0, main_metric="rmse")
    found = average(task, [np.array([[1.0]], np.float32), np.array([[2.0]], np.float32)])
    # 10 + 2 · 1.5
    assert task.decode(found)["predicted"][0] == pytest.approx(13.0)
