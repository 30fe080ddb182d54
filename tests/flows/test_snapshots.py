"""The best epochs of one training answer together: what is kept, what answers, and that resuming changes nothing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from engine.core.cancel import CancelToken
from engine.core.events import EpochFinished, Event, EventSink, silent
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec
from engine.learn.finetuning import predict_logits
from engine.project.codec import from_plain
from engine.project.fitted import load_fitted
from engine.project.opened import open_data
from engine.project.runs import RunFolder
from tests.support.tables import block_recipe, write_blocks

_ALONE = {"calibrate": False}
_THREE = {**_ALONE, "snapshots": 3}
_EPOCHS = 8
_SEEDS = (3, 4, 5)


def _run(
    out: Path,
    recipe: dict[str, Any] | None = None,
    sink: EventSink = silent,
    cancel: CancelToken | None = None,
) -> JobResult:
    arguments: dict[str, Any] = {"out": str(out), "resume": recipe is None}
    if recipe is not None:
        arguments["recipe"] = recipe
    return run_inline(JobSpec("run", arguments, "test"), sink=sink, cancel=cancel)


def _metrics(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    for row in found["runs"]:
        row.pop("seconds")
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_blocks(tmp_path_factory.mktemp("data"), nodes=120)


def _recipe(files: list[Path], after: dict[str, Any], **more: Any) -> dict[str, Any]:  # Any: options
    """Return a recipe for the age: of values, epochs that are next to each other are never equally good."""
    recipe: dict[str, Any] = {**block_recipe(files, **{"epochs": _EPOCHS, **more}), "after": after}
    columns = recipe["data"]["tables"][0]["columns"]
    columns["age"] = {"role": "target", "kind": "number"}
    columns["team"] = {"role": "feature", "kind": "category"}
    recipe["task"] = {"type": "node_value", "target": "age"}
    recipe["finetune"]["optimiser"] = {"rate": 0.05}
    return recipe


@pytest.fixture(scope="module")
def whole(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of three seeds; of some the average of three epochs is better on valid, of others it is not."""
    out = tmp_path_factory.mktemp("whole") / "run"
    done = _run(out, _recipe(files, {**_THREE, "ensemble": "on"}, seeds=_SEEDS))
    assert done.status == "finished", done.error
    return out


def _values(folder: Path, states: list[dict[str, torch.Tensor]]) -> NDArray[np.float64]:
    """Return the mean of the ages that models with these weights give every node."""
    fitted = load_fitted(RunFolder(folder))
    batch, found = fitted.batch(open_data(RunFolder(folder).recipe().data).data), []
    for state in states:
        fitted.model.load_state_dict(state)
        found.append(fitted.task.decode(predict_logits(fitted.model, batch))["predicted"].to_numpy(np.float64))
    mean: NDArray[np.float64] = np.mean(found, axis=0)
    return mean


def _states(stage: Path) -> list[dict[str, torch.Tensor]]:
    others = load_file(stage / "snapshots.safetensors")
    names = load_file(stage / "weights.safetensors")
    kept = [{name: others[f"{place}.{name}"] for name in names} for place in (0, 1)]
    return [names, *kept]


def test_the_answer_is_the_mean_of_the_saved_epochs_where_valid_says_so(whole: Path) -> None:
    means = []
    rows = _metrics(whole)["runs"]
    assert {row["snapshots"]["used"] for row in rows} == {True, False}
    for row in rows:
        found = row["snapshots"]
        assert found["count"] == 3
        assert found["used"] == (found["valid_together"]["rmse"] < found["valid_alone"]["rmse"])
        assert row["valid"] == (found["valid_together"] if found["used"] else found["valid_alone"])
        states = _states(whole / "seeds" / f"part-{row['seed']}" / "scratch")
        means.append(_values(whole, states if found["used"] else states[:1]))
    own = pd.read_csv(whole / "predictions.csv")["predicted_age"].to_numpy()
    np.testing.assert_allclose(own, np.mean(means, axis=0), atol=1e-4)


