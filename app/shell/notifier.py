"""Tells through the desktop that a long run has ended, in case the user looks elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon

from app.kit import icons
from app.kit import settings as keys
from app.kit.translate import tr
from app.kit.words import duration

if TYPE_CHECKING:
    from app.session.session import Session
    from app.session.training import LiveRun


class Notifier(QObject):
    """Marks the window in the task bar, and shows a message where the desktop has a place for it."""

    def __init__(self, session: Session, window: QMainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        session.training.run_ended.connect(self._on_run_ended)

    def words(self, live: LiveRun) -> str:
        """Return what is said of a run, empty for one that was short."""
        seconds: float = live.job.seconds
        if seconds < self._session.settings.get(keys.NOTIFY_AFTER):
            return ""
        states = {
            "finished": tr("The run is done after {time}.", time=duration(seconds)),
            "failed": tr("The run failed after {time}; it can be resumed.", time=duration(seconds)),
        }
        return states.get(live.job.state, "")

    @Slot(object)
    def _on_run_ended(self, live: LiveRun) -> None:
        words = self.words(live)
        if not words or self._window.isActiveWindow():
            return
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable():
            if self._tray is None:
                self._tray = QSystemTrayIcon(icons.icon("explore", "accent"), self)
                self._tray.setToolTip("Kith")
            self._tray.show()
            self._tray.showMessage("Kith", words)
