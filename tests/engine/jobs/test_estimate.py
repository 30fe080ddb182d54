"""What is foretold of a run: only what will run, in words that a person can use."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from engine.core.cancel import CancelToken
from engine.core.events import silent
from engine.graph.batch import GraphBatch
from engine.jobs import _estimate, _sample
from engine.jobs._estimate import Bench, Spent, _expected, _rounds
from engine.jobs._foretold import Costs, Estimate
from engine.jobs._sample import sample_graphs, sample_labelled
from engine.jobs.suggest import _quick_costs
from engine.learn.options import TrainingOptions
from engine.project.codec import from_plain
from engine.project.opened import open_data
from engine.project.presets import Draft
from engine.project.recipe import Recipe, StagePart
from engine.project.sampling import fits, see_in_parts
from tests.support.collections import shapes_recipe, write_shapes
from tests.support.tables import block_recipe, write_blocks

_GB = 1 << 30


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    plain = block_recipe(write_blocks(tmp_path), pretrain="dgi", epochs=100)
    return from_plain({**plain, "finetune": {"type": "full", "training": {"epochs": 100}}})


@pytest.fixture
def bench(recipe: Recipe) -> Bench:
    data = open_data(recipe.data, sink=silent).data
    return Bench(data, recipe, CancelToken(), Spent(2.0, 1 << 20))


def test_only_what_will_run_is_counted(bench: Bench, recipe: Recipe) -> None:
    costs = Costs({"pretrain": 1.0, "finetune": 0.5}, 0.25, 0)
    whole = bench.estimate(recipe, costs, 1)
    assert whole.parts["pretrain"] == 100
    assert whole.parts["scratch"] == whole.parts["finetune"] == 50.5
    taken = bench.estimate(recipe, costs, 1, pretrained=True)
    assert "pretrain" not in taken.parts
    assert taken.seconds == pytest.approx(whole.seconds - 100, abs=2)
    alone = recipe.model_copy(update={"pretrain": None, "finetune": StagePart(type="scratch")})
    assert {"pretrain", "probe", "finetune"}.isdisjoint(bench.estimate(alone, costs, 1).parts)
    seeds = recipe.replaced({"runtime.seeds": [0, 1, 2]})
    assert bench.estimate(seeds, costs, 1).parts["pretrain"] == 300


def test_real_steps_are_measured(bench: Bench, recipe: Recipe) -> None:
    costs = bench.measure(recipe)
    assert set(costs.epoch) == {"pretrain", "finetune"}
    assert min(costs.epoch.values()) > 0
    assert bench.estimate(recipe, costs, 1).bytes > 100 << 20  # the program alone


def test_the_sentence_names_time_memory_and_what_is_free() -> None:
    found = Estimate({"read": 30.0, "scratch": 10.0}, 6 * _GB // 5, 18 * _GB)
    assert found.sentence == "About 40 s and 1.2 GB of memory on this machine; 18.0 GB are free."
    assert Estimate({"read": 600.0}, 500 << 20).sentence == "About 10 min and 500 MB of memory on this machine."


def test_without_patience_all_epochs_count() -> None:
    assert _expected(TrainingOptions(epochs=200)) == 200
    assert 60 < _expected(TrainingOptions(epochs=400, patience=60)) < 400


def test_rounds_follow_the_rate_at_which_moves_shrink() -> None:
    """Halved each time from 1, and by 0.99 besides: 0.495^t is below a millionth after 20 steps."""
    assert _rounds([0.5**k for k in range(12)]) == pytest.approx(20, abs=2)
    assert _rounds([1.0] * 12) == 200
    assert _rounds([0.0] * 12) <= 12


def test_a_step_that_fills_more_than_half_of_what_is_free_is_sampled() -> None:
    assert fits(4 * _GB, 9 * _GB)
    assert not fits(5 * _GB, 9 * _GB)
    assert fits(5 * _GB, 0)  # nobody knows
    draft = Draft({"type": "gcn"}, {"type": "scratch", "training": {"epochs": 400}})
    facts = {"num_nodes": 1_000_000, "train_labels": 600_000, "needed": 30 * _GB, "free": 20 * _GB}
    see_in_parts(draft, hops=2, **facts)
    assert draft.loader is not None
    assert draft.loader["type"] == "neighbours"
    assert draft.finetune["training"]["epochs"] == 8
    assert "30.0 GB" in draft.reasons["loader"][0]
    # Ten steps away are too many neighbours of neighbours.
    for hops in (10, None):
        see_in_parts(draft, hops=hops, **facts)
        assert draft.loader["type"] == "clusters"
        assert draft.finetune["training"]["epochs"] == 80


@pytest.mark.parametrize(
    ("fixed", "each", "tried", "chosen", "words"),
    [
        (0.01, 0.0, [32, 128], 128, "under a minute"),
        (0.0, 0.006, [32, 128, 64], 64, "under a minute"),
        (0.0, 0.2, [32], 32, "longer than a minute"),
    ],
)
def test_a_quick_recipe_tries_only_widths_that_may_fit(
    fixed: float, each: float, tried: list[int], chosen: int, words: str
) -> None:
    """An epoch takes some seconds in any case, and some more for each column; 30 seconds are left."""
    parts = Draft({"type": "gcn"}, {"type": "scratch"})
    measured: list[int] = []

    class Clock:
        def measure(self, width: int) -> Costs:
            measured.append(width)
            return Costs({"finetune": fixed + each * width}, 0.0, 0)

    costs = _quick_costs(parts, Clock(), lambda: parts.encoder["width"], 5.0)  # type: ignore[arg-type]  # all it is asked
    assert measured == tried
    assert parts.encoder["width"] == chosen
    assert costs.epoch["finetune"] == fixed + each * chosen
    assert words in " ".join(parts.reasons["encoder"])
    assert ("too little" in " ".join(parts.reasons["finetune"])) == (words == "longer than a minute")


@pytest.fixture
def many(tmp_path: Path) -> tuple[Bench, Recipe]:
    """400 small graphs, of which every tenth has no known target."""
    recipe = from_plain(shapes_recipe(write_shapes(tmp_path / "many", graphs=400)))
    return Bench(open_data(recipe.data, sink=silent).data, recipe, CancelToken(), Spent(2.0, 1 << 20)), recipe


def test_a_part_of_a_collection_keeps_the_shares_of_train_and_valid_and_each_graphs_own_target(
    many: tuple[Bench, Recipe],
) -> None:
    batch, labels = many[0].batch, many[0].labels
    found = sample_labelled(batch, labels, most=320)
    train, valid = len(labels.rows("train")), len(labels.rows("valid"))
    assert (train, valid) == (216, 72)
    # All of the 288 that have a known target and are not of the test.
    assert (found.batch.num_graphs, found.epoch) == (288, 1.0)
    assert found.answer == pytest.approx(400 / 288)
    some = sample_labelled(batch, labels, most=144)
    # Half of train; of valid no fewer than 64.
    assert (len(some.labels.rows("train")), len(some.labels.rows("valid"))) == (108, 64)
    assert (some.epoch, some.answer) == (2.0, 400 / 172)
    # A ring has as many edges as nodes, a path one less: that tells whose target stands beside which graph.
    ring = some.labels.task.class_names.index("ring")
    stored = np.diff(some.batch.indptr.numpy()[some.batch.graph_ptr.numpy()])
    sizes = np.diff(some.batch.graph_ptr.numpy())
    assert ((stored == 2 * sizes) == (some.labels.target == ring)).all()
    assert some.batch.x.dtype == batch.x.dtype
    assert sample_labelled(batch, labels, most=400).batch is batch
    assert sample_graphs(batch, 50).num_graphs == 50
    assert sample_graphs(batch, 400) is batch


def test_steps_of_a_large_collection_are_timed_on_a_part_and_counted_for_all(
    many: tuple[Bench, Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, recipe = many
    timed: list[int] = []
    finetune = _estimate.finetune

    def counted(model: object, batch: GraphBatch, *rest: object, **named: object) -> object:
        timed.append(batch.num_graphs)
        return finetune(model, batch, *rest, **named)

    monkeypatch.setattr(_estimate, "finetune", counted)
    monkeypatch.setattr(_estimate._Clock, "seconds", lambda clock, evaluate_every=1: 1.0)
    assert whole.measure(recipe).epoch["finetune"] == 1.0
    whole._sample = sample_labelled(whole.batch, whole.labels, most=144)
    assert whole.measure(recipe).epoch["finetune"] == 2.0
    assert timed == [400, 400, 172]


def test_a_collection_of_many_is_a_part_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_estimate, "sample_labelled", partial(_sample.sample_labelled, most=144))
    recipe = from_plain(shapes_recipe(write_shapes(tmp_path / "many", graphs=400)))
    found = Bench(open_data(recipe.data, sink=silent).data, recipe, CancelToken(), Spent(2.0, 1 << 20))
    assert found._sample.batch.num_graphs == 172
    assert found.batch.num_graphs == 400
