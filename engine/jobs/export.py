"""Write a run's results in a format for other programs and for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import ProjectError
from engine.core.events import EpochFinished, StageStarted
from engine.jobs._base import Job
from engine.jobs.spec import JobContext
from engine.project.runs import RunFolder


class Export(Job):
    """Write predictions, embeddings, a report, or the graph with its predictions.

    Source: our own; each format names its specification.
    """

    key = "export"
    label = "Export"

    class Config(ConfigBase):
        run: str = option(..., "Folder of the run.")
        what: Literal["predictions", "embeddings", "report", "graph"] = option("predictions", "What is written.")
        to: str | None = option(None, "Format: the key of an exporter; else as the file's name ends.")
        out: str = option(..., "File to write.")
        added: str | None = option(None, "Table of further columns of nodes, .parquet, the first with the ids.")

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{path, rows}`."""
        from engine.jobs._writing import exporter_for, write

        out = context.folder / arguments.out
        exporter_for(out, arguments.what, arguments.to)
        run = RunFolder(context.folder / arguments.run)
        run.check()
        context.sink(StageStarted("export", 0, 1))
        added = None if arguments.added is None else context.folder / arguments.added
        content = _content(run, arguments.what, context, added)
        return {"path": str(out), "rows": write(content, out, context.sink, arguments.to)}


def _content(run: RunFolder, what: str, context: JobContext, added: Path | None) -> Any:  # Any: Content, loaded late
    from engine.export._base import Content

    if what == "predictions":
        return Content("predictions", table=_with_added(_table(run, "predictions.parquet"), added))
    if what == "embeddings":
        return Content("embeddings", table=_table(run, "embeddings.parquet"))
    if what == "report":
        return Content("report", report=_report(run))
    return Content("graph", graph=_graph(run, context, added))


def _table(run: RunFolder, name: str) -> Any:  # Any: pandas, loaded late
    import pandas as pd

    path = run.path / name
    if not path.is_file():
        what = Path(name).stem
        raise ProjectError(f"The run {run.path.name} has no {what} yet.", hint="Let it finish, or resume it.")
    return pd.read_parquet(path)


def _report(run: RunFolder) -> Any:  # Any: ReportContent, loaded late
    from engine.export._base import ReportContent

    curves: dict[str, list[dict[str, float]]] = {}
    for event in run.events():
        if isinstance(event, EpochFinished):
            name = " ".join(str(part) for part in (event.stage, event.split, event.seed) if part is not None)
            epochs = curves.setdefault(name, [])
            # A resumed stage goes back to its last checkpoint: what came after it is told again.
            del epochs[max(0, event.epoch - 1) :]
            epochs.append({"epoch": event.epoch, **event.metrics})
    return ReportContent(
        title=run.path.name,
        metrics=run.metrics(),
        report=run.read_json("report.json"),
        recipe=run.recipe_path.read_text(encoding="utf-8"),
        curves=curves,
        environment=run.read_json("environment.json"),
    )


def _with_added(table: Any, path: Path | None) -> Any:  # Any: pandas, loaded late
    """Return a table with further columns behind its own, matched by id; a name that is taken gets `_added` behind it.

    Raises: ProjectError: the file of the further columns is not there.
    """
    import pandas as pd

    if path is None:
        return table
    if not path.is_file():
        raise ProjectError(f"There is no table of further columns at {path}.", hint="Write it anew.")
    more = pd.read_parquet(path)
    rows = pd.Index(more.iloc[:, 0]).get_indexer(table.iloc[:, 0])
    for name in more.columns[1:]:
        free = str(name)
        while free in table.columns:
            free += "_added"
        table[free] = more[name].take(rows).where(rows >= 0).to_numpy()
    return table


def _graph(run: RunFolder, context: JobContext, added: Path | None) -> Any:  # Any: GraphContent, loaded late
    """Read the run's own files again: the graph is not stored with the run, its predictions are."""
    import numpy as np

    from engine.export._base import GraphContent
    from engine.project.opened import check_unchanged, open_data

    predictions = _with_added(_table(run, "predictions.parquet"), added)
    options = run.recipe().data
    check_unchanged(options, str(run.read_json("environment.json").get("data")))
    graph = open_data(options, sink=context.sink, cancel=context.cancel).data.graph
    source, target = graph.edge_index()
    kept = np.ones(len(source), dtype=bool) if graph.directed else source <= target
    weight = None if graph.weight is None else graph.weight[kept]
    return GraphContent(predictions, source[kept], target[kept], weight, graph.directed)
