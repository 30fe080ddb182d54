"""The import sheet's state: files, what was understood of them, what the user changed."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from app.kit.translate import tr
from app.session.commands import Change

if TYPE_CHECKING:
    from app.bridge.job_controller import JobController
    from app.bridge.jobs import Job

Plain = dict[str, Any]  # Any: JSON values

# What these change is which columns there are, and what they can be.
_SHAPING = ("kind", "delimiter", "header", "encoding")


class ImportDraft(QObject):
    """Files on their way in.

    `data` is DataOptions as plain data (roles suggested, then edited); `preview` the preview job's result for it;
    `error` is `EngineError.to_plain()` when the files cannot be read.
    """

    changed = Signal()

    def __init__(self, jobs: JobController, undo_stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._undo_stack = undo_stack
        self.files: list[str] = []
        self.encodings: dict[str, str] = {}
        self.data: Plain | None = None
        self.preview: Plain = {}
        self.error: Plain | None = None
        self.job: Job | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a preview is on its way."""
        return self.job is not None and not self.job.is_over

    @property
    def is_ready(self) -> bool:
        """Whether the Import button may be pressed."""
        understood = self.data is not None and bool(self.preview) and self.error is None
        return understood and not self.is_busy and not self.unconfirmed()

    def unconfirmed(self) -> list[str]:
        """Return the files whose encoding the user has to choose, because their bytes do not say."""
        return [str(table["path"]) for table in self.tables() if not table["encoding"] and table["encoding_candidates"]]

    def tables(self) -> list[Plain]:
        """Return the previewed tables, in the order of the files."""
        found: list[Plain] = self.preview.get("tables", [])
        return found

    def start(self, files: Sequence[Path], *, fresh: bool = False) -> None:
        """Add files, or begin anew with them."""
        known = [] if fresh else self.files
        added = [str(path) for path in files if str(path) not in known]
        if fresh:
            self.encodings, self.preview = {}, {}
        self.files = [*known, *added]
        self.data = None  # which table is which is decided among all of them
        self._ask()

    def restore(self, files: list[str], data: Plain | None) -> None:
        """Go back to what a project remembers."""
        self.files, self.data, self.preview, self.error, self.encodings = list(files), data, {}, None, {}
        if self.files:
            self._ask()
        else:
            self.changed.emit()

    def remove(self, file: str) -> None:
        """Take a file out."""
        self.files = [name for name in self.files if name != file]
        self.encodings.pop(file, None)
        self.data, self.error = None, None
        if self.files:
            self._ask()
        else:
            self.preview = {}
            self.changed.emit()

    def set_encoding(self, file: str, encoding: str) -> None:
        """Confirm or change how a file's bytes are read."""
        self.encodings[file] = encoding
        if self.data is not None:
            self.set_table(file, "encoding", encoding)
        else:
            self._ask()

    def set_table(self, file: str, option: str, value: Any) -> None:  # Any: the option's own type
        """Change an option of one table (kind, delimiter, header …), undoable."""

        def edit(table: Plain) -> None:
            table[option] = value
            if option in _SHAPING:
                table["columns"] = {}  # the old names and roles do not fit; they are suggested anew

        self._edit(tr("Change {option} of {file}", option=option, file=Path(file).name), edit, file)

    def set_role(self, file: str, column: str, role: str) -> None:
        """Say what a column is for, undoable."""

        def edit(table: Plain) -> None:
            table["columns"].setdefault(column, {"kind": "text"})["role"] = role

        self._edit(tr("Use “{column}” as {role}", column=column, role=role), edit, file)

    def set_kind(self, file: str, column: str, kind: str) -> None:
        """Say how a column's values are read, undoable."""

        def edit(table: Plain) -> None:
            table["columns"].setdefault(column, {"role": "ignore"})["kind"] = kind

        self._edit(tr("Read “{column}” as {kind}", column=column, kind=kind), edit, file)

    def add_column(self, path: Path, column: str, role: str) -> None:
        """Add a table of ids and one column that the window wrote, undoable.

        Args: role: of the column; another column of that role is ignored from now on, for it must not be known.
        """
        if self.data is None:
            return
        after = copy.deepcopy(self.data)
        after["tables"] = [table for table in after["tables"] if table["path"] != str(path)]
        for table in after["tables"]:
            for spec in table.get("columns", {}).values():
                if isinstance(spec, dict) and spec.get("role") == role:
                    spec["role"] = "ignore"
        columns = {"id": {"role": "node_id", "kind": "id"}, column: {"role": role, "kind": "category"}}
        after["tables"].append({"path": str(path), "kind": "nodes", "columns": columns})
        files = [*(name for name in self.files if name != str(path)), str(path)]
        text = tr("Use “{column}” as {role}", column=column, role=role)
        self._undo_stack.push(Change(text, (self.files, self.data), (files, after), self._put_both))

    def set_option(self, name: str, value: Any) -> None:  # Any: the option's own type
        """Change an option of the whole import (directed, implicit_nodes …), undoable."""
        if self.data is not None and self.data.get(name) != value:
            after = {**copy.deepcopy(self.data), name: value}
            self._undo_stack.push(Change(tr("Change {option}", option=name), self.data, after, self._put))

    def table_options(self, file: str) -> Plain | None:
        """Return the options of the table that a file holds."""
        for table in (self.data or {}).get("tables", []):
            if table["path"] == file:
                found: Plain = table
                return found
        return None

    def _edit(self, text: str, edit: Any, file: str) -> None:  # Any: a function on one table's plain options
        if self.data is None:
            return
        after = copy.deepcopy(self.data)
        for table in after["tables"]:
            if table["path"] == file:
                edit(table)
        if after != self.data:
            self._undo_stack.push(Change(text, self.data, after, self._put))

    def _put_both(self, state: tuple[list[str], Plain]) -> None:
        self.files, self.data = state
        self._ask()

    def _put(self, data: Plain) -> None:
        self.data = data
        self._ask()

    def _ask(self) -> None:
        arguments: Plain = {"files": self.files}
        if self.encodings:
            arguments["encodings"] = self.encodings
        if self.data is not None:
            arguments["data"] = self.data
        self.job = self._jobs.submit(
            "preview", arguments, title=tr("Reading the first rows"), topic="preview", then=self._on_preview
        )
        self.changed.emit()

    def _on_preview(self, job: Job) -> None:
        if job.state == "finished" and job.result is not None:
            self.preview, self.error = job.result, None
            self.data = job.result["data"]
        elif job.state == "failed":
            self.error = job.error
        self.changed.emit()
