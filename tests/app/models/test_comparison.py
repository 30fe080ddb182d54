"""Which options, scores and nodes differ between runs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from app.models.comparison import DifferenceModel, Line, moves_between, option_lines, score_lines
from tests.support import pictures


def predicting(classes: list[str]):
    table = pd.DataFrame({"id": pictures.IDS, "predicted_team": classes, "confidence": 0.5})
    return replace(pictures.run(), predictions=table)


def test_only_options_that_differ_are_listed_by_their_path() -> None:
    one = {"encoder": {"type": "gcn", "width": 16}, "runtime": {"seeds": [0, 1]}, "split": {"type": "random"}}
    two = {
        "encoder": {"type": "gcn", "width": 64},
        "runtime": {"seeds": [0]},
        "split": {"type": "random"},
        "pretrain": {"type": "dgi"},
    }
    assert option_lines([one, two]) == [
        Line("encoder.width", ("16", "64")),
        Line("runtime.seeds", ("0, 1", "0")),
        Line("pretrain.type", ("–", "dgi")),
    ]


def test_columns_of_the_files_are_compared_one_by_one() -> None:
    one = {"data": {"tables": [{"columns": {"age": {"role": "feature"}, "id": {"role": "id"}}}]}}
    two = {"data": {"tables": [{"columns": {"age": {"role": "ignore"}, "id": {"role": "id"}}}]}}
    assert option_lines([one, two]) == [Line("data.tables.1.columns.age.role", ("feature", "ignore"))]


def test_scores_of_another_metric_are_not_put_beside_each_other() -> None:
    first, second = pictures.metrics(), {"metric": "rmse", "test": pictures.spread(3.0), "all": {"test": {}}}
    lines = score_lines([first, second])
    assert lines[0] == Line("accuracy on test", ("73.0 ± 2.8 %", "–"), is_score=True)
    assert Line("macro-F1 on test", ("71.0 ± 2.0 %", "–"), is_score=True) in lines


def test_nodes_that_changed_class_are_grouped_and_counted_against_the_truth() -> None:
    before = predicting(["red", "red", "red", "red", "blue", "blue", "blue", "blue", "red"])
    after = predicting(["blue", "red", "red", "red", "red", "red", "blue", "red", "red"])
    moves = moves_between(before, after, np.array(pictures.TEAMS, dtype=object))
    assert [(m.before, m.after, m.count, m.gained, m.lost) for m in moves] == [
        ("blue", "red", 3, 0, 2),  # e and f are blue; h has no known class
        ("red", "blue", 1, 0, 1),
    ]
    assert np.flatnonzero(moves[0].nodes).tolist() == [4, 5, 7]


def test_runs_on_other_nodes_or_of_numbers_have_no_moves() -> None:
    shorter = replace(pictures.run(), predictions=pictures.run().predictions.head(4))
    numbers = replace(pictures.run(), predictions=pictures.run().predictions.drop(columns="confidence"))
    assert moves_between(pictures.run(), shorter, None) == []
    assert moves_between(pictures.run(), numbers, None) == []
    assert moves_between(pictures.run(Path("other")), pictures.run(), None) == []


def test_the_table_has_a_column_for_each_run() -> None:
    model = DifferenceModel()
    model.show_lines(["09:00", "10:00"], [Line("encoder.width", ("16", "64"))])
    assert (model.rowCount(), model.columnCount()) == (1, 3)
    assert [model.data(model.index(0, column)) for column in range(3)] == ["encoder.width", "16", "64"]
