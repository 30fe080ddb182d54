"""Wire the parts: the only place where they are made. First paint with Qt alone, the rest after it."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLocale, QObject, QStandardPaths, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from app.bridge.array_process import ArrayProcess
from app.bridge.background import wait_for_background
from app.bridge.job_controller import JobController
from app.kit import crash_report, icons, sayings, spoken, theme, translate
from app.kit import settings as keys
from app.kit.settings import Settings
from app.session.session import Session
from app.shell.main_window import MainWindow

if TYPE_CHECKING:
    from app.bridge.job_controller import MakeExecutor
    from app.bridge.jobs import Lane
    from app.bridge.run_thread import Executor


_PAINT_AT_THE_LATEST_MS = 1500


def make_application(arguments: Sequence[str]) -> QApplication:
    """Return the application object with name, icon and theme."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication([*arguments[:1], *theme.arguments(), *arguments[1:]])
    application.setApplicationName("kith")
    application.setApplicationDisplayName("Kith")
    application.setOrganizationName("kith")
    application.setDesktopFileName("kith")
    return application


def user_folder() -> Path:
    """Return where the program keeps projects without a place of their own, and logs."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    folder = Path(place) / "kith" if place else Path.home() / ".kith"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def process_executors(home: Path) -> MakeExecutor:
    """Return what makes the executor of a lane: a child process each."""

    def make(lane: Lane) -> Executor:
        from engine import ProcessExecutor

        made: Executor = ProcessExecutor(home, warm=lane == "train", log=home / f"{lane}.log")
        return made

    return make


class Start(QObject):
    """Builds the window in two steps: what is painted first, and the rest."""

    def __init__(
        self, files: Sequence[Path], settings: Settings, home: Path, make_executor: MakeExecutor | None = None
    ) -> None:
        super().__init__()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        language = os.environ.get("KITH_LANGUAGE") or settings.get(keys.LANGUAGE)
        if language == translate.SYSTEM:
            language = translate.of_system(QLocale.system().name())
        translate.set_language(language, _translations())
        sayings.load(language, _translations())
        choice = settings.get(keys.THEME)
        theme.apply(application, choice if choice in ("light", "dark") else "system")  # type: ignore[arg-type]
        spoken.install()
        self._files = list(files)
        self.jobs = JobController(make_executor or process_executors(home), self)
        self.session = Session(self.jobs, settings, home, self, renderer=ArrayProcess("app.canvas.raster"))
        self.window = MainWindow(self.session)
        # A window that starts minimised or covered is never painted; it is filled all the same.
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PAINT_AT_THE_LATEST_MS)
        self._patience.timeout.connect(self._on_painted)
        application.setWindowIcon(icons.icon("explore", "accent"))
        application.styleHints().colorSchemeChanged.connect(self._on_scheme)

    def show(self) -> None:
        """Show the window, and continue once it is painted."""
        self.window.installEventFilter(self)
        self._patience.start()
        self.window.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the first paint."""
        if watched is self.window and event.type() == QEvent.Type.Paint:
            self.window.removeEventFilter(self)
            self._patience.start(0)  # once this paint is done
        return super().eventFilter(watched, event)

    @Slot()
    def _on_painted(self) -> None:
        gc.enable()  # see `app.__main__`
        self.window.removeEventFilter(self)
        self.jobs.warm_up()
        self.session.fetch_catalogue()
        self.window.build_views()
        if self._files:
            self.session.add_files(self._files)
            return
        last = self.session.settings.get(keys.OPEN_PROJECT)
        if last and (Path(last) / "project.json").exists():
            self.session.open_project(Path(last))

    @Slot(Qt.ColorScheme)
    def _on_scheme(self, scheme: Qt.ColorScheme) -> None:
        choice = self.session.settings.get(keys.THEME)
        application = QApplication.instance()
        if choice == "system" and isinstance(application, QApplication):
            theme.apply(application, "system")


def run(arguments: Sequence[str]) -> int:
    """Open the window and stay until it is closed. Returns: the exit code."""
    application = make_application(arguments)
    home = user_folder()
    logging.basicConfig(
        filename=home / "window.log",
        filemode="w",
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    crash_report.install(home / "crashes")
    start = Start([Path(name).resolve() for name in arguments[1:] if not name.startswith("-")], Settings(), home)
    crash_report.set_listener(start.session.say)
    start.show()
    code = application.exec()
    wait_for_background()
    return code


def _translations() -> Path | None:
    from engine.core.errors import EngineError
    from engine.core.resources import resource

    try:
        return resource("translations")
    except EngineError:
        return None
