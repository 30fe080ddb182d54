import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd

from app.session import frames
from app.session.attributes import Attributes
from tests.support import pictures


def test_the_key_of_ids_does_not_depend_on_the_pieces(monkeypatch) -> None:
    ids = np.array(["a", "", "b\0", "é", "d"], dtype=object)
    whole = hashlib.sha256("\0".join(ids).encode()).hexdigest()[:16]
    for piece in (1, 2, 100):
        monkeypatch.setattr(frames, "PIECE", piece)
        assert frames._key_of(ids) == whole


def of_predictions(columns: dict[str, object], task: dict[str, object]) -> Attributes:
    run = replace(pictures.run(), predictions=pd.DataFrame(columns), recipe={"task": task})
    return Attributes(pictures.dataset(), run)


def test_every_one_of_several_targets_is_shown_with_its_range_or_probability() -> None:
    numbers = np.arange(9, dtype=np.float32)
    columns = {
        "predicted_mass": numbers,
        "predicted_toxic": ["yes", "no"] * 4 + ["no"],
        "p_toxic": numbers / 10,
        "low_mass": numbers - 1,
        "high_mass": numbers + 1,
    }
    found = of_predictions({**columns, "split": ["test"] * 9}, {"type": "graph_values", "targets": ["mass", "toxic"]})
    titles = [one.title for one in found.by_key.values()][:6]
    assert titles == [
        "Predicted mass",
        "Lowest likely mass",
        "Highest likely mass",
        "Predicted toxic",
        "Probability of toxic",
        "Split",
    ]
    assert found.by_key["high:mass"].values[3] == 4.0
    assert found.by_key["predicted:toxic"].categories == ("no", "yes")


def test_what_a_fold_said_of_items_it_did_not_see_is_shown_beside_the_prediction() -> None:
    folds = ["fold-1"] * 4 + ["fold-2"] * 4 + [""]
    unseen = [*np.arange(8.0), np.nan]
    columns = {"predicted_age": np.ones(9), "out_of_fold_predicted_age": unseen, "out_of_fold_split": folds}
    found = of_predictions(columns, {"type": "node_value", "target": "age"})
    assert found.by_key["out_of_fold"].title == "age out of fold"
    assert found.by_key["out_of_fold"].shown(8) == ""
    assert found.by_key["out_of_fold_split"].categories == ("fold-1", "fold-2")
    assert found.names_in_queries()["age_out_of_fold"] == "out_of_fold"
