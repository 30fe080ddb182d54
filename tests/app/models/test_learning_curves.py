import numpy as np
import pytest

from app.models.bands import band_of
from app.models.learning_curves import loss_curves, metric_curves

CURVES = {
    "finetune · 0": {"train_loss": [(1, 2.0), (2, 1.0)], "valid_accuracy": [(1, 0.5), (2, 0.7)]},
    "finetune · 1": {"train_loss": [(1, 4.0), (2, 3.0), (3, 1.0)], "valid_accuracy": [(1, 0.7), (2, 0.9)]},
    "pretrain · 0": {"loss": [(1, 9.0)]},
}


def test_a_band_is_the_mean_of_each_epoch_and_one_sample_deviation_about_it() -> None:
    band = band_of([[(1, 2.0), (2, 1.0)], [(1, 4.0), (2, 3.0), (3, 1.0)]])
    assert band.mean == ((1, 3.0), (2, 2.0), (3, 1.0))
    # Two values that lie 2 apart deviate by the root of 2; a single one by nothing.
    assert band.low == pytest.approx((3 - np.sqrt(2), 2 - np.sqrt(2), 1.0))
    assert band.high == pytest.approx((3 + np.sqrt(2), 2 + np.sqrt(2), 1.0))
    assert band.count == 2


def test_seeds_are_one_curve_with_a_band_once_they_are_done_and_each_its_own_before() -> None:
    stages = ["finetune · 0", "finetune · 1"]
    (done,) = loss_curves(CURVES, stages, together=True)
    assert (done.name, done.points[0], done.band is not None) == ("pretrained train", (1, 3.0), True)
    first, second = loss_curves(CURVES, stages, together=False)
    assert (first.name, first.thin, second.name, second.thin) == ("", True, "pretrained train", False)


def test_the_metric_is_found_and_one_training_has_no_band() -> None:
    name, (curve,) = metric_curves(CURVES, ["finetune · 0"], together=True)
    assert (name, curve.band) == ("accuracy", None)
    assert loss_curves(CURVES, ["pretrain · 0"], together=True)[0].name == "train"
