"""What is foretold of a run: only what will run, in words that a person can use."""

from pathlib import Path

import pytest

from engine.core.cancel import CancelToken
from engine.core.events import silent
from engine.jobs._estimate import Bench, Costs, Estimate, Spent, _expected, _rounds
from engine.learn.options import TrainingOptions
from engine.project.codec import from_plain
from engine.project.opened import open_data
from engine.project.presets import Draft
from engine.project.recipe import Recipe, StagePart
from engine.project.sampling import fits, sample_neighbours
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
    sample_neighbours(draft, 600_000, 30 * _GB, 20 * _GB)
    assert draft.loader is not None
    assert draft.loader["type"] == "neighbours"
    assert draft.finetune["training"]["epochs"] == 8
    assert "30.0 GB" in draft.reasons["loader"][0]
