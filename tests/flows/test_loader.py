"""A recipe that trains on sampled neighbours, from files to predictions; recipes without one are as they were."""

from pathlib import Path

import pytest

from engine.core.errors import UnknownComponentError
from engine.jobs._taken import pretrain_needs
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from engine.project.codec import from_plain, from_toml, to_toml
from engine.project.parts import resolve
from tests.support.tables import block_recipe, write_blocks

_SAMPLED = {"type": "neighbours", "fanouts": [3, 2], "batch_size": 8, "part_size": 20}


def test_every_stage_runs_on_sampled_neighbours(tmp_path: Path) -> None:
    plain = {**block_recipe(write_blocks(tmp_path), pretrain="dgi", epochs=12), "loader": _SAMPLED}
    done = run_inline(JobSpec("run", {"recipe": plain, "out": "run"}), folder=tmp_path)
    assert done.status == "finished", done.error
    assert done.result is not None
    assert done.result["metrics"]["comparison"] is not None
    assert len((tmp_path / "run/predictions.csv").read_text(encoding="utf-8").splitlines()) == 61
    assert 'type = "neighbours"' in (tmp_path / "run/recipe.toml").read_text(encoding="utf-8")


def test_a_recipe_without_a_loader_is_the_one_it_was(tmp_path: Path) -> None:
    plain = block_recipe(write_blocks(tmp_path), pretrain="dgi")
    recipe = from_plain(plain)
    assert recipe.loader.type == "full"
    assert "[loader]" not in to_toml(recipe)
    assert recipe.fingerprint() == from_plain({**plain, "loader": "full"}).fingerprint()
    sampled = from_toml(to_toml(from_plain({**plain, "loader": _SAMPLED})))
    assert sampled.loader.options()["fanouts"] == [3, 2]
    assert sampled.fingerprint() != recipe.fingerprint()
    # An encoder that was pretrained on samples is another one.
    assert pretrain_needs(sampled, "data", 0) != pretrain_needs(recipe, "data", 0)


def test_an_unknown_loader_is_told_before_any_work(tmp_path: Path) -> None:
    plain = {**block_recipe(write_blocks(tmp_path)), "loader": {"type": "neighbors"}}
    with pytest.raises(UnknownComponentError, match="neighbors"):
        resolve(from_plain(plain))
