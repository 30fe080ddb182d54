"""The engine for notebooks and scripts: the same jobs as functions, with tables and models as values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.core.cancel import CancelToken
from engine.core.errors import EngineError
from engine.core.events import EventSink, silent
from engine.jobs._base import inputs
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from engine.project.runs import RunFolder

if TYPE_CHECKING:
    import pandas as pd

    from engine.data.options import DataOptions
    from engine.data.table import Table
    from engine.infer.fitted import Fitted
    from engine.project.bundle import Project
    from engine.project.opened import Opened
    from engine.project.recipe import Recipe

PathLike = str | Path


def read_tables(
    files: Sequence[PathLike], *, encodings: Mapping[str, str] | None = None, target: str | None = None
) -> list[Table]:
    """Read files and suggest what their columns are for.

    Args: files: paths. encodings: file name to text encoding, "" for all. target: column to predict.
    Raises: ReadError: a file cannot be read. RoleError: there is no such target.
    """
    from engine.data.reading import read_files

    return read_files([Path(file) for file in files], encodings, target)


def suggest_data(tables: Sequence[Table], *, target: str | None = None, directed: bool | None = None) -> DataOptions:
    """Return the `data` part of a recipe for tables."""
    from engine.data.suggest import suggest_data as suggest_options

    return suggest_options(tables, target, directed)


def build(data: DataOptions, *, sink: EventSink = silent) -> Opened:
    """Read the files of a `data` part whole and join them: graph, node table, issues."""
    from engine.project.opened import open_data

    return open_data(data, sink=sink)


def suggest(
    files: Sequence[PathLike],
    target: str,
    *,
    preset: str = "recommended",
    pretrain: str | None = None,
    split: str | None = None,
) -> Recipe:
    """Return a recipe for files.

    Args: preset: quick, plain or recommended. pretrain: none, dgi, graphmae, links; None leaves it to the preset.
        split: names of split columns with commas, random, or few; None takes what the data offers.
    """
    from engine.project.codec import from_plain

    arguments = inputs(
        files=[str(file) for file in files], target=target, preset=preset, pretrain=pretrain, split=split
    )
    return from_plain(_done("suggest", arguments)["recipe"])


def run(
    recipe: Recipe | PathLike | None,
    out: PathLike,
    *,
    resume: bool = False,
    sink: EventSink = silent,
    cancel: CancelToken | None = None,
) -> dict[str, Any]:  # Any: JSON values
    """Run a recipe into a folder, or go on with the run in it, and return its metrics.

    Raises: EngineError: as the run job says. Cancelled work comes back as an empty dict.
    """
    from engine.project.recipe import Recipe

    if isinstance(recipe, Recipe):
        given = inputs(recipe=recipe.model_dump(mode="json", exclude_none=True))
    else:
        given = inputs(recipe_path=None if recipe is None else str(recipe))
    result = _done("run", {**given, "out": str(out), "resume": resume}, sink=sink, cancel=cancel)
    metrics: dict[str, Any] = result.get("metrics", {})  # Any: JSON values
    return metrics


def load_run(run: PathLike) -> Fitted:
    """Return the model that a run chose: weights, feature schema and task."""
    from engine.project.fitted import load_fitted

    return load_fitted(RunFolder(Path(run)))


def open_project(folder: PathLike) -> Project:
    """Open a project folder; `close` gives it back.

    Raises: ProjectError: this is no project, or another program has it open.
    """
    from engine.project.bundle import Project

    return Project.open(Path(folder))


def predict(run: PathLike, files: Sequence[PathLike], *, encoding: str | None = None) -> pd.DataFrame:
    """Return predictions of a run for new files, under their own ids."""
    from engine.infer.predictor import predict as predict_data

    opened = _opened(run, files, encoding)
    return predict_data(load_run(run), opened.data, opened.id_name)


def embed(run: PathLike, files: Sequence[PathLike] = (), *, encoding: str | None = None) -> pd.DataFrame:
    """Return the embeddings of a run for new files, or for its own graph when there are none."""
    import pandas as pd

    from engine.infer.embedder import embed as embed_data

    if not files:
        return pd.read_parquet(Path(run) / "embeddings.parquet")
    opened = _opened(run, files, encoding)
    return embed_data(load_run(run), opened.data, opened.id_name)


def export_run(run: PathLike, what: str, to: str, out: PathLike) -> Path:
    """Write predictions, embeddings, report or graph of a run as csv, parquet, graphml, gexf or html."""
    return Path(_done("export", {"run": str(run), "what": what, "to": to, "out": str(out)})["path"])


def components() -> dict[str, Any]:  # Any: JSON values
    """Return everything that can be picked, with the JSON schemas of its options."""
    return _done("catalogue", {})


def _opened(run: PathLike, files: Sequence[PathLike], encoding: str | None) -> Opened:
    from engine.project.new_data import options_for

    recipe = RunFolder(Path(run)).recipe()
    return build(options_for(recipe.data, [Path(file) for file in files], encoding=encoding))


def _done(
    kind: str, arguments: Mapping[str, Any], *, sink: EventSink = silent, cancel: CancelToken | None = None
) -> dict[str, Any]:  # Any: JSON values
    """Run a job here and return its result; a failure is raised as the error it came from."""
    done = run_inline(JobSpec(kind, arguments, uuid.uuid4().hex[:12]), sink=sink, cancel=cancel)
    if done.error is not None:
        raise EngineError.from_plain(dict(done.error))
    return dict(done.result or {})
