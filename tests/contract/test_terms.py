"""What every loss beside the supervised one promises, and how a training carries it."""

from collections.abc import Callable

import pytest
import torch

from engine.core.cancel import Cancelled, CancelToken
from engine.core.errors import MismatchError
from engine.core.events import EpochFinished, Event
from engine.learn.finetuning import Finetuned, finetune
from engine.learn.options import OptimiserOptions, TrainingOptions
from engine.learn.snapshots import Snapshot
from engine.learn.strategies import STRATEGIES
from engine.learn.terms import TERMS
from engine.learn.terms._base import Term
from engine.learn.trainer import Stage, Watch
from engine.nn.model import Model
from tests.engine.learn.planted import planted

DATA = planted(classes=3, signal=0.3)
STAGE = Stage("scratch", TrainingOptions(epochs=8), OptimiserOptions(rate=0.02), seed=3)


class Kept:
    """Keeps the last snapshot."""

    def save_progress(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot


def _term(key: str, **options: object) -> Term:
    kind = TERMS.get(key)
    return kind(kind.parse(options))


def _train(
    term: Term | None, watch: Watch | None = None, strategy: str = "scratch", stage: Stage = STAGE
) -> tuple[Finetuned, Model]:
    model = DATA.model(3, norm="batch", width=8)
    kind = STRATEGIES.get(strategy)
    return finetune(model, DATA.batch, DATA.labels(), kind(kind.parse({})), stage, watch, term), model


def _interrupted_at(epoch: int, run: Callable[[Watch], object]) -> Snapshot:
    cancel, kept = CancelToken(), Kept()

    def sink(event: Event) -> None:
        if isinstance(event, EpochFinished) and event.epoch == epoch:
            cancel.cancel()

    with pytest.raises(Cancelled):
        run(Watch(sink, cancel, kept))
    return kept.snapshot


@pytest.fixture(params=TERMS.keys())
def key(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_no_term_is_broken() -> None:
    assert TERMS.keys()
    assert not TERMS.broken


def test_its_loss_is_added_and_shown_on_the_curves(key: str) -> None:
    done, _ = _train(_term(key))
    without, _ = _train(None)
    first, plain = done.fit.history[0], without.fit.history[0]
    assert first["train_loss"] != pytest.approx(first["train_supervised"])
    assert set(first) > set(plain) | {"train_supervised"}


def test_the_model_keeps_its_own_names_whatever_is_trained_beside_it(key: str) -> None:
    done, model = _train(_term(key))
    _, plain = _train(None)
    assert set(model.state_dict()) == set(plain.state_dict())
    assert done.moved == sum(p.numel() for p in model.parameters())


def test_an_interrupted_training_goes_on_bit_for_bit(key: str) -> None:
    whole, weights = _train(_term(key))
    snapshot = _interrupted_at(3, lambda watch: _train(_term(key), watch))
    torch.manual_seed(999)
    again, resumed = _train(_term(key), Watch(resume=snapshot))
    assert whole.fit.history == again.fit.history
    assert all(torch.equal(value, resumed.state_dict()[name]) for name, value in weights.state_dict().items())


def test_a_strategy_that_never_moves_the_encoder_refuses_it(key: str) -> None:
    with pytest.raises(MismatchError, match="keeps the encoder as it is"):
        _train(_term(key), strategy="head_only")


def test_an_objective_beside_the_labels_is_the_objective_times_its_weight() -> None:
    """The first epoch's loss is that of the labels plus the weight times the objective's own."""
    done, _ = _train(_term("objective", objective="links", weight=2.0))
    first = done.fit.history[0]
    assert first["train_loss"] == pytest.approx(first["train_supervised"] + 2 * first["train_links"], rel=1e-6)


def test_an_unknown_objective_beside_the_labels_is_told_with_its_place() -> None:
    with pytest.raises(Exception, match="beside.objective"):
        _term("objective", objective="nothing")
