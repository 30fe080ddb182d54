"""What every strategy promises about which weights move, and what each of them is known for."""

import copy
from dataclasses import replace

import pytest
import scipy.sparse as sp
import torch

from engine.core.errors import MismatchError, OptionError
from engine.graph.batch import GraphBatch
from engine.learn.choosing import choose
from engine.learn.finetuning import Finetuned, finetune, predict_logits
from engine.learn.inference import answers
from engine.learn.options import OptimiserOptions, TrainingOptions
from engine.learn.strategies import STRATEGIES
from engine.learn.strategies._base import Strategy
from engine.learn.trainer import Stage, Watch
from engine.nn.encoders import ENCODERS
from engine.nn.model import Model
from tests.engine.learn.planted import planted

DATA = planted(classes=3)
# A model this small has little room for adapters beside its head.
ROOM = {"adapter": {"share": 1.0}}
# "choose" names others and trains nothing itself.
KEYS = [key for key in STRATEGIES.keys() if key != "choose"]  # noqa: SIM118 - a registry is no mapping


def _strategy(key: str, **options: object) -> Strategy:
    kind = STRATEGIES.get(key)
    return kind(kind.parse({**ROOM.get(key, {}), **options}))


def _train(key: str, model: Model, epochs: int = 3, **options: object) -> Finetuned:
    stage = Stage("finetune", TrainingOptions(epochs=epochs), OptimiserOptions(rate=0.05, weight_decay=0.01))
    return finetune(model, DATA.batch, DATA.labels(), _strategy(key, **options), stage)


def _changed(before: dict[str, torch.Tensor], model: Model) -> set[str]:
    return {name for name, value in model.state_dict().items() if not torch.equal(before[name], value)}


@pytest.fixture(params=KEYS)
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
    assert not left or key in ("head_only", "lora", "adapter", "prompt")


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
    finetune(model, data.batch, labels, _strategy("scratch"), stage)
    assert (predict_logits(model, data.batch)[:10].argmax(1) == labels.target[:10]).all()


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


@pytest.mark.parametrize("encoder", ENCODERS.keys())
def test_a_strategy_s_own_weights_change_nothing_before_they_are_trained(key: str, encoder: str) -> None:
    model = DATA.model(3, encoder=encoder).eval()
    with torch.no_grad():
        before = model(DATA.batch)
        _strategy(key).extend(model)
        assert torch.allclose(model.eval()(DATA.batch), before, atol=1e-6)


@pytest.mark.parametrize("encoder", ENCODERS.keys())
def test_a_new_model_extended_the_same_way_takes_over_the_weights(key: str, encoder: str) -> None:
    model = DATA.model(3, encoder=encoder)
    _train(key, model)
    again = DATA.model(3, seed=9, encoder=encoder)
    strategy = _strategy(key)
    strategy.extend(again)
    strategy.extend(again)
    again.load_state_dict(model.state_dict())
    assert (predict_logits(again, DATA.batch) == predict_logits(model, DATA.batch)).all()


def test_what_was_extended_answers_alike_layer_by_layer(key: str) -> None:
    model = DATA.model(3, layers=3, head="linear")
    _train(key, model)
    whole = answers(model.encoder, DATA.batch)
    assert answers(model.encoder, DATA.batch, budget=1) == pytest.approx(whole, abs=1e-5)


@pytest.mark.parametrize("sparse", [False, True])
def test_sparse_features_stay_sparse_and_answer_alike(key: str, sparse: bool) -> None:
    model = DATA.model(3)
    _train(key, model)
    dense = predict_logits(model, DATA.batch)
    batch = GraphBatch.from_graph(DATA.graph, sp.csr_matrix(DATA.x) if sparse else DATA.x)
    assert predict_logits(model, batch) == pytest.approx(dense, abs=1e-5)


def test_layers_are_freed_one_after_another_from_the_head() -> None:
    model = DATA.model(3, layers=3, head="linear")
    strategy = _strategy("gradual", every=2)
    strategy.apply(model, OptimiserOptions())

    def free(epoch: int) -> list[bool]:
        strategy.on_epoch(model, epoch)
        return [next(block.parameters()).requires_grad for block in model.blocks()]

    assert [free(epoch) for epoch in (1, 2, 3, 4, 5, 7, 50)] == [
        [False, False, False, True],
        [False, False, False, True],
        [False, False, True, True],
        [False, False, True, True],
        [False, True, True, True],
        [True, True, True, True],
        [True, True, True, True],
    ]
    groups = _strategy("gradual", encoder_factor=0.5, layer_decay=0.5).apply(model, OptimiserOptions(rate=1.0))
    assert [group.rate for group in groups] == pytest.approx([0.125, 0.25, 0.5, 1.0])


def test_low_rank_updates_have_the_rank_that_was_asked_for_and_leave_the_rest() -> None:
    model = DATA.model(3, width=32, layers=3, norm="layer", head="linear")
    start = {name: p.detach().clone() for name, p in model.encoder.named_parameters()}
    done = _train("lora", model, rank=2)
    layer = model.encoder.layers[1].convolution
    moved_by = (layer.weight - start["layers.1.convolution.weight"]).detach()
    assert int(torch.linalg.matrix_rank(moved_by, atol=1e-6)) == 2
    assert torch.equal(layer.parametrizations.weight.original, start["layers.1.convolution.weight"])
    assert torch.equal(layer.bias, start["layers.1.convolution.bias"])
    # Two additions 32 x 2 and 2 x 32, one of 8 x 2 and 2 x 32, three norms of 2 x 32, and the head of 32 x 3 + 3.
    assert done.moved == 2 * (64 + 64) + (16 + 64) + 3 * 64 + 99


