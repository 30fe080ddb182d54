"""Supervised training end to end on generated graphs."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.core.errors import RoleError
from engine.core.events import Event, Notice
from engine.data.splits._base import Split
from engine.learn.evaluation import evaluate_test, evaluate_valid
from engine.learn.finetuning import Labels, finetune, predict_logits, smaller_setting
from engine.learn.options import OptimiserOptions, TrainingOptions
from engine.learn.strategies import STRATEGIES
from engine.learn.strategies._base import Strategy
from engine.learn.trainer import Stage, Watch
from engine.nn.model import Model
from tests.engine.learn.planted import Planted, planted

STAGE = Stage("scratch", TrainingOptions(epochs=60), OptimiserOptions(rate=0.02))


def _strategy(key: str = "scratch") -> Strategy:
    kind = STRATEGIES.get(key)
    return kind(kind.parse({}))


def _answers(data: Planted, model: Model, labels: Labels, strategy: Strategy, stage: Stage = STAGE) -> np.ndarray:
    """Return the logits of every node after a training."""
    finetune(model, data.batch, labels, strategy, stage)
    return predict_logits(model, data.batch)


def test_a_planted_partition_is_found() -> None:
    data = planted(120, classes=3, signal=1.5)
    labels = data.labels()
    model = data.model(3)
    done = finetune(model, data.batch, labels, _strategy(), STAGE)
    facts = (labels.task, predict_logits(model, data.batch), labels.target, labels.split)
    assert evaluate_test(*facts)["accuracy"] > 0.9
    assert done.valid == evaluate_valid(*facts)
    assert done.fit.best["valid_accuracy"] == pytest.approx(done.valid["accuracy"])


def test_shuffled_labels_score_chance() -> None:
    """A model that scored more on targets drawn by lot would have seen them."""
    data = planted(600, classes=2, signal=1.0)
    labels = data.labels(np.random.default_rng(4).permutation(data.values))
    model = data.model(2)
    finetune(model, data.batch, labels, _strategy(), replace(STAGE, training=TrainingOptions(epochs=30)))
    found = evaluate_test(labels.task, predict_logits(model, data.batch), labels.target, labels.split)["accuracy"]
    assert abs(found - 0.5) < 4 * (0.25 / labels.split.test.sum()) ** 0.5


def test_a_number_that_follows_the_features_is_learnt() -> None:
    data = planted(150, signal=0.0)
    values = np.array([f"{1000 + 50 * row[0]:.3f}" for row in data.x], dtype=object)
    labels = data.labels(values, type="node_value")
    model = data.model(1, encoder="mlp", dropout=0.0)
    finetune(model, data.batch, labels, _strategy(), replace(STAGE, training=TrainingOptions(epochs=200)))
    scores = evaluate_test(labels.task, predict_logits(model, data.batch), labels.target, labels.split)
    assert scores["rmse"] < 25  # the target's own deviation is 50
    assert scores["r2"] > 0.75


def test_the_model_ends_with_the_weights_of_the_best_epoch() -> None:
    data = planted(classes=3)
    labels = data.labels()
    model = data.model(3)
    done = finetune(model, data.batch, labels, _strategy(), STAGE)
    best = max(row["valid_accuracy"] for row in done.fit.history)
    assert done.valid["accuracy"] == pytest.approx(best)


def test_the_best_epoch_is_the_one_of_the_lowest_loss_where_that_is_asked_for() -> None:
    data = planted(200, classes=2, signal=0.6)
    labels = data.labels()
    found = {}
    for best_by in ("loss", "metric"):
        training = TrainingOptions(epochs=100, best_by=best_by)
        stage = replace(STAGE, training=training, optimiser=OptimiserOptions(rate=0.1, weight_decay=0))
        found[best_by] = finetune(data.model(2), data.batch, labels, _strategy(), stage).fit
    losses = [epoch["valid_loss"] for epoch in found["loss"].history]
    assert losses[found["loss"].best_epoch - 1] == min(losses)
    accuracies = [epoch["valid_accuracy"] for epoch in found["metric"].history]
    assert accuracies[found["metric"].best_epoch - 1] == max(accuracies)
    assert found["loss"].best_epoch != found["metric"].best_epoch


def test_the_same_seed_gives_the_same_model_and_another_seed_another() -> None:
    data = planted(classes=3)
    runs = [_answers(data, data.model(3), data.labels(), _strategy(), replace(STAGE, seed=seed)) for seed in (1, 1, 2)]
    assert (runs[0] == runs[1]).all()
    assert (runs[0] != runs[2]).any()


def test_a_frozen_encoder_is_computed_once_with_the_same_result() -> None:
    """The head trained on kept node vectors equals one trained through the frozen encoder each time."""
    data = planted(classes=3)
    labels = data.labels()
    stage = replace(STAGE, training=TrainingOptions(epochs=15))
    kept = _answers(data, data.model(3, dropout=0.0), labels, _strategy("head_only"), stage)

    class Anew(type(_strategy("head_only"))):  # type: ignore[misc]
        def frozen_encoder(self, epoch: int) -> bool:
            return False

    anew = _answers(data, data.model(3, dropout=0.0), labels, Anew(None), stage)
    np.testing.assert_allclose(kept, anew, atol=1e-6)


def test_permuting_the_nodes_permutes_the_predictions() -> None:
    data = planted(classes=3)
    order = np.random.default_rng(0).permutation(60)
    place = np.argsort(order)
    target, source = place[data.graph.edge_index()]
    graph = type(data.graph).from_edges(source, target, 60)
    split = Split("x", *(getattr(data.split, part)[order] for part in ("train", "valid", "test")))
    other = replace(
        data,
        graph=graph,
        x=data.x[order],
        values=data.values[order],
        split=split,
        batch=type(data.batch).from_graph(graph, data.x[order]),
    )
    # Without dropout, whose draws go by position.
    one, two = (_answers(d, d.model(3, dropout=0.0), d.labels(), _strategy()) for d in (data, other))
    np.testing.assert_allclose(one[order], two, atol=1e-3)


def test_without_valid_nodes_the_last_epoch_is_kept_and_a_notice_says_so() -> None:
    data = planted()
    none = data.split.valid & False
    labels = replace(data.labels(), split=Split("no valid", data.split.train, none, data.split.test))
    events: list[Event] = []
    done = finetune(data.model(2), data.batch, labels, _strategy(), STAGE, Watch(events.append))
    assert done.fit.best_epoch == 60
    assert [e.code for e in events if isinstance(e, Notice)] == ["train.no_valid"]
    assert done.valid == {}


def test_a_metric_that_valid_leaves_undefined_keeps_the_last_epoch() -> None:
    """One class alone on valid has no ROC-AUC."""
    data = planted()
    labels = data.labels(metric="roc_auc")
    valid = data.split.valid & (labels.target == 0)
    labels = replace(labels, split=Split("one class", data.split.train, valid, data.split.test))
    done = finetune(data.model(2), data.batch, labels, _strategy(), STAGE)
    assert done.fit.best_epoch == 60
    assert "roc_auc" not in done.valid


def test_train_nodes_without_targets_are_refused() -> None:
    data = planted()
    labels = data.labels()
    unknown = replace(labels, target=np.full(60, -1))
    with pytest.raises(RoleError, match="planted"):
        finetune(data.model(2), data.batch, unknown, _strategy(), STAGE)


def test_unknown_targets_in_train_move_nothing() -> None:
    data = planted()
    labels = data.labels()
    hidden = np.flatnonzero(data.split.train)[:5]
    target = labels.target.copy()
    target[hidden] = -1
    train = data.split.train.copy()
    train[hidden] = False
    fewer = replace(labels, split=Split("planted", train, data.split.valid, data.split.test))
    one, two = (_answers(data, data.model(2), each, _strategy()) for each in (replace(labels, target=target), fewer))
    assert (one == two).all()


def test_the_smaller_setting_halves_the_width_then_the_layers() -> None:
    data = planted()
    assert smaller_setting(data.model(2, width=64).encoder.config) == "encoder.width = 32"
    assert smaller_setting(data.model(2, width=8, layers=4).encoder.config) == "encoder.layers = 2"
    assert smaller_setting(data.model(2, width=4, layers=1).encoder.config) == ""


def test_curves_hold_train_and_valid() -> None:
    data = planted(classes=3)
    row = finetune(data.model(3), data.batch, data.labels(), _strategy(), STAGE).fit.history[0]
    assert set(row) == {"train_loss", "train_accuracy", "valid_accuracy", "valid_loss"}


@pytest.mark.gpu
def test_cpu_and_gpu_agree_to_tolerance() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    data = planted(classes=3)
    stage = replace(STAGE, training=TrainingOptions(epochs=20))
    there = replace(data, batch=type(data.batch).from_graph(data.graph, data.x, "cuda"))
    cpu = _answers(data, data.model(3, dropout=0.0), data.labels(), _strategy(), stage)
    gpu = _answers(there, data.model(3, dropout=0.0).cuda(), data.labels(), _strategy(), stage)
    np.testing.assert_allclose(cpu, gpu, atol=1e-2)
