"""The bar above the centre: the station's name, how it stands, its one obvious button, at most one quieter one."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit.translate import tr
from app.kit.widgets.basics import Elided, Picture, button, column, label, row, set_role
from app.shell.actions import NEXT_STEP_WORDS
from app.shell.stations import Station, StationState

_ICONS = {"stop_run": "stop", "start_run": "play", "import_data": "import", "open_files": "folder"}
_TONES = {"locked": "muted", "ready": "muted", "busy": "focus", "done": "good", "problem": "problem"}


class Header(QWidget):
    """Shows a station; `step` carries the key of the next step when its button is pressed."""

    step = Signal(object)  # str

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label("", "heading")
        self._mark = Picture("info", 16)
        self._sentence = Elided("", "muted")
        self._sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._key = ""
        self._button = button("", self._on_clicked, primary=True)
        self._button.setObjectName("next_step")
        self._also_key = ""
        self._also = button("", self._on_also_clicked)
        self._button.setIconSize(self._button.iconSize())
        texts = column(self._title, row(self._mark, self._sentence, spacing=6), spacing=1)
        body = row(spacing=16)
        body.setContentsMargins(16, 8, 12, 8)
        body.addLayout(texts, 1)
        body.addWidget(self._also)
        body.addWidget(self._button)
        self.setLayout(body)
        self.setObjectName("panel")

    def show_state(self, station: Station, state: StationState) -> None:
        """Show how a station stands."""
        marks = {"locked": "lock", "ready": "info", "busy": "clock", "done": "check", "problem": "problem"}
        self._title.setText(tr(station.title))
        self._sentence.setText(state.sentence or tr(station.tagline))
        self._mark.show_icon(marks[state.state], _TONES[state.state])
        self._key = state.action
        self._button.setText(tr(NEXT_STEP_WORDS[state.action]))
        self._button.setAccessibleName(self._button.text())
        self._button.setEnabled(not state.why_not)
        self._button.setToolTip(state.why_not)
        set_role(self._button, "primary", state.action != "stop_run")
        self._also_key = state.also
        self._also.setVisible(bool(state.also))
        self._also.setText(tr(NEXT_STEP_WORDS[state.also]) if state.also else "")
        self._also.setAccessibleName(self._also.text() or tr("Another step"))

    @Slot()
    def _on_clicked(self) -> None:
        self.step.emit(self._key)

    @Slot()
    def _on_also_clicked(self) -> None:
        self.step.emit(self._also_key)
