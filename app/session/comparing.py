"""Which runs are compared, and what they wrote: read in the background, kept while they are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge.background import Background, Outcome
from app.session.frames import RunFrame, read_run

if TYPE_CHECKING:
    from app.session.runs import RunList

MOST = 6  # more curves over each other tell nothing


class Comparing(QObject):
    """The runs chosen for comparison, by name and in the order they were chosen; the first is what others are held to.

    Args: runs: the project's list; a run that leaves it is chosen no longer.
    """

    changed = Signal()

    def __init__(self, runs: RunList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._chosen: list[str] = []
        self._is_asked = False  # until the user chooses, the two newest runs stand side by side
        self._frames: dict[Path, RunFrame] = {}
        self._background = Background(self)
        self._background.finished.connect(self._on_read)
        runs.changed.connect(self._on_runs_changed)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the chosen runs."""
        return tuple(self._chosen)

    def choose(self, names: Sequence[str]) -> None:
        """Compare exactly these, `MOST` of them at most."""
        self._is_asked = True
        wanted = list(dict.fromkeys(names))[:MOST]
        if wanted != self._chosen:
            self._chosen = wanted
            self._read()
            self.changed.emit()

    def toggle(self, name: str, on: bool) -> None:
        """Take a run in, or out."""
        others = [one for one in self._chosen if one != name]
        self.choose([*others, name] if on and len(others) < MOST else others)

    def frames(self) -> list[tuple[str, RunFrame]]:
        """Return the chosen runs that are read by now, with their names."""
        folders = {info.name: info.folder for info in self._runs.all}
        found = [(name, self._frames.get(folders.get(name, Path()))) for name in self._chosen]
        return [(name, frame) for name, frame in found if frame is not None]

    @Slot()
    def _on_runs_changed(self) -> None:
        there = {info.name: info for info in self._runs.all}
        self._chosen = [name for name in self._chosen if name in there]
        if not self._is_asked:
            self._chosen = [info.name for info in self._runs.all if info.is_usable][1::-1]
        # What a run wrote meanwhile is read anew.
        self._frames = {path: frame for path, frame in self._frames.items() if frame.status == "finished"}
        self._read()
        self.changed.emit()

    def _read(self) -> None:
        folders = [info.folder for info in self._runs.all if info.name in self._chosen]
        missing = [folder for folder in folders if folder not in self._frames]
        if missing:
            self._background.submit(lambda: {folder: frame for folder in missing if (frame := _run(folder))})

    @Slot(object)
    def _on_read(self, outcome: Outcome) -> None:
        if outcome.value:
            self._frames |= outcome.value
            self.changed.emit()


def _run(folder: Path) -> RunFrame | None:
    """Read a run; None when it cannot be read."""
    try:
        return read_run(folder)
    except (OSError, ValueError):
        return None
