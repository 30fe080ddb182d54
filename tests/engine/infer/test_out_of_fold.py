"""Out-of-fold predictions: every item by the models that did not see it, and by no other."""

import numpy as np
import pytest

from engine.data.splits._base import Split
from engine.infer.out_of_fold import Answer, out_of_fold
from engine.learn.class_task import FittedClasses
from engine.learn.value_task import FittedValue

# Six items: the first five have a fold each of three, the last has no known target.
FOLDS = np.array([1, 2, 3, 1, 2, 0])


def _split(fold: int, valid: int) -> Split:
    test = fold == FOLDS
    chosen = np.arange(6) == valid
    return Split(f"fold-{fold}", (FOLDS > 0) & ~test & ~chosen, chosen, test)


def _value(mean: float) -> FittedValue:
    return FittedValue(key="graph_value", target_name="y", mean=mean, scale=2.0, main_metric="rmse")


def _classes(*names: str) -> FittedClasses:
    counts = tuple(5 for _ in names)
    facts = {"class_names": names, "train_counts": counts, "main_metric": "accuracy", "weighted": False}
    return FittedClasses(key="graph_class", target_name="y", **facts)


def test_each_item_is_predicted_by_the_model_whose_fold_it_is_in() -> None:
    # Each model says its own number, in its own scale.
    answers = []
    for fold, valid in ((1, 1), (2, 0), (3, 0)):
        task = _value(mean=100.0 * fold)
        answers.append(Answer(task, _split(fold, valid), task.to_logits(np.full(6, 10.0 * fold + np.arange(6)))))
    found = out_of_fold(answers, answers[0].task)
    columns = found.columns()
    assert list(columns) == ["out_of_fold_predicted_y", "out_of_fold_split"]
    # The last item was seen by none: the mean of 15, 25 and 35.
    assert columns["out_of_fold_predicted_y"] == pytest.approx([10, 21, 32, 13, 24, 25])
    assert columns["out_of_fold_split"].tolist() == ["fold-1", "fold-2", "fold-3", "fold-1", "fold-2", ""]
    told = found.judge(np.array([10.0, 21.0, 32.0, 13.0, 27.0, np.nan]))
    assert (told["items"], told["of"]) == (5, 5)
    # One error of 3 in five.
    assert told["scores"]["rmse"] == pytest.approx(3 / 5**0.5, rel=1e-4)
    assert told["sentence"].startswith("Out of fold, 5 of 5 are predicted by a model that did not see them. Over")


def test_an_item_that_every_model_has_seen_has_no_prediction() -> None:
    always, tested = np.arange(6) == 0, [np.arange(6) == 1, np.arange(6) >= 2]
    none = np.zeros(6, bool)
    task = _classes("no", "yes")
    logits = np.tile(np.array([[0.0, 3.0]], np.float32), (6, 1))
    splits = [
        Split("fold-1", always | tested[1], none, tested[0]),
        Split("fold-2", always | tested[0], none, tested[1]),
    ]
    found = out_of_fold([Answer(task, split, logits) for split in splits], task)
    columns = found.columns()
    assert columns["out_of_fold_predicted_y"].tolist() == [None, *["yes"] * 5]
    assert np.isnan(columns["out_of_fold_confidence"][0])
    assert columns["out_of_fold_confidence"][1:] == pytest.approx(np.full(5, 1 / (1 + np.exp(-3.0))), rel=1e-5)
    told = found.judge(np.ones(6, np.int64))
    assert (told["items"], told["of"], told["scores"]["accuracy"]) == (5, 6, 1.0)


def test_seeds_that_judge_the_same_item_answer_with_their_mean_and_name_each_fold_once() -> None:
    task = _value(mean=0.0)
    said = {(1, 1): 4.0, (1, 4): 6.0}
    answers = [Answer(task, _split(*facts), task.to_logits(np.full(6, value))) for facts, value in said.items()]
    columns = out_of_fold(answers, task).columns()
    assert columns["out_of_fold_predicted_y"][0] == pytest.approx(5.0)
    assert columns["out_of_fold_split"][0] == "fold-1"
    # The second chose one model and trained the other; the fifth likewise.
    assert np.isnan(columns["out_of_fold_predicted_y"][[1, 2, 4]]).all()


def test_a_class_that_one_fold_does_not_know_keeps_its_place() -> None:
    base, other = _classes("a", "b", "c"), _classes("a", "c")
    logits = base.to_logits(np.tile([0.2, 0.7, 0.1], (6, 1)))
    fewer = other.to_logits(np.tile([0.1, 0.9], (6, 1)))
    # The last item is nobody's: the mean of (.1, 0, .9) and (.2, .7, .1).
    found = out_of_fold([Answer(other, _split(1, 1), fewer), Answer(base, _split(2, 0), logits)], base)
    assert found.columns()["out_of_fold_predicted_y"].tolist() == ["c", "b", None, "c", "b", "c"]
