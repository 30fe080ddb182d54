"""Node vectors of a run's encoder, for its own graph or for new files."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import ProjectError
from engine.core.events import StageStarted
from engine.data.options import DataOptions
from engine.jobs._base import Job
from engine.jobs.predict import open_new
from engine.jobs.spec import JobContext
from engine.project.runs import RunFolder


class Embed(Job):
    """Write the embeddings of the chosen model: the ids under the name that they have in the files, then e0 and so on.

    Source: our own; the encoder's output, before the head.
    """

    key = "embed"
    label = "Embeddings"
    lane: ClassVar[Literal["train", "quick"]] = "train"

    class Config(ConfigBase):
        run: str = option(..., "Folder of the run.")
        files: tuple[str, ...] = option((), "New files; the run's own graph when there are none.")
        data: DataOptions | None = option(None, "How to read them; found by column names when absent.")
        encoding: str | None = option(None, "Text encoding of files that do not say.")
        out: str = option(..., "File to write, .parquet or .csv.")

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{rows, width, path}`."""
        import pandas as pd

        from engine.export._base import Content
        from engine.infer.embedder import embed
        from engine.jobs._writing import exporter_for, write
        from engine.project.fitted import load_fitted

        out = context.folder / arguments.out
        exporter_for(out, "embeddings")
        run = RunFolder(context.folder / arguments.run)
        run.check()
        context.sink(StageStarted("embed", 0, 1))
        if arguments.files or arguments.data is not None:
            fitted = load_fitted(run, sink=context.sink)
            opened = open_new(run, arguments, context)
            table = embed(fitted, opened.data, opened.id_name, sink=context.sink)
        else:
            stored = run.path / "embeddings.parquet"
            if not stored.is_file():
                raise ProjectError(
                    f"The run {run.path.name} has no embeddings yet.", hint="Let it finish, or resume it."
                )
            table = pd.read_parquet(stored)
        write(Content("embeddings", table=table), out, context.sink)
        return {"rows": len(table), "width": len(table.columns) - 1, "path": str(out)}
