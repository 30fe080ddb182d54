"""What each command of the window is: name, menu, shortcut, icon, and why it is disabled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from app.kit.translate import tr

if TYPE_CHECKING:
    from app.session.session import Session

Key = QKeySequence.StandardKey
Why = Callable[["Session"], str]


def _always(session: Session) -> str:
    return ""


def _dataset(session: Session) -> str:
    return "" if session.dataset is not None else tr("There is no data yet.")


def _files(session: Session) -> str:
    if session.importing.is_ready:
        return ""
    return tr("The files are not understood yet.") if session.importing.files else tr("There are no files yet.")


def _recipe(session: Session) -> str:
    return "" if not session.draft.is_empty else tr("Choose what to predict first.")


def _idle(session: Session) -> str:
    return _recipe(session) or (tr("A run is going on.") if session.training.is_running else "")


def _pretrainable(session: Session) -> str:
    has = session.draft.is_empty or session.draft.get("pretrain.type") is not None
    return _idle(session) or ("" if has else tr("The recipe has no pretraining."))


def _running(session: Session) -> str:
    return "" if session.training.is_running else tr("No run is going on.")


def _results(session: Session) -> str:
    has = session.run is not None and session.run.predictions is not None
    return "" if has else tr("There are no predictions yet.")


def _selection(session: Session) -> str:
    return "" if session.selection.count else tr("Nothing is selected.")


def _around(session: Session) -> str:
    if session.selection.count or session.selection.current is not None:
        return ""
    return tr("Nothing is selected.")


def _places(session: Session) -> str:
    return tr("The graph has no places yet.") if session.positions is None else ""


def _pinnable(session: Session) -> str:
    return _places(session) or _selection(session)


def _unpinnable(session: Session) -> str:
    is_pinned = bool((session.pins.mask & session.selection.mask).any()) if session.pins.count else False
    return "" if is_pinned else tr("No selected node is pinned.")


def _pinned(session: Session) -> str:
    return "" if session.pins.count else tr("Nothing is pinned.")


def _placing(session: Session) -> str:
    return "" if session.pictures.is_placing else tr("No layout goes on.")


def _embedding(session: Session) -> str:
    if session.embedding is None or session.dataset is None or session.dataset.is_collection:
        return tr("There is no embedding of this graph yet.")
    return ""


def _resumable(session: Session) -> str:
    if session.training.is_running:
        return tr("A run is going on.")
    return "" if any(info.can_resume for info in session.runs.all) else tr("Every run ended by itself.")


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One command. Args: shortcuts: standard keys or texts, the first is shown. why: reason to be disabled, or ""."""

    key: str
    menu: str
    text: str
    tip: str
    shortcuts: tuple[Key | str, ...] = ()
    icon: str = ""
    why: Why = _always
    ends_group: bool = False


