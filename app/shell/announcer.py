"""Tells screen readers what happens away from the focus: messages, progress, the verdict, what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from app.kit.sayings import said
from app.kit.throttle import Throttle
from app.kit.translate import tr
from app.session.counting import counted
from app.shell.status_bar import stage_words

if TYPE_CHECKING:
    from app.session.message import Message
    from app.session.session import Session
    from app.session.training import LiveRun

_QUARTERS = 4  # of a stage: progress is told this often, and not with every epoch
_REST_MS = 500


class Announcer(QObject):
    """Speaks through the window. `announced` carries each text, for who wants to know."""

    announced = Signal(object)  # str

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._told = ""
        self._count = 0
        self._selected = Throttle(self._tell_selection, _REST_MS, self)
        session.notice.connect(self._on_notice)
        session.training.live_changed.connect(self._on_live_changed)
        session.training.run_ended.connect(self._on_run_ended)
        session.running.changed.connect(self._on_run_changed)
        session.selection.changed.connect(self._selected.request)
        self._waits_for_verdict = False

    def say(self, text: str, *, at_once: bool = False) -> None:
        """Say something. Args: at_once: although something else is being said."""
        event = QAccessibleAnnouncementEvent(self._window, text)
        politeness = QAccessible.AnnouncementPoliteness
        event.setPoliteness(politeness.Assertive if at_once else politeness.Polite)
        QAccessible.updateAccessibility(event)
        self.announced.emit(text)

    @Slot(object)
    def _on_notice(self, message: Message) -> None:
        self.say(f"{message.text} {message.hint}".strip(), at_once=message.level == "problem")

    @Slot()
    def _on_live_changed(self) -> None:
        """Tell a new stage, and each quarter of it."""
        live = self._session.training.live
        if live is None or not live.stages or not self._session.training.is_running:
            return
        stage, fraction = live.stages[-1], live.job.fraction
        quarter = int(_QUARTERS * fraction) if fraction is not None else 0
        told = f"{stage.name} {stage.index} {stage.seed} {quarter}"
        if told == self._told or (quarter == 0 and self._told.startswith(told[:-1])):
            return
        self._told = told
        words = stage_words(stage.name)
        if quarter:
            words = tr("{stage}: {percent} % done", stage=words, percent=100 * quarter // _QUARTERS)
        self.say(words)

    @Slot(object)
    def _on_run_ended(self, live: LiveRun) -> None:
        self._told = ""
        self._waits_for_verdict = live.job.state == "finished"

    @Slot()
    def _on_run_changed(self) -> None:
        run = self._session.run
        if self._waits_for_verdict and run is not None and run.metrics:
            self._waits_for_verdict = False
            self.say(said(str(run.metrics.get("verdict") or tr("The run is done"))))

    def _tell_selection(self) -> None:
        dataset, count = self._session.dataset, self._session.selection.count
        if dataset is None or count == self._count:
            return
        self._count = count
        if not count:
            self.say(tr("Nothing is selected."))
            return
        reason = self._session.selection.reason
        words = tr("{items} selected", items=counted(dataset, count))
        self.say(f"{words}: {reason}" if reason else words)
