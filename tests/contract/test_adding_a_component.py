"""The promise that adding a component is adding one file: shell, recipe, run, export and pictures know it at once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.cli.main import run as shell
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from engine.project.codec import from_toml, to_toml
from engine.project.kinds import kinds
from tests.support.adding import THROWAWAY, all_added

# Two groups of twelve, each a ring, with one edge between them; the group is the class.
_NODES = "id,group,size\n" + "".join(f"n{i},{'ab'[i // 12]},{i % 5}\n" for i in range(24))
_EDGES = "from,to\n" + "".join(f"n{i},n{12 * (i // 12) + (i + 1) % 12}\n" for i in range(24)) + "n0,n12\n"

_RECIPE = """
version = 1
[data]
[[data.tables]]
path = "nodes.csv"
kind = "nodes"
[data.tables.columns]
id = "node_id"
group = { role = "target", kind = "category" }
size = { role = "feature", kind = "number" }
[[data.tables]]
path = "edges.csv"
kind = "edges"
[data.tables.columns]
from = "edge_source"
to = "edge_target"
[split]
type = "throwaway"
amount = 4
[task]
type = "throwaway"
target = "group"
[encoder]
type = "throwaway"
amount = 5
[pretrain]
type = "throwaway"
amount = 2
training = { epochs = 3 }
[finetune]
type = "throwaway"
amount = 6
training = { epochs = 3 }
[runtime]
device = "cpu"
seeds = [0]
"""


@pytest.fixture(autouse=True)
def _added(tmp_path: Path) -> Iterator[None]:
    with all_added(tmp_path / "added"):
        yield


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "nodes.csv").write_text(_NODES, encoding="utf-8")
    (tmp_path / "edges.csv").write_text(_EDGES, encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(_RECIPE, encoding="utf-8")
    return tmp_path


def _do(kind: str, place: Path, **arguments: object) -> dict[str, object]:
    done = run_inline(JobSpec(kind, arguments), folder=place)
    assert done.status == "finished", done.error
    assert done.result is not None
    return dict(done.result)


def test_there_is_a_throw_away_file_for_every_kind() -> None:
    assert {file.stem for file in THROWAWAY.glob("*.py")} == set(kinds())


def test_the_shell_lists_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert shell(["components"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum("throwaway – Throw-away" in line for line in lines) == len(kinds())
    assert sum("amount = 3 [1 … 9]  How much of it." in line for line in lines) == len(kinds())


def test_a_recipe_keeps_its_options_through_the_file() -> None:
    recipe = from_toml(_RECIPE)
    again = from_toml(to_toml(recipe))
    assert again == recipe
    assert again.encoder.options() == {"amount": 5}


def test_a_run_trains_with_it_and_every_format_and_picture_follows(files: Path) -> None:
    metrics = _do("run", files, recipe_path="recipe.toml", out="run")["metrics"]
    # 24 nodes dealt out in turns of four, one and one.
    parts = {row.rsplit(",", 3)[1] for row in (files / "run/predictions.csv").read_text().splitlines()[1:]}
    assert parts == {"train", "valid", "test"}
    assert metrics["floors"]["throwaway"]["test"] is not None
    assert metrics["probe"] is not None

    exported = _do("export", files, run="run", what="predictions", to="throwaway", out="ids.throwaway")
    assert exported["rows"] == 24
    assert (files / "ids.throwaway").read_text().splitlines() == [f"n{i}" for i in range(24)]

    explained = _do("explain", files, run="run", node="n0", type="throwaway")
    assert {edge["score"] for edge in explained["edges"]} == {1.0}

    _do("projection", files, run="run", type="throwaway", out="points.npy")
    assert np.load(files / "points.npy").shape == (24, 2)


def test_a_file_of_the_new_format_opens_and_is_laid_out(tmp_path: Path) -> None:
    (tmp_path / "ring.throwaway").write_text("a>b\nb>c\nc>a\n", encoding="utf-8")
    data = _do("preview", tmp_path, files=["ring.throwaway"])["data"]
    imported = _do("import_data", tmp_path, data=data, out="datasets")
    assert imported["summary"]["num_nodes"] == 3

    _do("layout", tmp_path, folder=imported["folder"], type="throwaway", out="row.npy")
    assert np.load(tmp_path / "row.npy").tolist() == [[0, 0], [1, 0], [2, 0]]

    _do("statistics", tmp_path, folder=imported["folder"], types=["throwaway"], out="numbers.parquet")
    assert pd.read_parquet(tmp_path / "numbers.parquet")["throwaway"].tolist() == [0, 1, 2]
