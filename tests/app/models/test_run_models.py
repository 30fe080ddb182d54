"""Attributes, confusion and scores of the run made by hand."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.kit.scores import Score, difference, shown
from app.models.class_table import ClassTableModel
from app.models.confusion import confusion_of, parts_of
from app.session.attributes import Attributes
from tests.support import pictures


@pytest.fixture
def attributes() -> Attributes:
    return Attributes(pictures.dataset(), pictures.run())


def test_classes_are_ordered_by_how_many_are_truly_of_them(attributes) -> None:
    assert attributes.classes == ("red", "blue")  # 5 red, 3 blue
    for key in ("predicted", "target"):
        assert attributes.by_key[key].categories == ("red", "blue")


def test_correct_says_nothing_where_the_truth_is_unknown(attributes) -> None:
    values = attributes.by_key["correct"].values.tolist()
    assert values == ["correct", "correct", "correct", "wrong", "correct", "correct", "wrong", None, "correct"]


def test_columns_are_numbers_categories_or_text_as_the_sheet_says(attributes) -> None:
    kinds = {key: one.kind for key, one in attributes.by_key.items() if one.is_given}
    assert kinds == {
        "column:name": "category",
        "column:team": "category",
        "column:age": "number",
        "column:split": "category",
    }


def test_class_numbers_that_are_classes_stay_classes() -> None:
    data = pictures.dataset()
    data.nodes["team"] = [str(i % 5) for i in range(9)]
    assert Attributes(data, None).by_key["column:team"].categories == ("0", "1", "2", "3", "4")


def test_names_come_from_the_label_column_and_ids_fill_its_holes(attributes) -> None:
    assert attributes.names.tolist() == [name or own for name, own in zip(pictures.NAMES, pictures.IDS, strict=True)]


def test_probabilities_come_likeliest_first(attributes) -> None:
    assert attributes.probabilities(3) == [("blue", pytest.approx(0.55)), ("red", pytest.approx(0.45))]


def test_the_confusion_of_the_test_part_counts_its_nodes_alone(attributes) -> None:
    # Test nodes c d g 007: true red red blue red, predicted red blue red red.
    found = confusion_of(attributes, "test")
    assert found is not None
    assert found.classes == ("red", "blue")
    assert found.counts.tolist() == [[2, 1], [1, 0]]
    assert found.accuracy() == 0.5
    assert np.flatnonzero(found.members(0, 0)).tolist() == [2, 8]
    assert np.flatnonzero(found.members(0, None)).tolist() == [2, 3, 8]
    assert np.flatnonzero(found.members(None, 0)).tolist() == [2, 6, 8]


def test_all_labelled_nodes_make_the_whole_matrix(attributes) -> None:
    found = confusion_of(attributes, "all")
    assert found is not None
    assert found.counts.tolist() == [[4, 1], [1, 2]]
    assert parts_of(attributes) == ["test", "valid", "train"]


def test_without_a_run_there_is_no_confusion() -> None:
    assert confusion_of(Attributes(pictures.dataset(), None), "test") is None


def test_numbers_predicted_have_an_error_and_no_confusion() -> None:
    run = pictures.run()
    assert run.predictions is not None
    table = run.predictions[["id", "split"]].assign(predicted_age=[30.0] * 9)
    aged = type(run)(run.folder, {}, table, {"task": {"target": "age"}})
    attributes = Attributes(pictures.dataset(), aged)
    assert attributes.by_key["error"].values[:2].tolist() == [-1.0, 21.0]
    assert confusion_of(attributes, "test") is None


@pytest.mark.parametrize(
    ("score", "metric", "expected"),
    [
        (Score(0.8137, 0.0049, 10), "accuracy", "81.4 ± 0.5 %"),
        (Score(0.8137, 0.0, 1), "accuracy", "81.4 %"),
        (Score(1.2345, 0.0321, 3), "rmse", "1.234 ± 0.032"),
        (None, "accuracy", "–"),
    ],
)
def test_scores_are_shown_with_their_spread(score: Score | None, metric: str, expected: str) -> None:
    assert shown(score, metric) == expected


def test_differences_are_shown_with_their_sign() -> None:
    assert difference(Score(0.023, 0.004, 5), "accuracy") == "+2.3 ± 0.4 points"
    assert difference(Score(-0.023, 0.0, 1), "accuracy") == "−2.3 points"
    assert difference(Score(-0.5, 0.1, 3), "rmse") == "−0.5 ± 0.1"


def test_the_class_table_keeps_qts_rules_and_sorts(qtbot) -> None:
    model = ClassTableModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    report = pictures.metrics()["report"]
    model.set_rows(report["test"]["classes"])  # type: ignore[index]
    assert [model.index(0, i).data() for i in range(5)] == ["blue", "0.00", "0.00", "0.00", "1"]
    model.sort(3, Qt.SortOrder.DescendingOrder)
    assert model.class_at(0) == "red"
    tester.deleteLater()
