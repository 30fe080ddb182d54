"""Apply a trained run to new files: predictions under their own ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError
from engine.core.events import StageStarted
from engine.data.options import DataOptions
from engine.data.roles import Role
from engine.jobs._base import Job
from engine.jobs.spec import JobContext
from engine.project.runs import RunFolder

_SHOWN = 20


class Predict(Job):
    """Predict for the nodes of new files, with the features and the model of a run.

    Columns are matched by name; the schema check comes back with what matched, what is missing and what is new.

    Source: inductive use of a graph model as in Hamilton, Ying and Leskovec (2017).
    """

    key = "predict"
    label = "Score new files"
    lane: ClassVar[Literal["train", "quick"]] = "train"

    class Config(ConfigBase):
        run: str = option(..., "Folder of the run.")
        files: tuple[str, ...] = option((), "New files: edges, and nodes and features as the run had them.")
        data: DataOptions | None = option(None, "How to read them; found by column names when absent.")
        encoding: str | None = option(None, "Text encoding of files that do not say.")
        out: str | None = option(None, "File to write; only the first rows come back when absent.")

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{rows, path, schema, columns, preview, join, issue_counts}`."""
        from engine.export._base import Content
        from engine.infer.predictor import predict
        from engine.jobs._writing import exporter_for, write
        from engine.project.fitted import load_fitted

        context.sink(StageStarted("read", 0, 2))
        out = context.folder / arguments.out if arguments.out else None
        if out is not None:
            exporter_for(out, "predictions")
        run = RunFolder(context.folder / arguments.run)
        fitted = load_fitted(run, sink=context.sink)
        opened = open_new(run, arguments, context)
        report = fitted.schema.check(opened.data)
        context.cancel.check()
        context.sink(StageStarted("predict", 1, 2))
        table = predict(fitted, opened.data, opened.id_name, sink=context.sink)
        table = _with_domain(run, fitted, opened.data, table, context)
        if out is not None:
            write(Content("predictions", table=table), out, context.sink)
        shown = table.head(_SHOWN).astype(object)
        return {
            "rows": len(table),
            "path": str(out) if out is not None else None,
            "schema": {**report.to_plain(), "extra": _unknown(run, opened)},
            "columns": [str(name) for name in table.columns],
            "preview": [[_cell(value) for value in row] for row in shown.itertuples(index=False, name=None)],
            "join": opened.data.join.to_plain(),
            "issue_counts": dict(opened.issues.counts),
        }


def _with_domain(run: RunFolder, fitted: Any, data: Any, table: Any, context: JobContext) -> Any:
    # Any: Fitted, AnyData and pandas, loaded late
    """Say of molecules whether the run was trained on anything like them, by structure and as the model sees them."""
    smiles = data.items.smiles()
    if smiles is None:
        return table
    from engine.infer.embedder import item_vectors
    from engine.jobs._molecules import embedding_domain, fitted_domain, with_domain

    domain = fitted_domain(run, cancel=context.cancel)
    if domain is None:
        return table
    seen = embedding_domain(run, domain.known, cancel=context.cancel)
    answer = None
    if seen is not None:
        answer = seen.judge(item_vectors(fitted.model, fitted.batch(data), context.cancel), context.cancel)
    return with_domain(table, smiles, domain, answer, context.cancel)


def open_new(run: RunFolder, arguments: Any, context: JobContext) -> Any:  # Any: a job's Config; Opened, loaded late
    """Read new files as the run's own were read.

    Raises: OptionError: neither files nor data are given. What the readers raise. MismatchError: columns differ.
    """
    from engine.project.new_data import options_for
    from engine.project.opened import open_data

    options = arguments.data
    if options is None:
        if not arguments.files:
            raise OptionError("There are no files to read.", hint="Name the new files.", path="files")
        files = [context.folder / Path(file) for file in arguments.files]
        options = options_for(run.recipe().data, files, encoding=arguments.encoding)
    return open_data(options, base=context.folder, sink=context.sink, cancel=context.cancel)


def _unknown(run: RunFolder, opened: Any) -> list[str]:  # Any: Opened, loaded late
    """Return the columns of the new files that no table of the run has; they are carried along and not used."""
    known = {name for table in run.recipe().data.tables for name in table.columns}
    return [
        name
        for table in opened.tables
        for name, spec in table.columns.items()
        if name not in known and spec.role is Role.IGNORE
    ]


def _cell(value: object) -> str | None:
    """Return a cell for people; numbers with six digits."""
    if value is None or value != value:
        return None
    return f"{value:.6g}" if isinstance(value, float) else str(value)
