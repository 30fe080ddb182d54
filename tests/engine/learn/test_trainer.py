"""The loop: what it keeps, when it ends, and that an interrupted stage goes on as if nothing had happened."""

import json
import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from engine.core.cancel import Cancelled, CancelToken
from engine.core.errors import DeviceMemoryError, DivergedError, MismatchError
from engine.core.events import EpochFinished, Event, Progress
from engine.learn.finetuning import Finetuned, finetune
from engine.learn.hooks._base import Hook, Loop
from engine.learn.objectives import OBJECTIVES
from engine.learn.optimisers import ParameterGroup
from engine.learn.options import OptimiserOptions, ScheduleOptions, TrainingOptions
from engine.learn.pretraining import pretrain
from engine.learn.snapshots import Snapshot
from engine.learn.strategies import STRATEGIES
from engine.learn.trainer import Fit, FitResult, Stage, Watch, fit
from tests.engine.learn.planted import planted
from tests.support.collections import five_paths


class Kept:
    """A checkpoint sink that writes and reads as a disk would: safetensors and JSON."""

    def __init__(self) -> None:
        self.count = 0
        self._bytes = (b"", "")

    def save_progress(self, snapshot: Snapshot) -> None:
        self.count += 1
        self._bytes = save(dict(snapshot.tensors)), json.dumps(dict(snapshot.plain), allow_nan=False)

    def read(self) -> Snapshot:
        return Snapshot(load(self._bytes[0]), json.loads(self._bytes[1]))


def _one_weight(evaluate: Callable[[int], dict[str, float]], **changes: object) -> tuple[nn.Linear, Fit]:
    """One weight w, from 1, and the loss w²."""
    module = nn.Linear(1, 1, bias=False)
    nn.init.ones_(module.weight)
    what = Fit(
        module=module,
        groups=[ParameterGroup((module.weight,), 0.1, 0.0)],
        step=lambda step: {"loss": (module.weight**2).sum()},
        evaluate=evaluate,
        monitor="valid_accuracy",
        maximise=True,
        tie="valid_loss",
    )
    return module, replace(what, **changes)


def _stage(epochs: int, **training: object) -> Stage:
    options = OptimiserOptions(type="sgd", rate=0.1, weight_decay=0.0, momentum=0.0)
    return Stage("scratch", TrainingOptions(epochs=epochs, **training), options)


def _script(*rows: tuple[float, float]) -> Callable[[int], dict[str, float]]:
    return lambda epoch: {"valid_accuracy": rows[epoch - 1][0], "valid_loss": rows[epoch - 1][1]}


def test_a_step_of_gradient_descent_on_a_square_shrinks_the_weight_by_a_fifth() -> None:
    # d(w²)/dw = 2w, so w ← w - .1 · 2w = .8 w; three epochs give .8³.
    module, what = _one_weight(lambda epoch: {})
    result = fit(what, _stage(3))
    assert module.weight.item() == pytest.approx(0.512, rel=1e-6)
    assert [row["train_loss"] for row in result.history] == pytest.approx([1.0, 0.64, 0.4096])


def test_the_best_epoch_is_kept_and_ties_go_to_the_lower_valid_loss() -> None:
    module, what = _one_weight(_script((0.5, 1.0), (0.7, 0.9), (0.7, 0.8), (0.7, 0.8), (0.6, 0.1)))
    result = fit(what, _stage(5))
    assert result.best_epoch == 3
    assert result.best["valid_loss"] == 0.8
    assert module.weight.item() == pytest.approx(0.8**3)


def test_less_is_better_where_the_metric_says_so() -> None:
    _, what = _one_weight(_script((3.0, 0.0), (1.0, 0.0), (2.0, 0.0)), maximise=False)
    assert fit(what, _stage(3)).best_epoch == 2


def test_without_the_monitored_metric_the_last_epoch_is_kept() -> None:
    module, what = _one_weight(lambda epoch: {"valid_accuracy": math.nan})
    result = fit(what, _stage(4))
    assert result.best_epoch == 4
    assert module.weight.item() == pytest.approx(0.8**4)
    assert all("valid_accuracy" not in row for row in result.history)


