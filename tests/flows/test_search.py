"""Searching settings: judged on valid alone, gone on with after Stop, and every trial told."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.core.cancel import CancelToken
from engine.core.events import ArtefactWritten, Event, EventSink, silent
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec
from engine.project.codec import from_plain, read_recipe
from engine.project.search_space import space, start_of
from tests.support.tables import block_recipe, write_blocks


def _search(
    out: Path,
    trials: int,
    recipe: dict[str, Any] | None = None,
    sink: EventSink = silent,
    cancel: CancelToken | None = None,
    **more: Any,
) -> JobResult:
    arguments = {"out": str(out), "trials": trials, **more}
    if recipe is not None:
        arguments["recipe"] = recipe
    return run_inline(JobSpec("search", arguments, "test"), sink=sink, cancel=cancel)


def _lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "trials.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return block_recipe(write_blocks(tmp_path_factory.mktemp("data")))


def test_the_first_trial_is_the_recipe_itself_and_the_best_is_written(tmp_path: Path, recipe) -> None:
    recipe = {**recipe, "encoder": {**recipe["encoder"], "width": 16}}
    done = _search(tmp_path / "s", 4, recipe)
    assert done.status == "finished", done.error
    lines = _lines(tmp_path / "s")
    assert [line["number"] for line in lines] == [0, 1, 2, 3]
    assert start_of(from_plain(recipe), ("gcn",)) == {} or lines[0]["changes"] == {}
    finished = [line["valid"] for line in lines if line["state"] == "finished"]
    assert done.result is not None
    assert done.result["valid"] == max(finished)
    best = read_recipe(tmp_path / "s" / "best.toml")
    written = {path: value for path, value in done.result["changes"].items() if path.startswith("encoder.")}
    assert {f"encoder.{k}": v for k, v in best.encoder.model_dump().items()}.items() >= written.items()


def test_no_trial_is_scored_on_test_or_left_behind(tmp_path: Path, recipe) -> None:
    _search(tmp_path / "s", 2, recipe)
    told = {"number", "state", "valid", "epochs", "changes", "seconds", "recipe", "why"}
    assert all(set(line) <= told for line in _lines(tmp_path / "s"))
    assert not (tmp_path / "s" / "trial").exists()
    assert not (tmp_path / "s" / "metrics.json").exists()


def test_a_stopped_search_goes_on_with_the_next_trial(tmp_path: Path, recipe) -> None:
    token = CancelToken()

    def stop_after_two(event: Event) -> None:
        if isinstance(event, ArtefactWritten) and event.kind == "trials" and len(_lines(tmp_path / "s")) == 2:
            token.stop()

    first = _search(tmp_path / "s", 5, recipe, sink=stop_after_two, cancel=token)
    assert first.status == "stopped"
    early = _lines(tmp_path / "s")
    assert len(early) == 2
    second = _search(tmp_path / "s", 5)
    assert second.status == "finished", second.error
    lines = _lines(tmp_path / "s")
    assert lines[:2] == early
    assert [line["number"] for line in lines] == list(range(5))


def test_several_encoders_can_be_tried(tmp_path: Path, recipe) -> None:
    done = _search(tmp_path / "s", 6, recipe, encoders=["gcn", "mlp"])
    assert done.status == "finished", done.error
    tried = {line["recipe"]["encoder"]["type"] for line in _lines(tmp_path / "s")}
    assert tried == {"gcn", "mlp"}


def test_only_options_that_an_encoder_has_and_accepts_are_searched() -> None:
    assert "steps" not in space("gcn")
    assert set(space("mlp")) <= {"layers", "width", "dropout", "input_dropout", "norm", "skip"}
    assert all(value <= 16 for value in space("gcn")["layers"].values)


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path, recipe) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "thesis.txt").write_text("mine")
    done = _search(tmp_path / "s", 2, recipe)
    assert done.status == "failed"
    assert "not an empty folder" in done.error["message"]
    assert (tmp_path / "s" / "thesis.txt").read_text() == "mine"