def test_the_epochs_kept_are_the_best_on_valid(whole: Path) -> None:
    for row in _metrics(whole)["runs"]:
        stage = whole / "seeds" / f"part-{row['seed']}" / "scratch"
        history = json.loads((stage / "history.json").read_text(encoding="utf-8"))
        order = sorted(range(len(history)), key=lambda i: (history[i]["valid_rmse"], history[i]["valid_loss"], i))
        manifest = json.loads((stage / "manifest.json").read_text(encoding="utf-8"))
        assert [manifest["best_epoch"], *manifest["runners_up"]] == [place + 1 for place in order[:3]]


def test_new_files_are_scored_by_the_same_epochs(whole: Path, files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "again.csv"
    arguments = {"run": str(whole), "files": [str(file) for file in files], "out": str(out)}
    done = run_inline(JobSpec("predict", arguments, "test"))
    assert done.status == "finished", done.error
    again, own = pd.read_csv(out), pd.read_csv(whole / "predictions.csv")
    np.testing.assert_allclose(again["predicted_age"], own["predicted_age"], atol=1e-4)


def test_one_epoch_is_the_run_without_the_option_and_leaves_no_file(files: list[Path], tmp_path: Path) -> None:
    for name, after in (("without", _ALONE), ("one", {**_ALONE, "snapshots": 1}), ("three", _THREE)):
        assert _run(tmp_path / name, _recipe(files, after)).status == "finished"
    assert (tmp_path / "one" / "predictions.csv").read_bytes() == (
        tmp_path / "without" / "predictions.csv"
    ).read_bytes()
    assert _metrics(tmp_path / "one") == _metrics(tmp_path / "without")
    assert not list((tmp_path / "one").rglob("snapshots*"))
    stage = Path("seeds") / "part-0" / "scratch" / "weights.safetensors"
    assert (tmp_path / "three" / stage).read_bytes() == (tmp_path / "one" / stage).read_bytes()
    assert from_plain(_recipe(files, _ALONE)).fingerprint() != from_plain(_recipe(files, _THREE)).fingerprint()


def test_the_hash_of_an_after_table_is_that_from_before_there_were_snapshots(files: list[Path]) -> None:
    from engine.core.fingerprint import of_plain

    recipe = from_plain(_recipe(files, _ALONE))
    plain = recipe.model_dump(mode="json")
    later = ("transfer", "loader", "beside", "noise", "labels", "readout", "unlabelled")
    before = {name: value for name, value in plain.items() if name not in later}
    # Of the tables, what came with the molecules is left out, too.
    before["data"] = {name: value for name, value in plain["data"].items() if name not in ("molecules", "cleaning")}
    before["after"] = {"ensemble": "off", "smooth": "off", "calibrate": False, "coverage": 0.9}
    assert before["finetune"]["training"].pop("best_by") == "metric"
    assert recipe.fingerprint() == of_plain(before)


@pytest.mark.parametrize("verb", ["cancel", "stop"])
def test_a_resumed_run_keeps_the_same_epochs(whole: Path, files: list[Path], tmp_path: Path, verb: str) -> None:
    token = CancelToken()

    def listen(event: Event) -> None:
        if isinstance(event, EpochFinished) and (event.seed, event.epoch) == (4, 5):
            getattr(token, verb)()

    recipe = _recipe(files, {**_THREE, "ensemble": "on"}, seeds=_SEEDS)
    assert _run(tmp_path / "run", recipe, listen, token).status in ("cancelled", "stopped")
    assert _run(tmp_path / "run").status == "finished"
    assert _metrics(tmp_path / "run") == _metrics(whole)
    for path in whole.rglob("*.safetensors"):
        assert (tmp_path / "run" / path.relative_to(whole)).read_bytes() == path.read_bytes()
    assert (tmp_path / "run" / "predictions.csv").read_bytes() == (whole / "predictions.csv").read_bytes()
