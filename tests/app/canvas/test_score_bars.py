"""A run's scores side by side."""

import pytest

from app.canvas.score_bars import score_bars
from tests.support.pictures import metrics, spread


def test_the_result_comes_first_and_floors_last_with_their_spread() -> None:
    bars = score_bars(metrics())
    assert [bar.name for bar in bars] == [
        "GCN, pretrained",
        "the same from scratch",
        "probe, pretrained",
        "probe, random weights",
        "label spreading",
        "majority class",
    ]
    assert [bar.is_strong for bar in bars] == [True, False, False, False, False, False]
    assert bars[0].shown == "73.0 ± 2.8 %"
    assert bars[0].error == pytest.approx(2.8)
    assert bars[-1].error is None, "one training has no spread"


def test_only_the_parts_asked_for_are_shown() -> None:
    assert [bar.name for bar in score_bars(metrics(), ("probe",))] == ["probe, pretrained", "probe, random weights"]


def test_an_error_in_the_unit_of_the_target_is_no_percentage() -> None:
    found = {"metric": "rmse", "encoder": "gcn", "test": spread(691.2), "floors": {"majority": {"test": spread(705.0)}}}
    assert [(bar.name, bar.shown) for bar in score_bars(found)] == [("GCN", "691.2"), ("mean of train", "705")]


def test_seeds_that_answer_together_stand_below_their_mean() -> None:
    bars = score_bars({**metrics(), "ensemble": {"test": {"accuracy": 0.75, "macro_f1": 0.7}}}, ("model",))
    assert [(bar.name, bar.shown) for bar in bars] == [
        ("GCN, pretrained", "73.0 ± 2.8 %"),
        ("its seeds together", "75.0 %"),
    ]
