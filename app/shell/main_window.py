"""The main window: it arranges the rail, the centre, docks, menus and status bar, and knows no dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QTabWidget, QToolBar, QToolButton, QWidget

from app.kit import icons
from app.kit import settings as keys
from app.kit.settings import from_text, to_text
from app.kit.throttle import Throttle
from app.kit.translate import tr
from app.kit.widgets.basics import button, column, line
from app.shell.actions import MENUS, Actions
from app.shell.announcer import Announcer
from app.shell.commands import Commands
from app.shell.docks import Docks, spacer
from app.shell.header import Header
from app.shell.notifier import Notifier
from app.shell.rail import Rail
from app.shell.stations import STATIONS, states
from app.shell.status_bar import StatusBar
from app.shell.toasts import Toasts
from app.shell.welcome import Welcome

if TYPE_CHECKING:
    from app.session.session import Session
    from app.shell.palette import Palette

_SIZE = QSize(1500, 940)  # before the user chose one, on a screen that has it
_TOOLS = ("open_files", "save_as", "", "undo", "redo")


class MainWindow(QMainWindow):
    """One window, one session. `shown_whole` is emitted once every view is in place."""

    shown_whole = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        # The columns at the sides go down to the status bar: they hold pictures and lists that need the height.
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.resize(_SIZE.boundedTo(self.screen().availableSize()))
        self._built = False
        self._closed = False
        self._station = "data"
        self.actions_ = Actions(session, self)
        self._rail = Rail()
        self._header = Header()
        self._stack = QStackedWidget()
        self._welcome = Welcome(session)
        self._stack.addWidget(self._welcome)
        centre = QWidget()
        centre.setLayout(column(self._header, line(), self._stack, spacing=0))
        self.setCentralWidget(centre)
        self.docks = Docks(self, self._stack, session)
        self.commands = Commands(self, session, self.actions_)
        self._toasts = Toasts(self)
        self._notifier = Notifier(session, self)
        self.announcer = Announcer(session, self)
        self.setStatusBar(StatusBar(session, self))
        self._add_bars()
        self._add_menus()
        self._refresh = Throttle(self._show_states, 60, self)
        self._connect()
        self._restore_geometry()
        self._show_states()

    def _connect(self) -> None:
        session = self.session
        for signal in (
            session.project_changed,
            session.dataset_changed,
            session.run_changed,
            session.runs_changed,
            session.recipe_changed,
            session.importing.changed,
            session.selection.changed,
            session.training.live_changed,
            session.undo_stack.indexChanged,
            session.jobs.jobs_changed,
        ):
            signal.connect(self._on_something_changed)
        # At once, and not with the next look at all states: who types fast undoes fast.
        session.undo_stack.canUndoChanged.connect(self.actions_["undo"].setEnabled)
        session.undo_stack.canRedoChanged.connect(self.actions_["redo"].setEnabled)
        session.notice.connect(self._toasts.add)
        session.files_requested.connect(self.actions_["open_files"].trigger)
        session.target_requested.connect(self.actions_["choose_target"].trigger)
        session.station_requested.connect(self.show_station)
        session.view_requested.connect(self.show_view)
        self._rail.chosen.connect(self.show_station)
        self._header.step.connect(self.commands.do)
        self._welcome.files_chosen.connect(self.commands.add_files)
        self._welcome.choose_requested.connect(self.actions_["open_files"].trigger)
        self._welcome.project_chosen.connect(self.commands.open_project)
        self._welcome.sample_chosen.connect(self.commands.open_sample)

    def build_views(self) -> None:
        """Make the views; called once, after the first paint."""
        if self._built:
            return
        self._built = True
        self.docks.build()
        self.session.dataset_changed.connect(self.docks.show_centre)
        self._fill_view_menus()
        self.show_station(self._station)
        self.shown_whole.emit()

    @Slot(object)
    def show_station(self, key: str) -> None:
        """Show one of the six stations."""
        self._station = key
        self.session.note_station(key)
        self._rail.set_current(key)
        if self._built:
            self.docks.show_station(key)
        self._show_states()

    @Slot(object)
    def show_view(self, key: str) -> None:
        """Bring a view to the front and give it the keyboard."""
        view, dock = self.docks.views.get(key), self.docks.docks.get(key)
        if view is None:
            return
        if self._station not in (view.spec.station, *view.spec.also):
            self.show_station(view.spec.station)
        if dock is not None:
            dock.show()
            dock.raise_()
        view.take_focus()

    @property
    def station(self) -> str:
        """Key of the station that is shown."""
        return self._station

    def open_palette(self) -> Palette:
        """Show the command palette."""
        from app.shell.palette import Entry, Palette  # not before the first paint: it brings all that QStyle names

        entries = [
            Entry(action, menu.title().replace("&", ""), self._why_not(action))
            for menu in self._menus.values()
            for action in self._actions_of(menu)
        ]
        palette = Palette(entries, self)
        palette.open_over(self)
        return palette

    def _why_not(self, action: QAction) -> str:
        key = action.objectName()
        if key in self.actions_:
            return self.actions_.why_not(key)
        return "" if action.isEnabled() else tr("Not now.")

    def _actions_of(self, menu: QMenu) -> list[QAction]:
        found: list[QAction] = []
        for action in menu.actions():
            inner = action.menu()
            if isinstance(inner, QMenu):
                found.extend(self._actions_of(inner))
            elif not action.isSeparator():
                found.append(action)
        return found

    def _add_bars(self) -> None:
        bar = QToolBar(tr("Tools"))
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for key in _TOOLS:
            if key:
                bar.addAction(self.actions_[key])
                made = bar.widgetForAction(self.actions_[key])
                if isinstance(made, QToolButton):
                    wordy = key in ("open_files", "save_as")
                    style = Qt.ToolButtonStyle
                    made.setToolButtonStyle(style.ToolButtonTextBesideIcon if wordy else style.ToolButtonIconOnly)
                    made.setAccessibleName(self.actions_[key].text())
            else:
                bar.addSeparator()
        bar.addWidget(spacer())
        search = button(tr("Find a command…   Ctrl+K"), self.actions_["palette"].trigger, icon="search")
        search.setObjectName("search")
        search.setAccessibleName(tr("Find a command"))
        search.setMinimumWidth(240)
        bar.addWidget(search)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)
        rail = QToolBar(tr("Stations"))
        rail.setObjectName("rail_bar")
        rail.setMovable(False)
        rail.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        rail.addWidget(self._rail)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, rail)

    def _add_menus(self) -> None:
        self._menus: dict[str, QMenu] = {}
        for name in MENUS:
            menu = self.menuBar().addMenu(tr(name))
            self._menus[name] = menu
            for action, ends_group in self.actions_.of_menu(name):
                menu.addAction(action)
                if ends_group:
                    menu.addSeparator()
        window = self._menus["Window"]
        for number, station in enumerate(STATIONS, start=1):
            action = QAction(icons.icon(station.icon), tr(station.title), self)
            action.setShortcut(QKeySequence(f"Ctrl+{number}"))
            action.setToolTip(tr(station.tagline))
            action.setData(station.key)
            action.triggered.connect(self._on_station_action)
            window.addAction(action)
        window.addSeparator()
        self._reset = QAction(tr("Reset panels"), self)
        self._reset.setToolTip(tr("Put this station's panels back to where they were"))
        self._reset.triggered.connect(self.docks.reset)
        window.addAction(self._reset)

    def _fill_view_menus(self) -> None:
        """Add each dock's toggle, and the commands that views bring along."""
        places = self._menus["View"].addMenu(tr("Go to"))
        for key, view in self.docks.views.items():
            title = tr(view.spec.title)
            action = QAction(icons.icon(view.spec.icon), tr("Go to {panel}", panel=title), self)
            action.setToolTip(tr("Show this panel and give it the keyboard"))
            action.setData(key)
            action.triggered.connect(self._on_view_action)
            places.addAction(action)
        panels = self._menus["View"].addMenu(tr("Panels"))
        for dock in self.docks.docks.values():
            panels.addAction(dock.toggleViewAction())
        for view in self.docks.views.values():
            for action in view.actions():
                name = str(action.property("menu") or "View")
                self._menus[name if name in self._menus else "View"].addAction(action)

    @Slot()
    def _on_station_action(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.show_station(action.data())

    @Slot()
    def _on_view_action(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.show_view(action.data())

    @Slot()
    def _on_something_changed(self) -> None:
        if not self._closed:
            self._refresh.request()

    def _show_states(self) -> None:
        found = states(self.session)
        self._rail.show_states(found)
        self._rail.set_current(self._station)
        station = next(station for station in STATIONS if station.key == self._station)
        self._header.show_state(station, found[self._station])
        self.actions_.update()
        nothing = self.session.dataset is None and not self.session.importing.files
        is_welcome = nothing and self._station == "data"
        self._header.setVisible(not is_welcome)
        if is_welcome or not self._built:
            self._stack.setCurrentWidget(self._welcome)
            self.docks.hide_all()
        elif self._stack.currentWidget() is self._welcome:
            self.docks.show_station(self._station)
        project = self.session.project
        self.setWindowTitle(f"{project.name} – Kith" if project is not None else "Kith")

    def _restore_geometry(self) -> None:
        stored = self.session.settings.get(keys.GEOMETRY)
        if stored:
            self.restoreGeometry(from_text(stored))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files from anywhere."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self._welcome.set_drag(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Stop showing that a drop is welcome."""
        self._welcome.set_drag(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the files."""
        self._welcome.set_drag(False)
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.commands.add_files(paths)

    def changeEvent(self, event: QEvent) -> None:
        """Redraw icons when the theme changed."""
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "actions_"):
            self.actions_.refresh_icons()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember, save, end in order; what cannot be saved is not given up without a question."""
        if not self._closed and not self.session.save_now():
            reason = tr("The disk is full or does not let the project be written; the last changes would be lost.")
            if not self.commands.asking.confirm(tr("Close without saving?"), reason):
                event.ignore()
                return
        self.session.settings.set(keys.GEOMETRY, to_text(self.saveGeometry()))
        if self._built:
            self.docks.store()
        self._closed = True
        self._refresh.cancel()
        for timer in self.findChildren(QTimer):
            timer.stop()
        self.hide()
        self.session.close()
        self.session.jobs.close()
        if self.session.renderer is not None:
            self.session.renderer.close()
        self.session.settings.flush()
        super().closeEvent(event)
