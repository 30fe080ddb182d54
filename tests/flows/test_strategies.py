"""A run whose strategy adds weights of its own: the model rebuilt from its folder answers as the run did."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.core.cancel import CancelToken
from engine.core.events import EpochFinished, Event, EventSink, Notice, StageStarted, silent
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec
from tests.support.tables import block_recipe, write_blocks


def _do(kind: str, sink: EventSink = silent, cancel: CancelToken | None = None, **arguments: Any) -> JobResult:
    return run_inline(JobSpec(kind, arguments, "test"), sink=sink, cancel=cancel)


def _recipe(folder: Path, strategy: dict[str, Any], epochs: int = 6) -> dict[str, Any]:
    recipe = block_recipe(write_blocks(folder / "data"), pretrain="dgi", epochs=epochs)
    recipe["finetune"] = {**recipe["finetune"], **strategy}
    return recipe


def _same_answers(run: Path, again: Path) -> bool:
    one, two = (pd.read_csv(path) for path in (run / "predictions.csv", again))
    columns = ["p_blue", "p_red"]
    return bool(np.allclose(one[columns], two[columns], atol=1e-6))


@pytest.mark.parametrize(
    "strategy", [{"type": "adapter", "share": 0.9}, {"type": "lora", "rank": 2}, {"type": "prompt"}]
)
def test_predict_rebuilds_the_model_with_the_weights_that_the_strategy_added(
    strategy: dict[str, Any], tmp_path: Path
) -> None:
    done = _do("run", recipe=_recipe(tmp_path, strategy), out=str(tmp_path / "run"))
    assert done.status == "finished", done.error
    row = next(row for row in done.result["metrics"]["runs"] if row["kind"] == "pretrained")
    whole = next(row for row in done.result["metrics"]["runs"] if row["kind"] == "scratch")
    assert 0 < row["moved"] < whole["moved"]
    files = [str(tmp_path / "data" / name) for name in ("nodes.csv", "edges.csv")]
    predicted = _do("predict", run=str(tmp_path / "run"), files=files, out=str(tmp_path / "again.csv"))
    assert predicted.status == "finished", predicted.error
    assert _same_answers(tmp_path / "run", tmp_path / "again.csv")


def test_choosing_says_what_it_tried_keeps_the_choice_and_goes_on_after_stop(tmp_path: Path) -> None:
    strategy = {"type": "choose", "among": ["head_only", "adapter", "full"], "budget": 9}
    notices: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, Notice) and event.code.startswith("choose."):
            notices.append(event.code)

    whole = _do("run", listen, recipe=_recipe(tmp_path, strategy, epochs=12), out=str(tmp_path / "whole"))
    assert whole.status == "finished", whole.error
    # Adapters do not fit into 6 % of so small a model.
    assert notices == ["choose.tried", "choose.refused", "choose.tried", "choose.chosen"]
    kept = json.loads(next((tmp_path / "whole").glob("seeds/*/choice.json")).read_text())
    assert kept["strategy"]["type"] in ("head_only", "full")
    assert kept["scores"]["adapter"] is None
    manifest = json.loads(next((tmp_path / "whole").glob("seeds/*/finetune/manifest.json")).read_text())
    assert manifest["strategy"] == kept["strategy"]

    token = CancelToken()

    def stop(event: Event) -> None:
        if isinstance(event, EpochFinished) and event.stage == "finetune" and event.epoch == 3:
            token.stop()

    cut = _do("run", stop, token, recipe=_recipe(tmp_path, strategy, epochs=12), out=str(tmp_path / "cut"))
    assert cut.status == "stopped"
    again = _do("run", out=str(tmp_path / "cut"), resume=True)
    assert again.status == "finished", again.error
    assert _same_answers(tmp_path / "whole", tmp_path / "cut" / "predictions.csv")


def test_a_recipe_carries_a_loss_beside_the_labels_into_both_trainings(tmp_path: Path) -> None:
    recipe = _recipe(tmp_path, {"type": "full"})
    recipe["beside"] = {"type": "objective", "objective": "links", "weight": 0.5}
    done = _do("run", recipe=recipe, out=str(tmp_path / "run"))
    assert done.status == "finished", done.error
    for stage in ("scratch", "finetune"):
        history = json.loads(next((tmp_path / "run").glob(f"seeds/*/{stage}/history.json")).read_text())
        assert history[0]["train_loss"] == pytest.approx(
            history[0]["train_supervised"] + 0.5 * history[0]["train_links"], rel=1e-5
        )


def test_a_strategy_that_does_not_suit_the_model_is_told_before_any_work(tmp_path: Path) -> None:
    stages: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, StageStarted):
            stages.append(event.name)

    done = _do("run", listen, recipe=_recipe(tmp_path, {"type": "adapter"}), out=str(tmp_path / "run"))
    assert done.status == "failed"
    assert "do not fit into 6 %" in str(done.error)
    assert stages == ["read"]
