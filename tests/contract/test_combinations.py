"""Every encoder with every objective and every strategy: it runs, goes on exactly, or is refused in clear words."""

import copy
import zlib
from collections.abc import Callable
from functools import cache
from itertools import product

import pytest
import scipy.sparse as sp
import torch

from engine.core.cancel import Cancelled, CancelToken
from engine.core.errors import MismatchError
from engine.core.events import EpochFinished, Event
from engine.graph.batch import GraphBatch
from engine.learn.finetuning import Finetuned, finetune, predict_logits
from engine.learn.objectives import OBJECTIVES
from engine.learn.objectives._base import Objective
from engine.learn.options import OptimiserOptions, TrainingOptions
from engine.learn.pretraining import pretrain
from engine.learn.snapshots import Snapshot
from engine.learn.strategies import STRATEGIES
from engine.learn.strategies._base import Strategy
from engine.learn.trainer import FitResult, Stage, Watch
from engine.nn.encoders import ENCODERS
from engine.nn.encoders._base import Encoder
from engine.nn.model import Model
from tests.engine.learn.planted import planted
from tests.support.collections import five_paths

DATA = planted(24, classes=3)
SPARSE = GraphBatch.from_graph(DATA.graph, sp.csr_matrix(DATA.x))
# "choose" names others and trains nothing itself.
STRATEGY_KEYS = [key for key in STRATEGIES.keys() if key != "choose"]  # noqa: SIM118 - a registry is no mapping
OBJECTIVE_KEYS = OBJECTIVES.keys()
ALL = list(product(ENCODERS.keys(), OBJECTIVE_KEYS, STRATEGY_KEYS))
# One in so many combinations is interrupted and resumed.
SAMPLED = 7
SMALL = {"width": 8, "layers": 2, "steps": 2, "heads": 2}


class Kept:
    """Keeps the last snapshot."""

    def save_progress(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot


def _batch(*words: str) -> GraphBatch:
    """Return dense or sparse features, by lot."""
    return SPARSE if zlib.crc32("/".join(words).encode()) % 2 else DATA.batch


def _encoder(key: str) -> Encoder:
    kind = ENCODERS.get(key)
    torch.manual_seed(0)
    fields = kind.Config.model_fields
    small = {name: value for name, value in SMALL.items() if name in fields}
    if key == "gcn":
        small |= {"norm": "batch", "head": "linear"}
    return kind(kind.parse(small), DATA.batch.in_width)


def _objective(key: str) -> Objective:
    kind = OBJECTIVES.get(key)
    return kind(kind.parse({}))


def _strategy(key: str) -> Strategy:
    kind = STRATEGIES.get(key)
    return kind(kind.parse({"share": 1.0} if key == "adapter" else {}))


def _pretrained(encoder: str, objective: str, watch: Watch | None = None, epochs: int = 1) -> tuple[Encoder, FitResult]:
    made = _encoder(encoder)
    stage = Stage("pretrain", TrainingOptions(epochs=epochs), OptimiserOptions(rate=0.001), seed=1)
    for_graphs = OBJECTIVES.get(objective).for_graphs
    batch = five_paths(DATA.batch.in_width) if for_graphs else _batch(encoder, objective)
    return made, pretrain(made, _objective(objective), batch, stage, watch)


@cache
def _start(encoder: str, objective: str) -> dict[str, torch.Tensor] | str:
    """Return pretrained weights, or why there are none."""
    try:
        made, _ = _pretrained(encoder, objective)
    except MismatchError as error:
        return str(error)
    return copy.deepcopy(made.state_dict())


def _finetuned(
    encoder: str, weights: dict[str, torch.Tensor], strategy: str, batch: GraphBatch, watch: Watch, epochs: int = 1
) -> tuple[Finetuned, Model]:
    made = _encoder(encoder)
    made.load_state_dict(weights)
    torch.manual_seed(1)
    model = Model(made, 3)
    stage = Stage("finetune", TrainingOptions(epochs=epochs), OptimiserOptions(rate=0.01), seed=2)
    return finetune(model, batch, DATA.labels(), _strategy(strategy), stage, watch), model


def _interrupted(run: Callable[[Watch], object]) -> Snapshot:
    """Return the snapshot of what was cancelled after its first epoch."""
    cancel, kept = CancelToken(), Kept()

    def sink(event: Event) -> None:
        if isinstance(event, EpochFinished):
            cancel.cancel()

    with pytest.raises(Cancelled):
        run(Watch(sink, cancel, kept))
    return kept.snapshot


def _is_clear(text: str) -> bool:
    return text[0].isupper() and len(text.split()) > 5 and text.rstrip().endswith(".")


@pytest.mark.parametrize("encoder", ENCODERS.keys())
def test_every_combination_trains_one_epoch_or_is_refused_in_clear_words(encoder: str) -> None:
    ran, refused = 0, []
    for objective, strategy in product(OBJECTIVE_KEYS, STRATEGY_KEYS):
        weights = _start(encoder, objective)
        if isinstance(weights, str):
            refused.append(weights)
            continue
        try:
            done, model = _finetuned(encoder, weights, strategy, _batch(encoder, objective, strategy), Watch())
        except MismatchError as error:
            refused.append(str(error))
            continue
        logits = predict_logits(model, _batch(encoder, objective, strategy))
        assert logits.shape == (24, 3), (objective, strategy)
        assert bool(torch.isfinite(torch.from_numpy(logits)).all()), (objective, strategy)
        assert 0 < done.moved <= sum(p.numel() for p in model.parameters()), (objective, strategy)
        ran += 1
    assert ran or refused
    assert not [text for text in refused if not _is_clear(text)]


@pytest.mark.parametrize(("encoder", "objective", "strategy"), ALL[::SAMPLED])
def test_an_interrupted_training_of_any_combination_goes_on_bit_for_bit(
    encoder: str, objective: str, strategy: str
) -> None:
    weights = _start(encoder, objective)
    if isinstance(weights, str):
        pytest.skip(weights)
    batch = _batch(encoder, objective, strategy)

    def run(watch: Watch) -> tuple[Finetuned, Model]:
        return _finetuned(encoder, weights, strategy, batch, watch, epochs=3)

    whole, model = run(Watch())
    snapshot = _interrupted(run)
    torch.manual_seed(999)
    again, resumed = run(Watch(resume=snapshot))
    assert whole.fit.history == again.fit.history
    assert (predict_logits(model, batch) == predict_logits(resumed, batch)).all()
    assert all(torch.equal(value, resumed.state_dict()[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize(("encoder", "objective"), list(product(ENCODERS.keys(), OBJECTIVE_KEYS))[::3])
def test_an_interrupted_pretraining_of_any_pair_goes_on_bit_for_bit(encoder: str, objective: str) -> None:
    if isinstance(_start(encoder, objective), str):
        pytest.skip(str(_start(encoder, objective)))

    def run(watch: Watch) -> tuple[Encoder, FitResult]:
        return _pretrained(encoder, objective, watch, epochs=3)

    whole, result = run(Watch())
    snapshot = _interrupted(run)
    torch.manual_seed(999)
    again, resumed = run(Watch(resume=snapshot))
    assert result.history == resumed.history
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in whole.state_dict().items())
