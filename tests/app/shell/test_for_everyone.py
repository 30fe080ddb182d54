"""Whoever does not see the screen: every control has a name and a role, and what happens is announced."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QMenu, QTabBar, QWidget

from app.shell.stations import STATIONS
from tests.support.pictures import fill


def test_every_control_that_takes_the_focus_has_a_name_and_a_role(opened, qtbot) -> None:
    start = opened.open()
    fill(start.session, qtbot)
    start.window.resize(1600, 1000)
    seen, wrong = 0, set()
    for station in STATIONS:
        start.window.show_station(station.key)
        for key, dock in start.window.docks.docks.items():
            if dock in start.window.docks.of_station(station.key):
                start.window.show_view(key)
        qtbot.wait(50)
        for widget in start.window.findChildren(QWidget):
            takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled()
            passes_on = widget.focusProxy() is not None or widget.objectName() == "qt_spinbox_lineedit"
            if not takes or passes_on or not widget.isVisibleTo(start.window) or _is_a_frame(widget):
                continue
            seen += 1
            spoken = QAccessible.queryAccessibleInterface(widget)
            name = spoken.text(QAccessible.Text.Name) if spoken is not None else ""
            role = spoken.role() if spoken is not None else QAccessible.Role.NoRole
            if not name.strip() or role in (QAccessible.Role.NoRole, QAccessible.Role.Client):
                wrong.add(f"{station.key}: {type(widget).__name__} {widget.objectName()} {name!r} {role.name}")
    assert seen > 60, "the walk has been everywhere"
    assert not wrong, "\n".join(sorted(wrong))


def _is_a_frame(widget: QWidget) -> bool:
    """A scroll area takes the keyboard for scrolling, and says nothing of its own; so do menus and Qt's own parts.

    A tab bar that no docks use any more stays with Qt, without tabs and outside the window.
    """
    if isinstance(widget, QTabBar) and not widget.count():
        return True
    return type(widget).__name__ in ("QScrollArea", "Tall", "Empty") or isinstance(widget, QMenu)


def test_messages_and_selections_are_announced(opened, qtbot) -> None:
    start = opened.open()
    spoken: list[str] = []
    start.window.announcer.announced.connect(spoken.append)
    start.session.say("problem", "The disk is full.", "Make room.")
    assert spoken == ["The disk is full. Make room."]
    fill(start.session, qtbot)
    qtbot.waitUntil(lambda: any(text.startswith("3 nodes selected") for text in spoken), timeout=3_000)
    start.session.selection.clear()
    qtbot.waitUntil(lambda: spoken[-1] == "Nothing is selected.", timeout=3_000)


def test_the_palette_goes_to_every_panel_and_gives_it_the_keyboard(opened, qtbot) -> None:
    start = opened.open()
    fill(start.session, qtbot)
    for key in ("confusion", "predictions", "columns", "style", "charts"):
        start.window.show_view(key)
        focus = QApplication.focusWidget()
        assert focus is not None
        assert start.window.docks.views[key].isAncestorOf(focus), key
