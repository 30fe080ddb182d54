"""What every strategy promises about which weights move, and what each of them is known for."""

import copy

import pytest
import torch

from engine.learn.finetuning import Finetuned, finetune
from engine.learn.options import OptimiserOptions, TrainingOptions
from engine.learn.strategies import STRATEGIES
from engine.learn.strategies._base import Strategy
from engine.learn.trainer import Stage
from engine.nn.encoders import ENCODERS
from engine.nn.model import Model
from tests.engine.learn.planted import planted

DATA = planted(classes=3)


def _strategy(key: str, **options: object) -> Strategy:
    kind = STRATEGIES.get(key)
    return kind(kind.parse(options))


def _train(key: str, model: Model, epochs: int = 3, **options: object) -> Finetuned:
    stage = Stage("finetune", TrainingOptions(epochs=epochs), OptimiserOptions(rate=0.05, weight_decay=0.01))
    return finetune(model, DATA.batch, DATA.labels(), _strategy(key, **options), stage)


def _changed(before: dict[str, torch.Tensor], model: Model) -> set[str]:
    return {name for name, value in model.state_dict().items() if not torch.equal(before[name], value)}


@pytest.fixture(params=STRATEGIES.keys())
def key(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_no_strategy_is_broken() -> None:
    assert STRATEGIES.keys()
    assert not STRATEGIES.broken


@pytest.mark.parametrize("encoder", ENCODERS.keys())
def test_exactly_the_weights_in_groups_move_and_they_are_counted(key: str, encoder: str) -> None:
    model = DATA.model(3, encoder=encoder)
    strategy = _strategy(key)
    groups = strategy.apply(model, OptimiserOptions())
    moving = [p for group in groups for p in group.parameters]
    assert len({id(p) for p in moving}) == len(moving)
    assert sum(p.numel() for p in moving) == strategy.moved(model)
    strategy.on_epoch(model, 1000)
    torch.nn.functional.cross_entropy(model(DATA.batch), torch.zeros(60, dtype=torch.int64)).backward()
    reached = {id(p) for p in model.parameters() if p.grad is not None}
    assert reached == {id(p) for p in moving}


def test_every_weight_of_a_trained_encoder_and_head_is_in_a_group_unless_frozen(key: str) -> None:
    model = DATA.model(3, norm="batch", skip=True, activation="prelu", layers=3)
    groups = _strategy(key).apply(model, OptimiserOptions())
    moving = {id(p) for group in groups for p in group.parameters}
    left = {name for name, p in model.named_parameters() if id(p) not in moving}
    assert all(name.startswith("encoder.") for name in left)
    assert not left or key == "head_only"


def test_modes_depend_on_nothing_but_the_epoch(key: str) -> None:
    one, two = DATA.model(3, norm="batch"), DATA.model(3, norm="batch")
    strategy = _strategy(key)
    for epoch in (1, 2, 30, 5):
        strategy.on_epoch(one, epoch)
    strategy.on_epoch(two, 5)
    modes = [[(m.training, [p.requires_grad for p in m.parameters()]) for m in x.modules()] for x in (one, two)]
    assert modes[0] == modes[1]


def test_ten_items_are_learnt_by_heart_from_random_weights() -> None:
    data = planted(30, classes=3, signal=0.0)
    rows = torch.arange(30).numpy()
    data = copy.copy(data)
    object.__setattr__(data, "split", type(data.split)("ten", rows < 10, rows < 0, rows >= 10))
    labels = data.labels()
    model = data.model(3, encoder="mlp", width=64, dropout=0.0)
    stage = Stage("scratch", TrainingOptions(epochs=150), OptimiserOptions(rate=0.02, weight_decay=0.0))
    done = finetune(model, data.batch, labels, _strategy("scratch"), stage)
    assert (done.logits[:10].argmax(1) == labels.target[:10]).all()


def test_head_only_leaves_the_encoder_and_its_statistics_as_they_are() -> None:
    model = DATA.model(3, norm="batch")
    before = copy.deepcopy(model.state_dict())
    done = _train("head_only", model)
    changed = _changed(before, model)
    assert changed
    assert all(name.startswith("head.") for name in changed)
    assert done.moved == sum(p.numel() for p in model.head.parameters())


def test_head_first_frees_the_encoder_after_its_epochs() -> None:
    for epochs, moves in ((4, False), (5, True)):
        model = DATA.model(3, norm="batch")
        before = copy.deepcopy(model.state_dict())
        stage = Stage("finetune", TrainingOptions(epochs=epochs), OptimiserOptions(rate=0.05))
        labels = DATA.labels()
        # Without a valid part the last epoch is kept, so that what is looked at is where training ended.
        none = labels.split.valid & False
        labels = type(labels)(labels.task, labels.target, type(labels.split)("x", labels.split.train, none, none))
        finetune(model, DATA.batch, labels, _strategy("head_first", head_epochs=4), stage)
        assert any(name.startswith("encoder.") for name in _changed(before, model)) is moves


def test_head_first_slows_each_layer_by_its_distance_from_the_head() -> None:
    model = DATA.model(3, layers=3, head="linear")
    groups = _strategy("head_first", encoder_factor=0.1, layer_decay=0.8).apply(model, OptimiserOptions(rate=1.0))
    assert [group.rate for group in groups] == pytest.approx([0.064, 0.08, 0.1, 1.0])


def test_full_gives_the_encoder_a_rate_of_its_own() -> None:
    model = DATA.model(3, layers=2, head="linear")
    groups = _strategy("full", encoder_factor=0.5).apply(model, OptimiserOptions(rate=1.0))
    assert [group.rate for group in groups] == pytest.approx([0.5, 0.5, 1.0])


def test_scratch_needs_no_pretrained_encoder_and_the_others_do() -> None:
    assert {kind.key for kind in STRATEGIES if not kind.needs_pretrained} == {"scratch"}