SPECS: tuple[ActionSpec, ...] = (
    ActionSpec("new_project", "File", "New project", "Close this project and begin another", (Key.New,), "plus"),
    ActionSpec("open_files", "File", "Add files…", "Choose tables or a graph file to import", (Key.Open,), "folder"),
    ActionSpec("open_project", "File", "Open project…", "Open a project folder", ("Ctrl+Shift+O",), "folder"),
    ActionSpec("open_run", "File", "Open run folder…", "Show a run made in the shell or elsewhere", (), "folder"),
    ActionSpec(
        "save_as",
        "File",
        "Save project as…",
        "Give the project a place; it is saved as you go",
        (Key.Save, Key.SaveAs),
        "save",
        ends_group=True,
    ),
    ActionSpec("quit", "File", "Quit", "Close the window; runs can be resumed", (Key.Quit,), ""),
    ActionSpec("undo", "Edit", "Undo", "Take the last change back", (Key.Undo,), "undo"),
    ActionSpec("redo", "Edit", "Redo", "Do it again", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", ends_group=True),
    ActionSpec("select_all", "Edit", "Select all nodes", "Select every node", ("Ctrl+Shift+A",), "", _dataset),
    ActionSpec("select_none", "Edit", "Clear selection", "Select nothing", ("Ctrl+Shift+D",), "close", _selection),
    ActionSpec(
        "select_invert", "Edit", "Invert selection", "Select what is not selected", ("Ctrl+Shift+I",), "", _dataset
    ),
    ActionSpec(
        "select_neighbours",
        "Edit",
        "Select neighbours",
        "Add every node that an edge joins to the selection",
        ("Ctrl+Shift+N",),
        "explore",
        _selection,
    ),
    ActionSpec(
        "copy_ids",
        "Edit",
        "Copy ids of the selection",
        "Copy the selected nodes' ids, one a line",
        ("Ctrl+Shift+C",),
        "copy",
        _selection,
    ),
    ActionSpec(
        "save_selection",
        "Edit",
        "Save selection…",
        "Keep the selection under a name",
        ("Ctrl+Shift+B",),
        "bookmark",
        _selection,
    ),
    ActionSpec(
        "selection_column",
        "Edit",
        "Selection to a column…",
        "Give the selected nodes a value in a column of your own",
        ("Ctrl+Shift+K",),
        "table",
        _selection,
    ),
    ActionSpec(
        "select_query",
        "Edit",
        "Select by a query…",
        "Type what the nodes have to be, such as degree > 10",
        ("Ctrl+Shift+F",),
        "search",
        _dataset,
        ends_group=True,
    ),
    ActionSpec(
        "preferences", "Edit", "Preferences…", "Theme, language, notifications", (Key.Preferences, "Ctrl+,"), "settings"
    ),
    ActionSpec("palette", "View", "Find a command…", "Search commands by name", ("Ctrl+Shift+P", "Ctrl+K"), "search"),
    ActionSpec("theme_light", "View", "Light theme", "Always light", (), ""),
    ActionSpec("theme_dark", "View", "Dark theme", "Always dark", (), ""),
    ActionSpec("theme_system", "View", "Theme of the system", "Follow the desktop", (), "", ends_group=True),
    ActionSpec("full_screen", "View", "Full screen", "Use the whole screen", (Key.FullScreen, "F11"), "fit"),
    ActionSpec("find_node", "Graph", "Find a node", "Look for an id or a name", (Key.Find,), "search", _dataset),
    ActionSpec("fit_graph", "Graph", "Show everything", "Fit the graph into its canvas", ("Ctrl+0",), "fit", _dataset),
    ActionSpec("show_selection", "Graph", "Show the selection", "Go near to it", ("Ctrl+9",), "target", _selection),
    ActionSpec(
        "hide_others", "Graph", "Hide others", "Draw only what is selected", ("Ctrl+Shift+H",), "minus", _selection
    ),
    ActionSpec("hide_selected", "Graph", "Hide these", "Leave out what is selected", ("Ctrl+H",), "", _selection),
    ActionSpec(
        "around_1", "Graph", "Show one edge around", "Draw the selection and its neighbours", ("Alt+1",), "", _around
    ),
    ActionSpec("around_2", "Graph", "Show two edges around", "Draw what is at most two away", ("Alt+2",), "", _around),
    ActionSpec(
        "around_3", "Graph", "Show three edges around", "Draw what is at most three away", ("Alt+3",), "", _around
    ),
    ActionSpec(
        "show_all",
        "Graph",
        "Show all",
        "Draw what was hidden or filtered out again",
        ("Ctrl+Shift+J",),
        "plus",
        _dataset,
        ends_group=True,
    ),
    ActionSpec("relayout", "Graph", "Lay out again", "Place the nodes anew", ("Ctrl+L",), "refresh", _dataset),
    ActionSpec(
        "continue_layout",
        "Graph",
        "Continue the layout",
        "Go on from these places; pinned and selected nodes stay where they are",
        ("Ctrl+Shift+L",),
        "resume",
        _places,
    ),
    ActionSpec(
        "stop_layout", "Graph", "Stop the layout", "Keep the places as they are now", ("Ctrl+.",), "stop", _placing
    ),
    ActionSpec(
        "move_nodes",
        "Graph",
        "Move nodes",
        "Drag nodes, or move the selection by the arrow keys; what was moved is pinned",
        ("Ctrl+Shift+V",),
        "move",
        _places,
    ),
    ActionSpec(
        "pin_selection",
        "Graph",
        "Pin selection",
        "Selected nodes stay where they are when the layout is continued",
        ("Ctrl+P",),
        "pin",
        _pinnable,
    ),
    ActionSpec(
        "unpin_selection",
        "Graph",
        "Unpin selection",
        "Let the layout move the selected nodes again",
        ("Ctrl+Alt+P",),
        "",
        _unpinnable,
    ),
    ActionSpec("unpin_all", "Graph", "Unpin all", "Let the layout move every node again", (), "", _pinned),
    ActionSpec(
        "load_places", "Graph", "Places from a file…", "Put nodes where a table has them", (), "folder", _dataset
    ),
    ActionSpec("save_places", "Graph", "Save places…", "Write a table of ids, x and y", (), "save", _places),
    ActionSpec(
        "embedding_places",
        "Graph",
        "Places of the embedding",
        "Put nodes where the embedding has them",
        (),
        "target",
        _embedding,
        ends_group=True,
    ),
    ActionSpec(
        "compute_statistic",
        "Graph",
        "Compute a statistic…",
        "Describe every node by its place in the graph, as a new column",
        ("Ctrl+Shift+M",),
        "chart",
        _dataset,
        ends_group=True,
    ),
    ActionSpec(
        "import_data", "Graph", "Import", "Read all files as the sheet says", ("Ctrl+Return",), "import", _files
    ),
    ActionSpec(
        "choose_target", "Model", "Predict something…", "Choose the column to predict", ("Ctrl+T",), "target", _dataset
    ),
    ActionSpec("preset_quick", "Model", "Preset: Quick", "A result in under a minute", (), "lightning", _recipe),
    ActionSpec("preset_plain", "Model", "Preset: Plain", "A two-layer GCN from scratch, as published", (), "", _recipe),
    ActionSpec(
        "preset_recommended",
        "Model",
        "Preset: Recommended",
        "What the program believes best",
        (),
        "",
        _recipe,
    ),
    ActionSpec("start_run", "Run", "Run", "Train by the recipe in view", ("F5", Key.Refresh), "play", _idle),
    ActionSpec(
        "start_pretraining",
        "Run",
        "Pretrain",
        "Train the encoder without labels, and nothing else",
        ("F6",),
        "pretrain",
        _pretrainable,
    ),
    ActionSpec("stop_run", "Run", "Stop and keep the best", "End after this epoch", ("Shift+F5",), "stop", _running),
    ActionSpec("cancel_run", "Run", "Cancel", "End at the next batch", ("Ctrl+Shift+F5",), "close", _running),
    ActionSpec(
        "resume_run", "Run", "Resume", "Go on with the newest run that did not end", ("Ctrl+F5",), "resume", _resumable
    ),
    ActionSpec("runs", "Run", "All runs…", "Open, resume, compare or delete runs", ("Ctrl+R",), "table"),
    ActionSpec(
        "write_export", "Results", "Export…", "Write results under your own ids", ("Ctrl+E",), "export", _results
    ),
    ActionSpec(
        "score_files",
        "Results",
        "Score new files…",
        "Predict for nodes and graphs this model has not seen",
        ("Ctrl+Shift+E",),
        "lightning",
        _results,
    ),
    ActionSpec(
        "export_figure",
        "Results",
        "Export figure…",
        "Write graph or embedding as PNG, SVG or PDF, or copy it",
        ("Ctrl+Shift+G",),
        "save",
        _dataset,
    ),
    ActionSpec("open_run_folder", "Results", "Show run folder", "Open the folder of this run", (), "folder", _results),
    ActionSpec("help", "Help", "Shortcuts and first steps", "What to do first", (Key.HelpContents, "F1"), "help"),
    ActionSpec("guide", "Help", "Guide and figures", "What it does, and how well, measured", ("Ctrl+F1",), "file"),
    ActionSpec("about", "Help", "About Kith", "Version, licences, devices", (), "info"),
)