def test_early_stop_ends_after_patience_epochs_without_a_better_one() -> None:
    _, what = _one_weight(_script((0.1, 0), (0.9, 0), (0.5, 0), (0.5, 0), (0.5, 0), (0.95, 0)))
    result = fit(what, _stage(6, patience=3))
    assert len(result.history) == 5
    assert (result.best_epoch, result.status) == (2, "finished")
    assert "3 epochs" in result.reason


def test_evaluation_happens_every_so_many_epochs_and_in_the_last() -> None:
    seen: list[int] = []

    def evaluate(epoch: int) -> dict[str, float]:
        seen.append(epoch)
        return {"valid_accuracy": 0.5}

    fit(_one_weight(evaluate)[1], _stage(7, evaluate_every=3))
    assert seen == [3, 6, 7]


def test_the_gradient_norm_is_clipped() -> None:
    # The gradient of w² at 1 is 2; clipped to 1, one step moves w by .1.
    module, what = _one_weight(lambda epoch: {})
    fit(what, _stage(1, gradient_clip=1.0))
    assert module.weight.item() == pytest.approx(0.9, abs=1e-5)


@pytest.mark.parametrize(("rows", "threads"), [(1_000, 1), (20_000_000, 2), (None, 2)])
def test_steps_of_few_rows_take_one_thread(rows: int | None, threads: int) -> None:
    seen: list[int] = []
    module, what = _one_weight(lambda epoch: {}, rows=rows)

    def step(number: int) -> dict[str, Tensor]:
        seen.append(torch.get_num_threads())
        return {"loss": (module.weight**2).sum()}

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        fit(replace(what, step=step), _stage(2))
        assert seen == [threads, threads]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_stop_ends_after_the_epoch_saves_a_snapshot_and_keeps_the_best() -> None:
    cancel, kept = CancelToken(), Kept()
    module, what = _one_weight(_script((0.5, 0), (0.9, 0), (0.6, 0), (0.6, 0)))

    def sink(event: Event) -> None:
        if isinstance(event, EpochFinished) and event.epoch == 3:
            cancel.stop()

    result = fit(what, _stage(4), Watch(sink, cancel, kept))
    assert (result.status, len(result.history), result.best_epoch) == ("stopped", 3, 2)
    assert module.weight.item() == pytest.approx(0.8**2)
    assert kept.read().plain["epoch"] == 3


def test_cancel_ends_at_the_next_step_with_a_snapshot() -> None:
    cancel, kept = CancelToken(), Kept()
    _, what = _one_weight(lambda epoch: {})

    def sink(event: Event) -> None:
        if isinstance(event, EpochFinished) and event.epoch == 2:
            cancel.cancel()

    with pytest.raises(Cancelled):
        fit(what, _stage(100), Watch(sink, cancel, kept))
    assert kept.read().plain["epoch"] == 2


def test_cancel_in_the_middle_of_an_epoch_keeps_the_snapshot_before_it() -> None:
    cancel, kept = CancelToken(), Kept()
    module, what = _one_weight(lambda epoch: {})

    def step(step: int) -> dict[str, Tensor]:
        if step == 5:
            cancel.cancel()
        return {"loss": (module.weight**2).sum()}

    with pytest.raises(Cancelled):
        fit(replace(what, step=step, steps=4), _stage(3, checkpoint_seconds=0), Watch(cancel=cancel, checkpoints=kept))
    snapshot = kept.read()
    assert snapshot.plain["epoch"] == 1
    assert snapshot.tensors["module.weight"].item() == pytest.approx(0.8**4)


@pytest.mark.parametrize(("seconds", "saves"), [(0.0, 5), (1e6, 0)])
def test_snapshots_are_saved_as_often_as_asked(seconds: float, saves: int) -> None:
    kept = Kept()
    fit(_one_weight(lambda epoch: {})[1], _stage(5, checkpoint_seconds=seconds), Watch(checkpoints=kept))
    assert kept.count == saves


