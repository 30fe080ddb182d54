"""Files in, files out: the run job and what it leaves behind."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from engine.core.cancel import CancelToken
from engine.core.events import (
    EpochFinished,
    Event,
    EventSink,
    JobFinished,
    JobStarted,
    StageStarted,
    silent,
)
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec
from engine.project.runs import RunFolder
from tests.support.tables import block_recipe, write_blocks


def _run(
    out: Path, recipe: dict[str, Any] | None = None, sink: EventSink = silent, cancel: CancelToken | None = None
) -> JobResult:
    arguments: dict[str, Any] = {"out": str(out), "resume": recipe is None}
    if recipe is not None:
        arguments["recipe"] = recipe
    return run_inline(JobSpec("run", arguments, "test"), sink=sink, cancel=cancel)


def _numbers(folder: Path) -> dict[str, Any]:
    """Return the metrics without the seconds, the only values that two equal runs may differ in."""
    metrics: dict[str, Any] = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    for row in metrics["runs"]:
        row.pop("seconds")
    return metrics


class _StopAt:
    """Stops or cancels at one epoch of one stage."""

    def __init__(self, token: CancelToken, stage: str, epoch: int, verb: str, seed: int = 0) -> None:
        self._token, self._stage, self._epoch, self._verb, self._seed = token, stage, epoch, verb, seed

    def __call__(self, event: Event) -> None:
        if isinstance(event, EpochFinished) and (event.stage, event.epoch, event.seed) == (
            self._stage,
            self._epoch,
            self._seed,
        ):
            getattr(self._token, self._verb)()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with pretraining and two seeds."""
    folder = tmp_path_factory.mktemp("whole")
    files = write_blocks(folder / "data")
    done = _run(folder / "run", block_recipe(files, pretrain="dgi", seeds=(0, 1)))
    assert done.status == "finished", done.error
    return folder


def test_a_run_predicts_every_node_once_under_its_own_id_and_keeps_every_column(whole: Path) -> None:
    table = pd.read_csv(whole / "run" / "predictions.csv", dtype=str, keep_default_na=False)
    nodes = pd.read_csv(whole / "data" / "nodes.csv", dtype=str, keep_default_na=False)
    assert list(table["id"]) == list(nodes["id"])
    for name in ("age", "city", "team", "part"):
        assert list(table[name]) == list(nodes[name])
    assert set(table["predicted_team"]) <= {"red", "blue"}
    assert table["split"].value_counts().to_dict() == {"train": 28, "valid": 13, "test": 13, "": 6}
    shares = table[["p_blue", "p_red"]].astype(float)
    assert shares.sum(axis=1).sub(1).abs().max() < 1e-5
    assert (shares.max(axis=1) - table["confidence"].astype(float)).abs().max() < 1e-9


