"""What the window's commands do: each calls the session, after asking what has to be asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication

from app.dialogs.asking import Asking, FileDialogs
from app.kit import settings as keys
from app.kit import theme
from app.kit.translate import tr
from app.session import projects

if TYPE_CHECKING:
    from app.session.session import Session
    from app.shell.actions import Actions
    from app.shell.main_window import MainWindow
    from app.shell.welcome import Sample
    from engine.core.errors import EngineError

_STATION_STEPS = ("go_data", "go_explore", "go_pretrain", "go_finetune", "go_inspect", "go_export")


class Commands(QObject):
    """Connects every action. `asking` asks the user for files and places; tests put their own in its place."""

    def __init__(self, window: MainWindow, session: Session, actions: Actions) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._actions = actions
        self.asking: Asking = FileDialogs(window, session.settings)
        for key, call in self._calls().items():
            actions[key].triggered.connect(call)
        session.lock_found.connect(self._on_lock_found)
        session.command_requested.connect(self._on_command_requested)

    def _calls(self) -> dict[str, Callable[[], object]]:
        session = self._session
        return {
            "new_project": session.new_project,
            "open_files": self._open_files,
            "open_project": self._open_project,
            "open_run": self._open_run,
            "save_as": self._save_as,
            "quit": self._window.close,
            "undo": session.undo_stack.undo,
            "redo": session.undo_stack.redo,
            "select_all": session.selecting.everything,
            "select_none": session.selection.clear,
            "select_invert": session.selection.invert,
            "select_neighbours": session.selecting.neighbours,
            "copy_ids": self._copy_ids,
            "save_selection": self._save_selection,
            "selection_column": self._selection_column,
            "select_query": self._select_query,
            "preferences": self._preferences,
            "palette": self._window.open_palette,
            "theme_light": self._theme_light,
            "theme_dark": self._theme_dark,
            "theme_system": self._theme_system,
            "full_screen": self._full_screen,
            "find_node": self._find_node,
            "fit_graph": self._fit_graph,
            "show_selection": self._show_selection,
            "hide_others": self._hide_others,
            "hide_selected": self._hide_selected,
            "around_1": self._around_one,
            "around_2": self._around_two,
            "around_3": self._around_three,
            "show_all": session.selecting.show_all,
            "relayout": session.pictures.place_anew,
            "continue_layout": session.pictures.go_on,
            "stop_layout": session.pictures.stop_layout,
            "move_nodes": self._move_nodes,
            "pin_selection": session.pins.pin_selection,
            "unpin_selection": session.pins.unpin_selection,
            "unpin_all": session.pins.clear,
            "load_places": self._load_places,
            "save_places": self._save_places,
            "embedding_places": session.pictures.as_embedding,
            "compute_statistic": self._compute_statistic,
            "import_data": session.preparing.import_all,
            "choose_target": self._choose_target,
            "preset_quick": self._preset_quick,
            "preset_plain": self._preset_plain,
            "preset_recommended": self._preset_recommended,
            "start_run": self._start_run,
            "start_pretraining": session.running.pretrain,
            "stop_run": session.training.stop,
            "cancel_run": session.training.cancel,
            "resume_run": self._resume_run,
            "runs": self._runs,
            "write_export": self._write_export,
            "score_files": self._score_files,
            "export_figure": self._export_figure,
            "open_run_folder": self._open_run_folder,
            "help": self._help,
            "guide": self._guide,
            "about": self._about,
        }

    @Slot(object)
    def do(self, key: str) -> None:
        """Do the next step of a station's header."""
        if key in _STATION_STEPS:
            self._window.show_station(key[3:])
        elif key == "write_export" and self._window.station == "export":
            self._session.export_requested.emit()
        else:
            self._actions[key].trigger()

    @Slot(object)
    def add_files(self, paths: Sequence[Path]) -> None:
        """Take dropped or chosen files; on the predictions they are scored, elsewhere imported."""
        self._session.add_files(paths)

    @Slot(object)
    def open_project(self, folder: Path) -> None:
        """Open a project folder."""
        self._session.open_project(folder)

    @Slot(object)
    def _on_lock_found(self, found: tuple[Path, EngineError]) -> None:
        """Offer to open a project that a machine left locked which we cannot ask whether it still works there."""
        folder, error = found
        risk = tr("If the project is still open there, one of the two will overwrite what the other saves.")
        if self.asking.confirm(tr("Open the project anyway?"), f"{error.message} {risk}"):
            self._session.open_project(folder, force=True)
        else:
            self._session.say_error(error)

    @Slot(object)
    def open_sample(self, sample: Sample) -> None:
        """Open a sample in a new project."""
        self._session.open_sample(sample.files, dataclasses.asdict(sample))

    @Slot()
    def _open_files(self) -> None:
        files = self.asking.files(tr("Add files"))
        if files:
            self._session.add_files(files)

    @Slot()
    def _open_project(self) -> None:
        folder = self.asking.folder(tr("Open project"))
        if folder is not None:
            self._session.open_project(folder)

    @Slot()
    def _open_run(self) -> None:
        folder = self.asking.folder(tr("Open run folder"))
        if folder is not None:
            self._session.running.open_foreign(folder)

    @Slot()
    def _save_as(self) -> None:
        project = self._session.project
        name = (project.name if project is not None else tr("Untitled")) + projects.SUFFIX
        target = self.asking.save(tr("Save project as"), name)
        if target is not None:
            self._session.save_as(target)

    @Slot()
    def _copy_ids(self) -> None:
        dataset = self._session.dataset
        if dataset is not None:
            chosen = dataset.node_ids[self._session.selection.mask]
            QGuiApplication.clipboard().setText("\n".join(str(id) for id in chosen))

    @Slot()
    def _theme_light(self) -> None:
        self._set_theme("light")

    @Slot()
    def _theme_dark(self) -> None:
        self._set_theme("dark")

    @Slot()
    def _theme_system(self) -> None:
        self._set_theme("system")

    def _set_theme(self, choice: theme.Choice) -> None:
        self._session.settings.set(keys.THEME, choice)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application, choice)

    @Slot()
    def _full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    @Slot()
    def _find_node(self) -> None:
        self._on_graph("find_node")

    @Slot()
    def _fit_graph(self) -> None:
        self._on_graph("fit_graph")

    @Slot()
    def _show_selection(self) -> None:
        self._on_graph("show_selection")

    @Slot()
    def _move_nodes(self) -> None:
        self._on_graph("move_nodes")

    def _on_graph(self, key: str) -> None:
        """Let the graph do something, at a station where it is in sight."""
        view = self._window.docks.views.get("graph")
        if view is not None:
            if self._window.station not in (view.spec.station, *view.spec.also):
                self._window.show_station(view.spec.station)
            view.commands[key]()

    @Slot()
    def _hide_others(self) -> None:
        self._session.selection.hide_others(self._session.selection.mask)

    @Slot()
    def _hide_selected(self) -> None:
        self._session.selection.hide_others(~self._session.selection.mask)

    @Slot()
    def _around_one(self) -> None:
        self._session.selecting.surroundings(1)

    @Slot()
    def _around_two(self) -> None:
        self._session.selecting.surroundings(2)

    @Slot()
    def _around_three(self) -> None:
        self._session.selecting.surroundings(3)

    @Slot()
    def _save_selection(self) -> None:
        from app.dialogs.save_selection import SaveSelection

        self._show(SaveSelection(self._session, self._window))

    @Slot()
    def _selection_column(self) -> None:
        from app.dialogs.selection_column import SelectionColumn

        self._show(SelectionColumn(self._session, self._window))

    @Slot()
    def _compute_statistic(self) -> None:
        """Offer what can be computed, where the results appear."""
        self._window.show_view("columns")
        view = self._window.docks.views.get("columns")
        if view is not None:
            view.commands["compute"]()

    @Slot()
    def _select_query(self) -> None:
        """Go to the field above the table, where a query is completed as one types."""
        view = self._window.docks.views.get("predictions")
        if view is not None:
            if self._window.station not in (view.spec.station, *view.spec.also):
                self._window.show_station("explore")
            self._window.show_view("predictions")
            view.commands["select_query"]()

    @Slot(object)
    def _on_command_requested(self, key: str) -> None:
        self._actions.update()  # what the request is about may have been selected just now
        self._actions[key].trigger()

    @Slot()
    def _load_places(self) -> None:
        found = self.asking.files(tr("A table of ids, x and y"))
        if found:
            self._session.pictures.load_places(found[0])

    @Slot()
    def _save_places(self) -> None:
        path = self.asking.save(tr("Save the places of the nodes"), "places.csv", "CSV (*.csv)")
        if path is not None:
            self._session.pictures.save_places(path)

    @Slot()
    def _choose_target(self) -> None:
        from app.dialogs.choose_target import ChooseTarget

        self._show(ChooseTarget(self._session, self._window))

    @Slot()
    def _preset_quick(self) -> None:
        self._session.preparing.choose_preset("quick")

    @Slot()
    def _preset_plain(self) -> None:
        self._session.preparing.choose_preset("plain")

    @Slot()
    def _preset_recommended(self) -> None:
        self._session.preparing.choose_preset("recommended")

    @Slot()
    def _start_run(self) -> None:
        self._session.running.start()
        if self._session.training.is_running and self._window.station not in ("pretrain", "finetune"):
            self._window.show_station("finetune")

    @Slot()
    def _resume_run(self) -> None:
        for info in self._session.runs.all:
            if info.can_resume:
                self._session.running.resume(info.folder)
                self._window.show_station("finetune")
                return

    @Slot()
    def _runs(self) -> None:
        from app.dialogs.runs import RunsDialog

        self._show(RunsDialog(self._session, self._window))

    @Slot()
    def _write_export(self) -> None:
        """Go to the export; from there, write."""
        if self._window.station == "export":
            self._session.export_requested.emit()
        else:
            self._window.show_station("export")

    @Slot()
    def _export_figure(self) -> None:
        from app.dialogs.export_figure import ExportFigure

        views = self._window.docks.views
        sources = {key: view.exported for key, view in views.items() if view.exported is not None}
        shown = {key: source for key, source in sources.items() if source.figure() is not None}
        self._show(ExportFigure(shown, self.asking, self._window))

    @Slot()
    def _score_files(self) -> None:
        from app.dialogs.score_files import ScoreFiles

        self._show(ScoreFiles(self._session, self.asking, self._window))

    @Slot()
    def _open_run_folder(self) -> None:
        if self._session.run is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._session.run.folder)))

    @Slot()
    def _preferences(self) -> None:
        from app.dialogs.preferences import Preferences

        self._show(Preferences(self._session.settings, self._window))

    @Slot()
    def _help(self) -> None:
        from app.dialogs.help import Help

        self._show(Help([self._actions[key] for key in self._actions.keys()], self._window))  # noqa: SIM118

    @Slot()
    def _guide(self) -> None:
        from app.dialogs.guide import Guide

        self._show(Guide(self._window))

    @Slot()
    def _about(self) -> None:
        from app.dialogs.about import About

        self._show(About(self._session, self._window))

    @staticmethod
    def _show(dialog: object) -> None:
        dialog.open()  # type: ignore[attr-defined]