def test_a_loss_that_is_not_finite_is_one_error_that_names_stage_and_epoch() -> None:
    module, what = _one_weight(lambda epoch: {})
    growing = replace(what, step=lambda step: {"loss": (module.weight**2).sum() * (math.inf if step == 2 else 1.0)})
    with pytest.raises(DivergedError) as caught:
        fit(growing, _stage(9))
    assert caught.value.details == {"stage": "scratch", "epoch": 3, "part": "loss"}
    assert "learning rate" in caught.value.hint


def test_running_out_of_device_memory_proposes_a_smaller_setting() -> None:
    def step(step: int) -> dict[str, Tensor]:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    _, what = _one_weight(lambda epoch: {}, smaller="encoder.width = 64")
    with pytest.raises(DeviceMemoryError) as caught:
        fit(replace(what, step=step), _stage(1))
    assert "encoder.width = 64" in caught.value.hint


def test_another_runtime_error_is_not_taken_for_memory() -> None:
    def step(step: int) -> dict[str, Tensor]:
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        fit(replace(_one_weight(lambda epoch: {})[1], step=step), _stage(1))


def test_every_epoch_is_told_and_progress_at_most_twenty_times_a_second() -> None:
    events: list[Event] = []
    result = fit(_one_weight(lambda epoch: {})[1], _stage(400), Watch(events.append))
    assert [e.epoch for e in events if isinstance(e, EpochFinished)] == list(range(1, 401))
    progress = [e for e in events if isinstance(e, Progress)]
    assert len(progress) <= result.seconds * 20 + 2
    assert (progress[-1].done, progress[-1].total, progress[-1].unit) == (400, 400, "epochs")


def _finetune(watch: Watch, stage: Stage) -> tuple[Finetuned, dict[str, Tensor]]:
    data = planted(classes=3, signal=0.3)
    model = data.model(3, norm="batch", width=8)
    strategy = STRATEGIES.get("head_first")
    done = finetune(model, data.batch, data.labels(), strategy(strategy.parse({"head_epochs": 4})), stage, watch)
    return done, model.state_dict()


def _interrupted_at(epoch: int, run: Callable[[Watch], object]) -> Snapshot:
    cancel, kept = CancelToken(), Kept()

    def sink(event: Event) -> None:
        if isinstance(event, EpochFinished) and event.epoch == epoch:
            cancel.cancel()

    with pytest.raises(Cancelled):
        run(Watch(sink, cancel, kept))
    return kept.read()


def _equal(a: FitResult, b: FitResult) -> None:
    assert a.history == b.history
    assert (a.best_epoch, dict(a.best), a.reason) == (b.best_epoch, dict(b.best), b.reason)
    assert all(torch.equal(a.best_state[name], b.best_state[name]) for name in a.best_state)


@pytest.mark.parametrize("at", [2, 4, 9])
@pytest.mark.parametrize(
    ("optimiser", "schedule"), [("adam", "cosine"), ("adamw", "plateau"), ("sgd", "linear"), ("adam", "constant")]
)
def test_a_resumed_stage_equals_an_uninterrupted_one_bit_for_bit(optimiser: str, schedule: str, at: int) -> None:
    """Dropout, batch statistics, Adam's moments, the schedule, frozen epochs and early stopping all take part."""
    stage = Stage(
        "finetune",
        TrainingOptions(epochs=40, patience=12),
        OptimiserOptions(type=optimiser, rate=0.02),
        ScheduleOptions(type=schedule, warmup=3),
        seed=5,
    )
    whole, weights = _finetune(Watch(), stage)
    snapshot = _interrupted_at(at, lambda watch: _finetune(watch, stage))
    torch.manual_seed(999)  # whatever happened in the process since
    resumed, again = _finetune(Watch(resume=snapshot), stage)
    _equal(whole.fit, resumed.fit)
    assert all(torch.equal(weights[name], again[name]) for name in weights)
    assert whole.valid == resumed.valid


