"""The linear probe on frozen node vectors, and pretraining that it measures."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from engine.core.cancel import Cancelled, CancelToken
from engine.data.splits._base import Split
from engine.learn.objectives import OBJECTIVES
from engine.learn.options import OptimiserOptions, TrainingOptions
from engine.learn.pretraining import pretrain
from engine.learn.probe import linear_probe, standardised, unit_rows
from engine.learn.trainer import Stage
from tests.engine.learn.planted import planted

DATA = planted(300, classes=3)


def _vectors(noise: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    codes = np.arange(300) % 3
    return (np.eye(3)[codes] + rng.normal(size=(300, 3)) * noise).astype(np.float32)


def test_classes_that_a_plane_separates_are_all_found() -> None:
    result = linear_probe(_vectors(0.05), DATA.labels(), seed=0)
    assert result.test["accuracy"] == 1.0
    assert result.valid["accuracy"] == 1.0


def test_vectors_that_say_nothing_score_chance() -> None:
    vectors = np.random.default_rng(1).normal(size=(300, 4)).astype(np.float32)
    accuracy = linear_probe(vectors, DATA.labels(), seed=0).test["accuracy"]
    assert abs(accuracy - 1 / 3) < 4 * (2 / 9 / DATA.split.test.sum()) ** 0.5


def test_the_scale_of_the_vectors_does_not_hide_what_they_say() -> None:
    for scale in (1e-4, 1e4):
        assert linear_probe(_vectors(0.05) * np.float32(scale), DATA.labels(), seed=0).test["accuracy"] == 1.0


def test_the_same_seed_gives_the_same_probe_and_leaves_torchs_generator_alone() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    one, two = (linear_probe(_vectors(0.8), DATA.labels(), seed=4) for _ in range(2))
    assert one == two
    assert torch.equal(before, torch.get_rng_state())


def test_test_targets_change_no_choice() -> None:
    labels = DATA.labels()
    target = labels.target.copy()
    target[DATA.split.test] = 0
    one, two = (linear_probe(_vectors(0.8), each, seed=0) for each in (labels, replace(labels, target=target)))
    assert (one.valid, one.chosen) == (two.valid, two.chosen)


def test_a_split_without_valid_nodes_takes_the_first_decay_and_the_last_epoch() -> None:
    labels = DATA.labels()
    split = Split("x", DATA.split.train, DATA.split.valid & False, DATA.split.test)
    result = linear_probe(_vectors(0.3), replace(labels, split=split), seed=0)
    assert result.chosen == {"weight_decay": 0.0, "epoch": 300, "scaling": "unit_rows"}
    assert result.test["accuracy"] > 0.9


def test_numbers_are_probed_by_ridge_regression_as_scikit_learn_solves_it() -> None:
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(300, 5)).astype(np.float32)
    numbers = vectors @ [3.0, -2.0, 0, 0, 1] + 40 + rng.normal(size=300)
    labels = DATA.labels(np.array([f"{n:.6f}" for n in numbers], dtype=object), type="node_value")
    result = linear_probe(vectors, labels, seed=0)
    x = standardised(vectors.astype(np.float64))
    ridge = Ridge(alpha=result.chosen["alpha"]).fit(x[DATA.split.train], labels.target[DATA.split.train])
    error = ridge.predict(x[DATA.split.test]) - labels.target[DATA.split.test]
    assert result.test["rmse"] == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-4)
    assert result.test["r2"] > 0.8


def test_a_constant_column_is_harmless() -> None:
    vectors = np.concatenate([_vectors(0.05), np.full((300, 1), 7, np.float32)], axis=1)
    assert linear_probe(vectors, DATA.labels(), seed=0).test["accuracy"] == 1.0
    assert not standardised(vectors)[:, 3].any()


def test_rows_become_unit_vectors_and_empty_ones_stay_empty() -> None:
    assert unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist() == [[0.6, 0.8], [0.0, 0.0]]


def test_a_probe_can_be_cancelled() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        linear_probe(_vectors(0.1), DATA.labels(), seed=0, cancel=cancel)


@pytest.mark.parametrize("key", [kind.key for kind in OBJECTIVES if not kind.for_graphs])
def test_pretraining_lowers_the_loss_moves_the_encoder_and_needs_no_targets(key: str) -> None:
    kind = OBJECTIVES.get(key)
    encoder = DATA.model(3, layers=2, width=8, head="linear").encoder
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    stage = Stage("pretrain", TrainingOptions(epochs=40), OptimiserOptions(rate=0.01, weight_decay=0.0))
    result = pretrain(encoder, kind(kind.parse({})), DATA.batch, stage)
    losses = [row["train_loss"] for row in result.history]
    assert min(losses[-10:]) < losses[0]
    assert result.best["train_loss"] == min(losses)
    assert all(not torch.equal(before[n], v) for n, v in encoder.state_dict().items() if n.endswith("weight"))
    kept = {name.removeprefix("encoder."): v for name, v in result.best_state.items() if name.startswith("encoder.")}
    assert all(torch.equal(kept[name], value) for name, value in encoder.state_dict().items())
