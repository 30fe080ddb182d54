"""Questions about files, places and consent, behind one interface so that tests answer them without a screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.kit import settings as keys
from app.kit.translate import tr

if TYPE_CHECKING:
    from app.kit.settings import Settings

_TABLES = "*.csv *.tsv *.txt *.edgelist *.dat *.gz *.graphml *.gexf *.sdf *.sd *.mol *.smi *.smiles"


class Asking(Protocol):
    """Asks the user; an empty answer means that the user changed their mind."""

    def files(self, title: str) -> list[Path]:
        """Ask for files to read."""

    def folder(self, title: str) -> Path | None:
        """Ask for a folder to open."""

    def save(self, title: str, name: str, kinds: str = "") -> Path | None:
        """Ask where to write. Args: name: suggested file name. kinds: file dialog filter."""

    def confirm(self, title: str, text: str) -> bool:
        """Ask whether to go on. Args: title: the question. text: what speaks for and against it."""


class FileDialogs:
    """Qt's file dialogs, in the folder that was used last."""

    def __init__(self, window: QWidget, settings: Settings) -> None:
        self._window = window
        self._settings = settings

    def files(self, title: str) -> list[Path]:
        """Ask for files to read."""
        kinds = f"{tr('Tables and graphs')} ({_TABLES});;{tr('All files')} (*)"
        names, _ = QFileDialog.getOpenFileNames(self._window, title, self._settings.get(keys.LAST_FOLDER), kinds)
        return [Path(name) for name in self._remembered(names)]

    def folder(self, title: str) -> Path | None:
        """Ask for a folder to open."""
        name = QFileDialog.getExistingDirectory(self._window, title, self._settings.get(keys.LAST_FOLDER))
        return Path(self._remembered([name])[0]) if name else None

    def save(self, title: str, name: str, kinds: str = "") -> Path | None:
        """Ask where to write."""
        start = str(Path(self._settings.get(keys.LAST_FOLDER) or Path.home()) / name)
        chosen, _ = QFileDialog.getSaveFileName(self._window, title, start, kinds)
        return Path(self._remembered([chosen])[0]) if chosen else None

    def confirm(self, title: str, text: str) -> bool:
        """Ask whether to go on; No is the answer of the Enter key."""
        buttons = QMessageBox.StandardButton
        asked = QMessageBox.question(self._window, title, f"{title}\n\n{text}", buttons.Yes | buttons.No, buttons.No)
        return asked == buttons.Yes

    def _remembered(self, names: list[str]) -> list[str]:
        if names:
            self._settings.set(keys.LAST_FOLDER, str(Path(names[0]).parent))
        return names
