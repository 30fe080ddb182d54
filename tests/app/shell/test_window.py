"""The window without data: stations, menus, palette, messages, theme."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QIcon
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QListView,
    QMenuBar,
    QPushButton,
    QTableView,
    QTreeView,
    QWidget,
)

from app.kit import theme
from app.shell.actions import MENUS
from app.shell.palette import ENTRY, matches
from app.shell.rail import StationButton
from app.shell.specs import SPECS
from app.shell.stations import STATIONS
from tests.support import pictures

LEFT = Qt.MouseButton.LeftButton


def test_six_stations_are_there_and_only_data_is_open_at_first(opened) -> None:
    window = opened.open().window
    buttons = window.findChildren(StationButton)
    assert [button.text() for button in buttons] == ["Data", "Explore", "Pretrain", "Fine-tune", "Inspect", "Export"]
    assert [button._state.state for button in buttons] == ["ready", *["locked"] * 5]


def test_a_click_on_the_rail_and_ctrl_with_a_number_show_a_station(opened, qtbot) -> None:
    window = opened.open().window
    for number, station in enumerate(STATIONS):
        qtbot.mouseClick(window.findChildren(StationButton)[number], LEFT)
        assert window.station == station.key
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.station == "pretrain", timeout=2000)


def test_every_command_has_a_menu_a_text_a_tip_and_no_two_share_a_shortcut(opened) -> None:
    window = opened.open().window
    assert {spec.menu for spec in SPECS} <= set(MENUS)
    taken: dict[str, str] = {}
    for menu in window._menus.values():
        for action in window._actions_of(menu):
            assert action.text()
            for key in action.shortcuts():
                name = key.toString()
                assert name not in taken, f"{action.text()} and {taken.get(name)} share {name}"
                taken[name] = action.text()
    assert all(spec.tip for spec in SPECS)


def test_the_palette_finds_commands_by_words_in_any_order_and_says_why_one_is_disabled(opened, qtbot) -> None:
    window = opened.open().window
    palette = window.open_palette()
    qtbot.waitExposed(palette)
    qtbot.keyClicks(palette._field, "best stop")
    assert palette._model.rowCount() == 1
    entry = palette._model.index(0, 0).data(ENTRY)
    assert (entry.text, entry.why_not) == ("Stop and keep the best", "No run is going on.")
    palette._field.clear()
    qtbot.keyClicks(palette._field, "dark")
    qtbot.keyClick(palette._field, Qt.Key.Key_Return)
    assert theme.tokens().name == "dark"


def test_words_match_in_any_case_and_order() -> None:
    assert matches("NODES all", "Select all nodes Edit")
    assert not matches("all none", "Select all nodes Edit")


def test_the_theme_changes_at_once_and_is_remembered(opened) -> None:
    start = opened.open()
    start.window.actions_["theme_light"].trigger()
    assert theme.tokens().name == "light"
    assert theme.tokens().window in QApplication.instance().styleSheet()
    start.window.actions_["theme_dark"].trigger()
    assert theme.tokens().name == "dark"


def test_icons_follow_the_theme(opened) -> None:
    start = opened.open()
    start.window.actions_["theme_dark"].trigger()
    search = start.window.findChild(QPushButton, "search")
    dark = _ink(search.icon())
    start.window.actions_["theme_light"].trigger()
    assert _ink(search.icon()) < dark - 100
    assert _ink(start.window.actions_["save_as"].icon()) < 100


def _ink(icon: QIcon) -> int:
    """Return the lightness of the icon's strokes, 0 black … 255 white."""
    image = icon.pixmap(36).toImage()
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max((pixel.alpha(), pixel.lightness()) for pixel in pixels if pixel.alpha() > 200)[1]


def test_a_message_appears_in_the_corner_once_and_problems_stay_until_closed(opened, qtbot) -> None:
    start = opened.open()
    for _ in range(2):
        start.session.say("problem", "The disk is full.", "Make room.")
    (toast,) = start.window._toasts.shown()
    assert toast.text() == "The disk is full."
    assert not toast._timer.isActive()
    toast._on_close()
    assert start.window._toasts.shown() == []


def test_files_dropped_on_the_window_go_to_the_import_sheet(opened, qtbot, tmp_path: Path) -> None:
    start = opened.open()
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path in paths:
        path.write_text("x,y\n1,2\n", encoding="utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(QPoint(300, 300)), action, mime, LEFT, none)
    start.window.dropEvent(event)
    assert start.session.importing.files == [str(path) for path in paths]
    assert start.window.station == "data"
    qtbot.waitUntil(lambda: start.window._stack.currentWidget() is not start.window._welcome, timeout=2000)
    assert start.window.docks.docks["join_report"].isVisible(), "the welcome page hides panels, the sheet needs them"


def test_docks_can_be_hidden_brought_back_and_reset(opened) -> None:
    start = opened.open()
    start.window.show_station("pretrain")
    dock = start.window.docks.docks["pretrain_form"]
    assert dock.isVisible()
    dock.toggleViewAction().trigger()
    assert not dock.isVisible()
    start.window.show_station("finetune")
    start.window.show_station("pretrain")
    assert not dock.isVisible(), "a station comes back as it was left"
    start.window._reset.trigger()
    assert dock.isVisible()


def test_samples_are_offered_with_their_story(opened) -> None:
    window = opened.open().window
    assert {"karate", "company"} <= set(window._welcome._samples)
    assert all(sample.story and sample.trap for sample in window._welcome._samples.values())


@pytest.mark.parametrize("key", ["preferences", "help", "guide", "about"])
def test_small_dialogs_open_and_close_by_escape(opened, qtbot, key: str) -> None:
    from app.dialogs._base import Dialog

    window = opened.open().window
    window.actions_[key].trigger()
    (dialog,) = window.findChildren(Dialog)
    qtbot.waitExposed(dialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(Dialog), timeout=2000)


def test_files_join_those_on_the_sheet_and_elsewhere_begin_a_new_project(opened, tmp_path: Path) -> None:
    start = opened.open()
    session = start.session
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    session.add_files([tmp_path / "a.csv"])
    session.dataset = pictures.dataset()
    session.add_files([tmp_path / "b.csv"])
    assert [Path(name).stem for name in session.importing.files] == ["a", "b"]
    start.window.show_station("export")
    session.add_files([tmp_path / "c.csv"])
    assert [Path(name).stem for name in session.importing.files] == ["c"]
    assert session.dataset is None


def test_every_control_has_a_name_for_those_who_do_not_see_it(opened) -> None:
    window = opened.open().window
    kinds = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QTableView, QTreeView, QListView)
    nameless: set[str] = set()
    for station in STATIONS:
        window.show_station(station.key)
        for kind in kinds:
            for widget in window.findChildren(kind):
                text = widget.text() if isinstance(widget, QAbstractButton) else ""
                if not (widget.accessibleName() or text or _is_of_a_library(widget, window)):
                    nameless.add(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
    assert not nameless, "\n".join(sorted(nameless))


def _is_of_a_library(widget: QWidget, window: QWidget) -> bool:
    """Parts that Qt makes inside its own widgets, and a menu of the chart library that is never shown."""
    inside = isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox | QLineEdit | QMenuBar)
    own = ("QTableCornerButton", "QToolBarExtension", "QComboBoxListView")
    return inside or widget.window() is not window or widget.metaObject().className() in own
