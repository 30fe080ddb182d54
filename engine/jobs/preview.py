"""Look at the first rows of files: what was understood, and what is wrong, before anything is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError
from engine.core.events import StageStarted
from engine.data.options import DataOptions
from engine.jobs._base import Job
from engine.jobs.spec import JobContext


class Preview(Job):
    """Read files or the beginnings of large ones, suggest kinds, roles and reasons, and try to join the tables.

    Source: our own; the row-level import doctor that users of other graph programs ask for.
    """

    key = "preview"
    label = "Preview files"

    class Config(ConfigBase):
        files: tuple[str, ...] = option((), "Files to look at.")
        encodings: dict[str, str] = option({}, "File to text encoding, where the content does not say.")
        data: DataOptions | None = option(None, "Options as edited so far; suggested when absent.")
        target: str | None = option(None, "Column to predict.")

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return what `engine.data.check.check_files` reports."""
        from engine.data.check import check_files
        from engine.data.issues import IssueLog

        context.sink(StageStarted("preview", 0, 1))
        if arguments.data is None and not arguments.files:
            raise OptionError("There are no files to look at.", hint="Name at least one.", path="preview.files")
        return check_files(
            [Path(file) for file in arguments.files],
            encodings=arguments.encodings,
            options=arguments.data,
            target=arguments.target,
            base=context.folder,
            issues=IssueLog(context.sink),
            cancel=context.cancel,
            sink=context.sink,
        )