def test_metrics_hold_what_the_format_promises(whole: Path) -> None:
    metrics = json.loads((whole / "run" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["metric"] == "accuracy"
    assert metrics["device"] == "cpu"
    assert metrics["seeds"] == [0, 1]
    assert metrics["splits"] == ["part"]
    assert set(metrics["floors"]) == {"majority", "features_only", "label_spreading", "ridge"}
    assert metrics["sizes"] == [{"split": "part", "train": 28, "valid": 13, "test": 13}]
    comparison = metrics["comparison"]
    assert comparison["paired_difference"]["mean"] == pytest.approx(
        comparison["pretrained"]["mean"] - comparison["scratch"]["mean"]
    )
    for name in ("probe", "random_init_probe"):
        assert 0 <= metrics[name]["test"]["mean"] <= 1
    tests = [row["test"]["accuracy"] for row in metrics["runs"] if row["kind"] == "pretrained"]
    assert metrics["test"]["mean"] == pytest.approx(sum(tests) / 2)
    assert metrics["verdict"].startswith("GCN ")


def test_the_confusion_matrix_counts_the_test_predictions_in_the_table(whole: Path) -> None:
    table = pd.read_csv(whole / "run" / "predictions.csv", dtype=str, keep_default_na=False)
    judged = table[table["split"] == "test"]
    confusion = json.loads((whole / "run" / "metrics.json").read_text(encoding="utf-8"))["confusion"]
    labels = confusion["labels"]
    counted = [
        [int(((judged["team"] == true) & (judged["predicted_team"] == said)).sum()) for said in labels]
        for true in labels
    ]
    assert confusion["matrix"] == counted


def test_the_event_log_tells_the_story_and_every_stage_comes_in_order(whole: Path) -> None:
    run = RunFolder(whole / "run")
    events = list(run.events())
    assert isinstance(events[0], JobStarted)
    assert isinstance(events[-1], JobFinished)
    assert run.status() == "finished"
    stages = [event for event in events if isinstance(event, StageStarted)]
    assert [stage.index for stage in stages] == list(range(stages[0].count))
    assert [stage.name for stage in stages] == [
        "read",
        *("floors", "pretrain", "probe", "scratch", "finetune"),
        *("pretrain", "probe", "scratch", "finetune"),
        "evaluate",
    ]


def test_the_same_recipe_and_seed_give_the_same_files(whole: Path, tmp_path: Path) -> None:
    files = [whole / "data" / "nodes.csv", whole / "data" / "edges.csv"]
    _run(tmp_path / "again", block_recipe(files, pretrain="dgi", seeds=(0, 1)))
    for name in ("predictions.csv", "embeddings.parquet"):
        assert (tmp_path / "again" / name).read_bytes() == (whole / "run" / name).read_bytes()
    assert _numbers(tmp_path / "again") == _numbers(whole / "run")


@pytest.mark.parametrize(
    ("stage", "epoch", "verb", "seed"),
    [
        ("pretrain", 7, "cancel", 0),
        ("scratch", 11, "cancel", 1),
        ("finetune", 15, "stop", 0),
        ("pretrain", 4, "stop", 1),
    ],
)
def test_a_resumed_run_equals_one_that_was_never_interrupted(
    whole: Path, tmp_path: Path, stage: str, epoch: int, verb: str, seed: int
) -> None:
    files = [whole / "data" / "nodes.csv", whole / "data" / "edges.csv"]
    token = CancelToken()
    out = tmp_path / "run"
    cut = _run(out, block_recipe(files, pretrain="dgi", seeds=(0, 1)), _StopAt(token, stage, epoch, verb, seed), token)
    assert cut.status == ("cancelled" if verb == "cancel" else "stopped")
    assert RunFolder(out).status() == cut.status
    resumed = _run(out)
    assert resumed.status == "finished", resumed.error
    assert _numbers(out) == _numbers(whole / "run")
    for name in ("predictions.csv", "embeddings.parquet", "report.json"):
        assert (out / name).read_bytes() == (whole / "run" / name).read_bytes()


def test_a_stopped_run_keeps_the_best_and_predicts_with_it(whole: Path, tmp_path: Path) -> None:
    files = [whole / "data" / "nodes.csv", whole / "data" / "edges.csv"]
    token = CancelToken()
    done = _run(tmp_path / "run", block_recipe(files), _StopAt(token, "scratch", 5, "stop"), token)
    assert done.status == "stopped"
    assert len(pd.read_csv(tmp_path / "run" / "predictions.csv")) == 60
    metrics = _numbers(tmp_path / "run")
    assert metrics["stopped"] is True
    assert metrics["runs"][0]["epochs"] == 5


def test_resuming_refuses_files_that_have_changed(tmp_path: Path) -> None:
    files = write_blocks(tmp_path / "data")
    token = CancelToken()
    _run(tmp_path / "run", block_recipe(files), _StopAt(token, "scratch", 3, "cancel"), token)
    with files[0].open("a", encoding="utf-8") as file:
        file.write("p999,30,Oslo,red,train\n")
    changed = _run(tmp_path / "run")
    assert changed.error is not None
    assert changed.error["code"] == "recipe.mismatch"
    assert "have changed" in changed.error["message"]
    files[0].unlink()
    gone = _run(tmp_path / "run")
    assert gone.error is not None
    assert gone.error["code"] == "project.corrupt"


def test_a_run_that_was_moved_finds_its_files_where_they_were(whole: Path, tmp_path: Path) -> None:
    import shutil

    moved = tmp_path / "deep" / "down" / "run"
    shutil.copytree(whole / "run", moved)
    assert [Path(table.path) for table in RunFolder(moved).recipe().data.tables] == [
        whole / "data" / "nodes.csv",
        whole / "data" / "edges.csv",
    ]
    assert _run(moved).status == "finished"
    assert _numbers(moved) == _numbers(whole / "run")


def test_a_damaged_checkpoint_is_told_in_words(whole: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(whole / "run", tmp_path / "run")
    weights = next((tmp_path / "run").glob("seeds/*/finetune/weights.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-8] + b"\x00" * 8)
    done = _run(tmp_path / "run")
    assert done.error is not None
    assert done.error["code"] == "project.corrupt"


def test_a_second_run_does_not_overwrite_the_first(whole: Path) -> None:
    files = [whole / "data" / "nodes.csv", whole / "data" / "edges.csv"]
    before = (whole / "run" / "events.jsonl").read_bytes()
    done = _run(whole / "run", block_recipe(files))
    assert done.error is not None
    assert done.error["code"] == "run.exists"
    assert (whole / "run" / "events.jsonl").read_bytes() == before


def test_a_wrong_recipe_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    files = write_blocks(tmp_path / "data")
    recipe = block_recipe(files)
    recipe["encoder"] = {"type": "gcn", "widht": 8}
    done = _run(tmp_path / "run", recipe)
    assert done.error is not None
    assert done.error["code"] == "recipe.option"
    assert "encoder.widht" in done.error["message"]
    assert not (tmp_path / "run").exists()


def test_a_missing_target_names_a_close_column(tmp_path: Path) -> None:
    files = write_blocks(tmp_path / "data")
    recipe = block_recipe(files)
    recipe["task"] = {"type": "node_class", "target": "teams"}
    done = _run(tmp_path / "run", recipe)
    assert done.error is not None
    assert 'Did you mean "team"' in done.error["hint"]


def test_a_strategy_that_needs_pretraining_is_refused_without_it(tmp_path: Path) -> None:
    recipe = block_recipe(write_blocks(tmp_path / "data"))
    recipe["finetune"] = {"type": "full"}
    done = _run(tmp_path / "run", recipe)
    assert done.error is not None
    assert done.error["code"] == "recipe.mismatch"


def test_pretraining_of_one_run_serves_another_with_the_same_settings(whole: Path, tmp_path: Path) -> None:
    files = [whole / "data" / "nodes.csv", whole / "data" / "edges.csv"]
    recipe = block_recipe(files, pretrain="dgi", seeds=(0, 1))
    stages: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, EpochFinished):
            stages.append(event.stage)

    arguments = {"out": str(tmp_path / "run"), "recipe": recipe, "pretrained_from": str(whole / "run")}
    done = run_inline(JobSpec("run", arguments, "test"), sink=listen)
    assert done.status == "finished", done.error
    assert "pretrain" not in stages
    assert _numbers(tmp_path / "run") == _numbers(whole / "run")
    other = {**recipe, "encoder": {"type": "gcn", "layers": 2, "width": 4, "head": "linear"}}
    refused = run_inline(JobSpec("run", {**arguments, "recipe": other, "out": str(tmp_path / "other")}, "test"))
    assert refused.error is not None
    assert refused.error["code"] == "recipe.mismatch"


def test_pretraining_alone_ends_with_its_probe_and_goes_on_later(whole: Path, tmp_path: Path) -> None:
    files = [whole / "data" / "nodes.csv", whole / "data" / "edges.csv"]
    recipe = block_recipe(files, pretrain="dgi", seeds=(0, 1))
    arguments = {"out": str(tmp_path / "run"), "recipe": recipe, "until": "pretrain"}
    done = run_inline(JobSpec("run", arguments, "test"))
    assert done.status == "finished", done.error
    metrics = _numbers(tmp_path / "run")
    assert metrics["test"] is None
    assert metrics["probe"]["test"]["count"] == 2
    assert _run(tmp_path / "run").status == "finished"
    assert _numbers(tmp_path / "run") == _numbers(whole / "run")
