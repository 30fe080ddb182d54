"""The first page: drop a file here, recent projects, samples with their story."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QPushButton, QScrollArea, QWidget

from app.kit import settings as keys
from app.kit.translate import tr
from app.kit.widgets.basics import DropArea, Elided, button, card, column, label, link, row
from engine.core.errors import EngineError
from engine.core.resources import resource

if TYPE_CHECKING:
    from app.session.session import Session

_log = logging.getLogger(__name__)
_MOST_RECENT = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """A data set that the program brings along, with its story; `trap_column` is the feature that the trap is about."""

    key: str
    title: str
    story: str
    files: tuple[Path, ...]
    trap: str
    trap_column: str
    target: str
    split: str


def read_samples() -> list[Sample]:
    """Return the samples of `resources/samples`; a damaged one is logged and left out."""
    try:
        folder = resource("samples")
    except EngineError:
        return []
    found = []
    for path in sorted(folder.glob("*/sample.json")):
        try:
            plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))  # Any: JSON values
            files = tuple(path.parent / str(_file_name(file)) for file in plain["files"])
            story = str(plain.get("story") or plain.get("summary") or "")
            found.append(
                Sample(
                    path.parent.name,
                    str(plain["title"]),
                    story,
                    files,
                    *(str(plain.get(name, "")) for name in ("trap", "trap_column", "target", "split")),
                )
            )
        except (OSError, ValueError, KeyError, TypeError):
            _log.exception("The sample %s cannot be read.", path.parent.name)
    return found


def _file_name(file: object) -> object:
    return file.get("path") if isinstance(file, dict) else file


class Welcome(QScrollArea):
    """The page that is shown while there is no data."""

    files_chosen = Signal(object)  # list[Path]
    choose_requested = Signal()
    project_chosen = Signal(object)  # Path
    sample_chosen = Signal(object)  # Sample

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWidgetResizable(True)
        self.setAccessibleName(tr("Welcome"))
        self._drop = DropArea(
            tr("Drop your tables here"),
            tr("CSV, TSV, text, .gz, GraphML, GEXF, SDF, SMILES. Several at once are told apart by what is in them."),
        )
        self._drop.setMinimumHeight(230)
        self._drop.clicked.connect(self.choose_requested)
        self._recent = QWidget()
        self._samples = {sample.key: sample for sample in read_samples()}
        page = QWidget()
        page.setObjectName("page")
        right = column(self._sample_column(), None, spacing=12)
        left = column(self._drop, self._recent, None, spacing=18)
        two = row(left, right, spacing=28)
        two.setStretch(0, 5)
        two.setStretch(1, 4)
        inner = QWidget()
        inner.setMaximumWidth(1120)
        inner.setLayout(
            column(
                label(tr("From tables to predictions"), "title"),
                label(
                    tr("Graph learning on your own data. Nothing leaves this machine; no account, no code."), "muted"
                ),
                14,
                two,
                None,
                spacing=6,
            )
        )
        page.setLayout(row(None, inner, None, margins=32))
        page.layout().setStretch(1, 20)  # type: ignore[union-attr]
        self.setWidget(page)
        session.project_changed.connect(self.refresh)
        self.refresh()

    def set_drag(self, over: bool) -> None:
        """Show that something hovers over the window."""
        self._drop.set_active(over)

    @Slot()
    def refresh(self) -> None:
        """Show the recent projects as they are now."""
        folders = [Path(name) for name in self._session.settings.get(keys.RECENT)]
        there = [folder for folder in folders if (folder / "project.json").exists()][:_MOST_RECENT]
        old = self._recent.layout()
        if old is not None:
            QWidget().setLayout(old)  # Qt's way to give a layout and its widgets up
        body = column(spacing=4)
        if there:
            body.addWidget(label(tr("RECENT"), "section"))
        for folder in there:
            made = link(_project_name(folder), self._on_project)
            made.setProperty("folder", str(folder))
            made.setAccessibleName(tr("Open project {name}", name=made.text()))
            # The path's end tells projects apart, its beginning where they are.
            line = row(made, Elided(str(folder), "muted", Qt.TextElideMode.ElideMiddle), spacing=8)
            line.setStretch(1, 1)
            body.addLayout(line)
        self._recent.setLayout(body)

    def _sample_column(self) -> QWidget:
        made = QWidget()
        body = column(spacing=10)
        if self._samples:
            body.addWidget(label(tr("OR TRY A SAMPLE"), "section"))
        for sample in self._samples.values():
            go = button(tr("Open"), self._on_sample, tip=tr("Open the sample {name}", name=tr(sample.title)))
            go.setProperty("sample", sample.key)
            go.setAccessibleName(go.toolTip())
            body.addWidget(
                card(row(label(tr(sample.title), "heading"), None, go), label(tr(sample.story), "muted", wrap=True))
            )
        made.setLayout(body)
        return made

    @Slot()
    def _on_project(self) -> None:
        sender = self.sender()
        assert isinstance(sender, QPushButton)
        self.project_chosen.emit(Path(sender.property("folder")))

    @Slot()
    def _on_sample(self) -> None:
        sender = self.sender()
        assert isinstance(sender, QPushButton)
        self.sample_chosen.emit(self._samples[sender.property("sample")])


def _project_name(folder: Path) -> str:
    try:
        return str(json.loads((folder / "project.json").read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return folder.stem
