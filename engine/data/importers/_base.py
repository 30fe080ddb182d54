"""What every importer offers: a look at the content, and tables."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from engine.core.cancel import CancelToken
from engine.core.component import Component
from engine.core.events import EventSink, silent
from engine.data.issues import IssueLog
from engine.data.options import TableOptions
from engine.data.room import Room
from engine.data.table import Table


class Importer(Component):
    """Read one format into tables of text; roles are suggested afterwards."""

    extensions: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def sniff(self, path: Path) -> bool:
        """Say whether the content looks like this format, whatever the file is called."""

    def companions(self, path: Path) -> tuple[Path, ...]:
        """Return the other files that are read with this one; most formats have none."""
        return ()

    @abstractmethod
    def read(
        self,
        path: Path,
        options: TableOptions | None = None,
        *,
        limit: int | None = None,
        issues: IssueLog | None = None,
        cancel: CancelToken | None = None,
        sink: EventSink = silent,
        room: Room | None = None,
    ) -> list[Table]:
        """Read the tables of a file.

        Args:
            path: the file.
            options: what is known about how it is written; None finds everything from the content.
            limit: most rows of each table.
            issues: takes what is wrong with single rows.
            cancel: checked now and then.
            sink: told of progress.
            room: how much memory there is, for formats of which a file may be larger; None for enough.
        Returns: one table, or two for a graph file; their `columns` are empty until roles are suggested.
        Raises: ReadError: the file cannot be read as this format.
        """