def test_adapters_move_at_most_their_share_of_the_weights_and_say_when_they_cannot() -> None:
    for width in (128, 256, 512):
        model = DATA.model(3, width=width, layers=3, head="linear")
        own = sum(p.numel() for p in model.parameters())
        strategy = _strategy("adapter", share=0.06)
        strategy.apply(model, OptimiserOptions())
        assert 0 < strategy.moved(model) <= 0.06 * own
    with pytest.raises(MismatchError, match="do not fit into 6 %"):
        _strategy("adapter", share=0.06).apply(DATA.model(3), OptimiserOptions())
    with pytest.raises(MismatchError, match="nothing to stand behind"):
        _strategy("adapter").apply(DATA.model(3, layers=1), OptimiserOptions())


def test_a_bottleneck_adds_what_it_makes_of_the_layer_before_it() -> None:
    model = DATA.model(3, head="linear", layers=1).eval()
    with torch.no_grad():
        h = model.encoder(DATA.batch)
        _strategy("adapter").extend(model)
        one = model.encoder.bottlenecks[0]
        one.up.weight.normal_()
        expected = h + (h @ one.down.weight + one.down.bias).relu() @ one.up.weight + one.up.bias
        assert torch.allclose(model.eval().encoder(DATA.batch), expected, atol=1e-5)


def test_a_prompt_is_one_vector_added_to_the_features_of_every_node() -> None:
    model = DATA.model(3)
    done = _train("prompt", model, epochs=10)
    vector = model.encoder.before.vector.detach()
    assert vector.abs().max() > 0
    plain = model.eval().encoder.inner
    with torch.no_grad():
        expected = model.head(plain(DATA.batch.with_x(DATA.batch.x + vector)), DATA.batch)
    assert predict_logits(model, DATA.batch) == pytest.approx(expected.numpy(), abs=1e-6)
    assert done.moved == 8 + sum(p.numel() for p in model.head.parameters())


def test_a_prompt_beside_a_hidden_token_is_refused() -> None:
    from engine.graph.features import RowShift, SparseFeatures

    model = DATA.model(3)
    _strategy("prompt").extend(model)
    x = SparseFeatures.from_csr(sp.csr_matrix(DATA.x))
    hidden = SparseFeatures(x.pattern, x.values, RowShift(torch.ones(60), torch.ones(8)))
    with pytest.raises(MismatchError, match="prompt"):
        model.encoder(DATA.batch, hidden)


def test_the_pull_to_the_start_is_half_the_squared_distance_times_its_strength() -> None:
    model = DATA.model(3)
    strategy = _strategy("near_start", pull=0.2)
    groups = strategy.apply(model, OptimiserOptions(weight_decay=0.3))
    assert strategy.penalty(model).item() == 0
    for parameter in model.encoder.parameters():
        parameter.data += 0.5
    count = sum(p.numel() for p in model.encoder.parameters())
    assert strategy.penalty(model).item() == pytest.approx(0.5 * 0.2 * 0.25 * count, rel=1e-5)
    assert [group.weight_decay for group in groups] == [0.0, 0.3]


def test_a_strong_pull_keeps_the_encoder_where_it_was() -> None:
    far = {}
    for pull in (0.0, 10.0):
        model = DATA.model(3)
        start = [p.detach().clone() for p in model.encoder.parameters()]
        _train("near_start", model, epochs=30, pull=pull)
        far[pull] = sum((p - s).square().sum().item() for p, s in zip(model.encoder.parameters(), start, strict=True))
    assert far[10.0] < 0.1 * far[0.0]


def _choose(among: tuple[str, ...], scores: dict[str, float], budget: int = 30) -> tuple[object, list[tuple[str, int]]]:
    """Choose where each strategy scores as told."""
    asked: list[tuple[str, int]] = []

    def train(strategy: Strategy, stage: Stage, watch: Watch) -> Finetuned:
        asked.append((strategy.key, stage.training.epochs))
        if strategy.key == "adapter":
            raise MismatchError("Adapters do not fit.")
        done = _train("head_only", DATA.model(3), epochs=1)
        return replace(done, valid={"accuracy": scores[strategy.key]})

    stage = Stage("finetune", TrainingOptions(epochs=200), OptimiserOptions())
    wanted = STRATEGIES.get("choose")(STRATEGIES.get("choose").parse({"among": among, "budget": budget}))
    return choose(wanted, train, stage, "accuracy", maximise=True, watch=Watch()), asked


def test_the_best_on_valid_is_chosen_within_the_budget_and_what_does_not_suit_is_left_out() -> None:
    found, asked = _choose(("head_only", "adapter", "full"), {"head_only": 0.7, "full": 0.8})
    assert asked == [("head_only", 10), ("adapter", 10), ("full", 10)]
    assert found.strategy.key == "full"
    assert found.scores == {"head_only": 0.7, "adapter": None, "full": 0.8}


def test_of_equals_the_first_is_chosen() -> None:
    found, _ = _choose(("head_only", "full"), {"head_only": 0.7, "full": 0.7})
    assert found.strategy.key == "head_only"


def test_a_choice_without_candidates_is_refused() -> None:
    with pytest.raises(MismatchError, match="None of the strategies"):
        _choose(("adapter",), {})
    with pytest.raises(OptionError, match="among"):
        _choose(("choose",), {})
    with pytest.raises(MismatchError, match="a choice among strategies"):
        _train("choose", DATA.model(3))
