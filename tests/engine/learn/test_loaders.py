"""Training on sampled neighbours and on clusters: what it reaches, that it goes on exactly, and what it refuses."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.core.cancel import Cancelled, CancelToken
from engine.core.errors import MismatchError
from engine.core.events import EpochFinished, Event
from engine.data.splits._base import Split
from engine.learn import minibatches
from engine.learn.evaluation import evaluate_test
from engine.learn.finetuning import finetune, predict_logits
from engine.learn.loaders import full
from engine.learn.loaders._base import Loader
from engine.learn.loaders.clusters import Clusters
from engine.learn.loaders.graphs import Graphs
from engine.learn.loaders.neighbours import Neighbours
from engine.learn.minibatches import row_feed
from engine.learn.objectives import OBJECTIVES
from engine.learn.options import OptimiserOptions, TrainingOptions
from engine.learn.pretraining import pretrain
from engine.learn.snapshots import Snapshot
from engine.learn.strategies import STRATEGIES
from engine.learn.trainer import Stage, Watch
from tests.engine.learn.planted import planted
from tests.support.collections import five_paths

Maker = Callable[..., Loader]
STAGE = Stage("scratch", TrainingOptions(epochs=25), OptimiserOptions(rate=0.02))


def _loader(**options: object) -> Neighbours:
    return Neighbours(Neighbours.parse({"fanouts": (3, 3), "batch_size": 16, "part_size": 60, **options}))


def _clusters(**options: object) -> Clusters:
    return Clusters(Clusters.parse({"cluster_size": 12, "clusters": 3, **options}))


def _scratch() -> object:
    kind = STRATEGIES.get("scratch")
    return kind(kind.parse({}))


@pytest.mark.parametrize("make", [_loader, _clusters])
def test_a_planted_partition_is_found_from_parts_of_the_graph(make: Maker) -> None:
    data = planted(120, classes=3, signal=1.5)
    labels = data.labels()
    model = data.model(3)
    finetune(model, data.batch, labels, _scratch(), STAGE, loader=make())
    assert evaluate_test(labels.task, predict_logits(model, data.batch), labels.target, labels.split)["accuracy"] > 0.9


@pytest.mark.parametrize("everyone", [_loader(fanouts=(-1,), batch_size=10_000), _clusters(clusters=1000)])
def test_a_portion_of_everything_is_the_whole_graph(everyone: Loader) -> None:
    """Without dropout a portion that leaves nothing out trains to the same weights as the whole graph."""
    data = planted(60, classes=2)
    labels = data.labels()
    stage = replace(STAGE, training=TrainingOptions(epochs=5))
    models = [data.model(2, dropout=0.0) for _ in range(2)]
    finetune(models[0], data.batch, labels, _scratch(), stage, loader=everyone)
    finetune(models[1], data.batch, labels, _scratch(), stage)
    for ours, theirs in zip(models[0].parameters(), models[1].parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


class _Keeper:
    def __init__(self) -> None:
        self.last: Snapshot | None = None

    def save_progress(self, snapshot: Snapshot) -> None:
        self.last = snapshot


@pytest.mark.parametrize("make", [_loader, _clusters])
@pytest.mark.parametrize("asked", ["stop", "cancel"])
def test_an_epoch_ended_in_its_middle_is_done_again_with_the_same_end(asked: str, make: Maker) -> None:
    data = planted(120, classes=3)
    labels, kept, token = data.labels(), _Keeper(), CancelToken()
    stage = replace(STAGE, training=TrainingOptions(epochs=4))
    whole = data.model(3)
    finetune(whole, data.batch, labels, _scratch(), stage, loader=make())
    plain = make()

    class Interrupting(type(plain)):
        def rows(self, *arguments: object) -> object:
            feed = super().rows(*arguments)
            inner = feed.portion

            def portion(step: int) -> object:
                if step == 2 * feed.steps + 1:
                    getattr(token, asked)()
                return inner(step)

            feed.portion = portion
            return feed

    again = data.model(3)
    interrupted = Interrupting(plain.config)
    watch = Watch(cancel=token, checkpoints=kept)
    if asked == "cancel":
        with pytest.raises(Cancelled):
            finetune(again, data.batch, labels, _scratch(), stage, watch, loader=interrupted)
    else:
        done = finetune(again, data.batch, labels, _scratch(), stage, watch, loader=interrupted)
        assert done.fit.status == "stopped"
    assert kept.last is not None
    assert kept.last.plain["epoch"] == 2
    finetune(again, data.batch, labels, _scratch(), stage, Watch(resume=kept.last), loader=make())
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), again.parameters(), strict=True))


def test_every_train_row_is_in_one_portion_of_an_epoch_and_epochs_differ_in_order() -> None:
    data = planted(120, classes=2)
    rows = np.arange(0, 120, 3)
    feed = _loader().rows(data.batch, rows, 2, 0)
    try:
        epochs = [[feed.portion(e * feed.steps + k) for k in range(feed.steps)] for e in range(2)]
    finally:
        feed.close()
    order = [[int(place) for portion in epoch for place in portion.place] for epoch in epochs]
    assert sorted(order[0]) == sorted(order[1]) == list(range(len(rows)))
    assert order[0] != order[1]
    for portion in epochs[0]:
        assert portion.batch.rows.tolist() == rows[portion.place.numpy()].tolist()


def test_clusters_hold_every_train_row_once_in_an_epoch_with_the_edges_among_them() -> None:
    data = planted(120, classes=2)
    rows = np.arange(0, 120, 3)[::-1].copy()
    feed = _clusters().rows(data.batch, rows, 2, 0)
    try:
        epochs = [[feed.portion(e * feed.steps + k) for k in range(feed.steps)] for e in range(2)]
        seen = list(feed.look(rows))
    finally:
        feed.close()
    order = [[int(place) for portion in epoch for place in portion.place] for epoch in [*epochs, seen]]
    assert all(sorted(places) == list(range(len(rows))) for places in order)
    assert order[0] != order[1]
    for portion in epochs[0]:
        x = portion.batch.x[portion.picked]
        torch.testing.assert_close(x, data.batch.x[rows[portion.place.numpy()].copy()])
        assert portion.batch.num_edges > 0


def test_clusters_train_what_looks_at_the_whole_graph() -> None:
    data = planted(120, classes=3, signal=1.5)
    labels = data.labels()
    model = data.model(3)

    class AllAtOnce(type(model.encoder)):
        hops = None

    model.encoder.__class__ = AllAtOnce
    kind = OBJECTIVES.get("dgi")
    short = replace(STAGE, training=TrainingOptions(epochs=2))
    pretrain(model.encoder, kind(kind.parse({})), data.batch, short, loader=_clusters())
    finetune(model, data.batch, labels, _scratch(), STAGE, loader=_clusters())
    assert evaluate_test(labels.task, predict_logits(model, data.batch), labels.target, labels.split)["accuracy"] > 0.9


@pytest.mark.parametrize("encoder", ["mlp", "sign"])
def test_who_hears_nobody_in_a_step_is_shown_the_rows_alone(encoder: str) -> None:
    data = planted(120, classes=2)
    feed = row_feed(_clusters(), data.model(2, encoder=encoder), data.batch, np.arange(0, 120, 5), 0)
    assert feed is not None
    assert feed.portion(0).batch.num_nodes == len(feed.portion(0).place)
    feed.close()


@pytest.mark.parametrize("make", [_loader, _clusters])
@pytest.mark.parametrize("key", ["dgi", "links"])
def test_pretraining_on_small_graphs_lowers_the_loss(key: str, make: Maker) -> None:
    data = planted(300, classes=3, signal=1.5)
    kind, losses = OBJECTIVES.get(key), []

    def hear(event: Event) -> None:
        if isinstance(event, EpochFinished):
            losses.append(event.metrics["train_loss"])

    encoder = data.model(3, head="linear").encoder
    stage = Stage("pretrain", TrainingOptions(epochs=15), OptimiserOptions(rate=0.01))
    pretrain(encoder, kind(kind.parse({})), data.batch, stage, Watch(hear), make())
    assert np.mean(losses[-3:]) < np.mean(losses[:3])


def test_what_looks_at_the_whole_graph_is_refused() -> None:
    data = planted(60, classes=2)
    model = data.model(2)

    class AllAtOnce(type(model.encoder)):
        hops = None

    model.encoder.__class__ = AllAtOnce
    with pytest.raises(MismatchError, match="whole graph at once"):
        finetune(model, data.batch, data.labels(), _scratch(), STAGE, loader=_loader())
    kind = OBJECTIVES.get("dgi")
    with pytest.raises(MismatchError, match="whole graph at once"):
        pretrain(model.encoder, kind(kind.parse({})), data.batch, STAGE, loader=_loader())


def test_a_frozen_encoder_reads_portions_too() -> None:
    data = planted(120, classes=2, signal=1.5)
    kind = STRATEGIES.get("head_only")
    model = data.model(2, head="linear")
    before = [p.clone() for p in model.encoder.parameters()]
    finetune(model, data.batch, data.labels(), kind(kind.parse({})), STAGE, loader=_loader())
    assert all(torch.equal(a, b) for a, b in zip(before, model.encoder.parameters(), strict=True))
    assert np.isfinite(predict_logits(model, data.batch)).all()


def test_a_split_without_valid_rows_keeps_the_last_epoch() -> None:
    data = planted(60, classes=2)
    labels = data.labels()
    none = Split("all", labels.split.train | labels.split.valid, np.zeros(60, bool), labels.split.test)
    done = finetune(
        data.model(2), data.batch, replace(labels, split=none), _scratch(),
        replace(STAGE, training=TrainingOptions(epochs=3)), loader=_loader(),
    )  # fmt: skip
    assert done.fit.best_epoch == 3


@pytest.mark.parametrize(("encoder", "options"), [("gcn", {"head": "linear"}), ("gcn", {}), ("mlp", {}), ("sgc", {})])
def test_the_labelled_rows_of_a_large_graph_train_to_the_same_weights_as_all_rows(
    encoder: str, options: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full, "_LARGE", 10)
    monkeypatch.setattr(full, "_WORTH", 10.0)
    data = planted(90, classes=3)
    labels = data.labels()
    stage = replace(STAGE, training=TrainingOptions(epochs=6))
    models = [data.model(3, encoder=encoder, **{**options, "dropout": 0.0}) for _ in range(2)]
    restricted = finetune(models[0], data.batch, labels, _scratch(), stage, loader=full.Full(full.Full.parse({})))
    whole = finetune(models[1], data.batch, labels, _scratch(), stage)
    for ours, theirs in zip(models[0].parameters(), models[1].parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
    for ours, theirs in zip(restricted.fit.history, whole.fit.history, strict=True):
        assert ours.keys() == theirs.keys()
        assert ours["valid_loss"] == pytest.approx(theirs["valid_loss"], rel=1e-4)
        assert ours["train_accuracy"] == theirs["train_accuracy"]


def test_means_over_nodes_are_never_taken_over_labelled_rows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full, "_LARGE", 10)
    monkeypatch.setattr(full, "_WORTH", 10.0)
    data = planted(60, classes=2)
    loader = full.Full(full.Full.parse({}))
    rows = np.arange(5)
    assert row_feed(loader, data.model(2, norm="batch", layers=3), data.batch, rows, 0) is None
    assert row_feed(loader, data.model(2, norm="layer", layers=3), data.batch, rows, 0) is not None


def test_a_large_graph_is_looked_at_less_often_where_looking_costs_more_than_an_epoch(monkeypatch) -> None:
    """Two train nodes and all others as valid: looking at 60 takes ten times as long as a step there and back of 2."""
    data = planted(60, classes=2)
    labels = data.labels()
    train = np.zeros_like(labels.split.train)
    train[[0, 1]] = True
    labels = replace(labels, split=Split("few", train, ~train, np.zeros_like(train)))
    stage = replace(STAGE, training=TrainingOptions(epochs=12))

    def looked_at() -> list[int]:
        seen: list[int] = []

        def sink(event: Event) -> None:
            if isinstance(event, EpochFinished) and "valid_loss" in event.metrics:
                seen.append(event.epoch)

        finetune(data.model(2), data.batch, labels, _scratch(), stage, Watch(sink), loader=_loader())
        return seen

    assert looked_at() == list(range(1, 13))
    monkeypatch.setattr(minibatches, "_MANY", 50)
    assert looked_at() == [10, 12]
    stage = replace(STAGE, training=TrainingOptions(epochs=12, evaluate_every=11))
    assert looked_at() == [11, 12]


def test_portions_of_whole_graphs_tell_about_how_many_nodes_they_have() -> None:
    """By that a step on few nodes takes one thread; of sampled neighbours it is not known beforehand."""
    batch = five_paths(3)
    loader = Graphs(Graphs.parse({"batch_size": 2}))
    for feed in (loader.rows(batch, np.arange(5), 2, 0), loader.graphs(batch, 0)):
        assert feed.num_nodes == 2 * batch.num_nodes // 5
    sampled = _loader().rows(planted(60, classes=2).batch, np.arange(20), 1, 0)
    assert sampled is not None
    assert sampled.num_nodes is None
    sampled.close()
