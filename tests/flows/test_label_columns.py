"""Labels as columns, from files to files."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.core.cancel import CancelToken
from engine.core.errors import MismatchError, OptionError
from engine.core.events import EpochFinished, Event, Notice
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from engine.project import checkpoint
from engine.project.codec import from_plain, from_toml, to_toml
from engine.project.parts import resolve
from engine.project.runs import RunFolder
from tests.support.tables import block_recipe, write_blocks


def _done(kind: str, arguments: dict[str, Any], said: list[Event] | None = None) -> dict[str, Any]:
    told: list[Event] = [] if said is None else said
    result = run_inline(JobSpec(kind, arguments, "test"), sink=lambda event: told.append(event))
    assert result.status == "finished", result.error
    assert result.result is not None
    return dict(result.result)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_blocks(tmp_path_factory.mktemp("data"))


def _recipe(files: list[Path], **more: object) -> dict[str, object]:
    return {**block_recipe(files, epochs=12), "labels": {"reuse": True}, **more}


def test_a_run_told_labels_goes_on_exactly_where_it_was_cancelled_and_answers_afterwards(
    files: list[Path], tmp_path: Path
) -> None:
    recipe = _recipe(files, noise={"drop_edge": 0.2})
    recipe["finetune"]["training"]["checkpoint_seconds"] = 0.0  # type: ignore[index]
    whole, two = tmp_path / "whole", tmp_path / "two"
    _done("run", {"recipe": recipe, "out": str(whole)})
    token = CancelToken()

    def cancel(event: Event) -> None:
        if isinstance(event, EpochFinished) and event.epoch == 5:
            token.cancel()

    first = run_inline(JobSpec("run", {"recipe": recipe, "out": str(two)}, "test"), sink=cancel, cancel=token)
    assert first.status == "cancelled"
    _done("run", {"out": str(two), "resume": True})
    for name in ("predictions.csv", "embeddings.parquet"):
        assert (two / name).read_bytes() == (whole / name).read_bytes()

    own = pd.read_csv(whole / "predictions.csv")
    asked = own[own["split"] == "test"].iloc[0]
    explained = _done("explain", {"run": str(whole), "node": asked["id"], "most": 100})
    assert explained["probability"] is not None
    assert explained["predicted"] == asked["predicted_team"]
    assert {"label red", "label blue"} & {column["name"] for column in explained["columns"]}

    said: list[Event] = []
    out = tmp_path / "new.csv"
    _done("predict", {"run": str(whole), "files": [str(file) for file in files], "out": str(out)}, said)
    assert "data.no_labels" in [event.code for event in said if isinstance(event, Notice)]
    assert np.abs(pd.read_csv(out)["p_red"] - own["p_red"]).max() > 1e-3
    vectors = _done("embed", {"run": str(whole), "files": [str(f) for f in files], "out": str(tmp_path / "e.csv")})
    assert vectors["rows"] == len(own)


def test_the_model_is_wider_by_the_number_of_classes(files: list[Path], tmp_path: Path) -> None:
    widths = []
    for name, labels in (("plain", {}), ("told", {"reuse": True})):
        _done("run", {"recipe": _recipe(files, labels=labels), "out": str(tmp_path / name)})
        folder = next(iter((RunFolder(tmp_path / name).path / "seeds").glob("*/scratch")))
        widths.append(int(checkpoint.read_manifest(folder)["in_width"]))
    assert widths[1] == widths[0] + 2


def test_what_cannot_go_with_labels_as_columns_is_refused_in_words(files: list[Path]) -> None:
    pretrained = {**block_recipe(files, pretrain="dgi"), "labels": {"reuse": True}}
    for recipe, reason in (
        (pretrained, "pretrained"),
        (_recipe(files, task={"type": "node_value", "target": "age"}), "numbers"),
        (_recipe(files, loader={"type": "neighbours"}), "samples"),
        (_recipe(files, beside={"type": "consistency"}), "beside"),
    ):
        with pytest.raises(MismatchError, match=reason):
            resolve(from_plain(recipe))
    for share in (0.0, 1.0):
        with pytest.raises(OptionError, match="labels.share"):
            from_plain(_recipe(files, labels={"reuse": True, "share": share}))
    resolve(from_plain(_recipe(files)))


def test_recipes_without_it_are_written_and_hashed_as_before(files: list[Path]) -> None:
    plain = from_plain(block_recipe(files))
    assert "[labels]" not in to_toml(plain)
    told = plain.replaced({"labels.reuse": True})
    assert "[labels]\nreuse = true\n" in to_toml(told)
    assert from_toml(to_toml(told)) == told
    assert told.fingerprint() != plain.fingerprint()
    assert told.replaced({"labels.reuse": False}).fingerprint() == plain.fingerprint()