@pytest.mark.parametrize("key", OBJECTIVES.keys())
def test_resumed_pretraining_equals_uninterrupted_pretraining(key: str) -> None:
    data = planted()
    kind = OBJECTIVES.get(key)
    batch = five_paths(data.batch.in_width) if kind.for_graphs else data.batch
    stage = Stage("pretrain", TrainingOptions(epochs=12), OptimiserOptions(rate=0.01), seed=1)

    def run(watch: Watch) -> FitResult:
        encoder = data.model(2, layers=2, width=8, head="linear").encoder
        return pretrain(encoder, kind(kind.parse({})), batch, stage, watch)

    whole = run(Watch())
    snapshot = _interrupted_at(5, run)
    torch.manual_seed(999)
    _equal(whole, run(Watch(resume=snapshot)))


def test_a_stage_that_had_stopped_early_stays_stopped_when_resumed() -> None:
    kept = Kept()
    _, what = _one_weight(_script((0.9, 0), (0.5, 0), (0.5, 0), (0.99, 0)))
    fit(what, _stage(4, patience=2, checkpoint_seconds=0), Watch(checkpoints=kept))
    _, again = _one_weight(_script((0.9, 0), (0.5, 0), (0.5, 0), (0.99, 0)))
    result = fit(again, _stage(4, patience=2), Watch(resume=kept.read()))
    assert (len(result.history), result.best_epoch) == (3, 1)


@pytest.mark.parametrize("change", [{"name": "pretrain"}, {"seed": 7}, {"split": "other"}])
def test_a_snapshot_of_other_work_is_refused(change: dict[str, object]) -> None:
    kept = Kept()
    fit(_one_weight(lambda epoch: {})[1], _stage(2, checkpoint_seconds=0), Watch(checkpoints=kept))
    with pytest.raises(MismatchError):
        fit(_one_weight(lambda epoch: {})[1], replace(_stage(4), **change), Watch(resume=kept.read()))


def test_a_snapshot_of_another_model_is_refused() -> None:
    kept = Kept()
    fit(_one_weight(lambda epoch: {})[1], _stage(2, checkpoint_seconds=0), Watch(checkpoints=kept))
    other = nn.Linear(3, 1)
    with pytest.raises(MismatchError, match="another model"):
        fit(replace(_one_weight(lambda epoch: {})[1], module=other), _stage(4), Watch(resume=kept.read()))


def test_pretraining_that_diverges_says_so_before_a_weight_is_spoilt() -> None:
    module, what = _one_weight(lambda epoch: {})
    poisoned = replace(what, step=lambda step: {"loss": (module.weight * math.nan).sum()})
    with pytest.raises(DivergedError):
        fit(poisoned, _stage(2))
    assert module.weight.item() == 1.0


def test_own_hooks_may_end_the_stage() -> None:
    class AfterTwo(Hook):
        def after_epoch(self, loop: Loop) -> None:
            assert loop.stage == "scratch"
            if loop.epoch == 2:
                loop.end("enough")

    result = fit(_one_weight(lambda epoch: {})[1], _stage(9), hooks=(AfterTwo(),))
    assert (len(result.history), result.reason) == (2, "enough")


def test_a_stop_during_the_last_epoch_is_a_finished_stage() -> None:
    cancel = CancelToken()

    def sink(event: Event) -> None:
        if isinstance(event, EpochFinished) and event.epoch == 3:
            cancel.stop()

    assert fit(_one_weight(lambda epoch: {})[1], _stage(3), Watch(sink, cancel)).status == "finished"


def test_a_stage_resumed_after_its_last_epoch_only_hands_over_the_best() -> None:
    kept = Kept()
    rows = _script((0.5, 0), (0.9, 0), (0.6, 0))
    fit(_one_weight(rows)[1], _stage(3, checkpoint_seconds=0), Watch(checkpoints=kept))
    module, what = _one_weight(rows)
    result = fit(what, _stage(3), Watch(resume=kept.read()))
    assert (len(result.history), result.best_epoch, result.status) == (3, 2, "finished")
    assert module.weight.item() == pytest.approx(0.8**2)
