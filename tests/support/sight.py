"""What a machine can see of a window that is badly laid out: text cut off, widgets over each other or outside."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from itertools import combinations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QDockWidget,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizeGrip,
    QSplitterHandle,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QTableView,
    QWidget,
)

_SLACK = 1  # pixels that rounding may take
# They lie over what they belong to, and keep out of its way themselves.
_ON_TOP = (QSizeGrip, QSplitterHandle)
_ON_TOP_NAMES = {"Legend", "ToolStrip", "Toast", "Toasts", "Overlay", "Palette", "qt_qmainwindow_extended_splitter"}


def seen_wrong(window: QWidget) -> list[str]:
    """Return what is wrong in a window as it is shown, each a line; empty for a window that is well."""
    shown = [widget for widget in window.findChildren(QWidget) if widget.window() is window and _is_in_sight(widget)]
    found: list[str] = []
    for widget in shown:
        found.extend(f"{_named(widget)}: {text}" for text in _cut(widget))
        found.extend(f"{_named(widget)}: {text}" for text in _outside(widget))
    for parent in (window, *shown):
        found.extend(_overlaps(parent))
    return sorted(set(found))


def _cut(widget: QWidget) -> Iterator[str]:
    """Yield which text of a widget does not fit, unless a tooltip has the whole."""
    if isinstance(widget, QHeaderView):
        yield from _cut_sections(widget)
    elif isinstance(widget, QTabBar):
        yield from _cut_tabs(widget)
    elif isinstance(widget, QComboBox):
        yield from _cut_choice(widget)
    elif isinstance(widget, QLineEdit):
        yield from _cut_placeholder(widget)
    elif isinstance(widget, QScrollArea):
        bar = widget.horizontalScrollBar()
        if bar.maximum() > _SLACK:
            yield f"its page is {bar.maximum()} pixels too wide"
    elif isinstance(widget, QLabel | QAbstractButton) and widget.text():
        yield from _cut_text(widget)


def _cut_text(widget: QLabel | QAbstractButton) -> Iterator[str]:
    if isinstance(widget, QLabel) and widget.wordWrap():
        wide, high = widget.minimumSizeHint().width(), widget.heightForWidth(widget.width())
    else:
        hint = widget.minimumSizeHint() if isinstance(widget, QLabel) else widget.sizeHint()
        wide, high = hint.width(), hint.height()
    if widget.width() < wide - _SLACK and not _tells(widget, widget.text()):
        yield f"{widget.width()} of {wide} pixels of width"
    least = widget.fontMetrics().height() if not isinstance(widget, QLabel) else high
    if widget.height() < least - _SLACK:
        yield f"{widget.height()} of {high} pixels of height"


def _cut_sections(header: QHeaderView) -> Iterator[str]:
    if header.orientation() != Qt.Orientation.Horizontal or header.model() is None:
        return
    for section in range(header.count()):
        wide = header.sectionSizeFromContents(section).width()
        if header.isSectionHidden(section) or header.sectionSize(section) >= wide - _SLACK:
            continue
        told = header.model().headerData(section, header.orientation(), Qt.ItemDataRole.ToolTipRole)
        title = header.model().headerData(section, header.orientation())
        if not told:
            yield f"column {title!r} has {header.sectionSize(section)} of {wide} pixels and no tooltip"
        if header.textElideMode() != Qt.TextElideMode.ElideRight:
            yield f"column {title!r} is cut without an ellipsis"


def _cut_tabs(bar: QTabBar) -> Iterator[str]:
    for number in range(bar.count()):
        place, text = bar.tabRect(number), bar.tabText(number)
        if not bar.isTabVisible(number) or bar.tabToolTip(number) == text:
            continue
        if place.width() < bar.fontMetrics().horizontalAdvance(text.replace("&", "")):
            yield f"tab {text!r} has {place.width()} pixels"
        if not bar.rect().adjusted(-_SLACK, 0, _SLACK, 0).contains(place):
            yield f"tab {text!r} lies outside"


def _cut_choice(box: QComboBox) -> Iterator[str]:
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    kind = QStyle.ComplexControl.CC_ComboBox
    place = box.style().subControlRect(kind, option, QStyle.SubControl.SC_ComboBoxEditField, box)
    wide = box.fontMetrics().horizontalAdvance(box.currentText())
    if place.width() < wide - _SLACK and not _tells(box, box.currentText()):
        yield f"{box.currentText()!r} has {place.width()} of {wide} pixels"


def _cut_placeholder(line: QLineEdit) -> Iterator[str]:
    if isinstance(line.parentWidget(), QComboBox) or line.text():
        return
    wide = line.fontMetrics().horizontalAdvance(line.placeholderText())
    if line.width() < wide + 8 and not line.toolTip():
        yield f"{line.placeholderText()!r} has {line.width()} of {wide + 8} pixels and no tooltip"


def _tells(widget: QWidget, text: str) -> bool:
    """Whether a tooltip has the whole text."""
    return bool(text) and text.replace("&", "") in unescape(widget.toolTip()).replace("&", "")


def _outside(widget: QWidget) -> Iterator[str]:
    """Yield whether a widget reaches out of its parent, where nothing can be scrolled."""
    parent = widget.parentWidget()
    if parent is None or _is_on_top(widget) or _scrolls(parent):
        return
    over = widget.geometry()
    if over.isEmpty() or parent.rect().adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK).contains(over):
        return
    yield f"{_box(over)} lies outside {_named(parent)} {_box(parent.rect())}"


def _scrolls(parent: QWidget) -> bool:
    area = parent.parentWidget()
    return isinstance(area, QAbstractScrollArea) and area.viewport() is parent


def _overlaps(parent: QWidget) -> Iterator[str]:
    """Yield which children of a widget lie over each other."""
    if isinstance(parent, QAbstractScrollArea | QTableView | QTabBar | QComboBox):
        return
    children = [
        child
        for child in parent.children()
        if isinstance(child, QWidget) and not child.isWindow() and _is_in_sight(child) and not _is_on_top(child)
    ]
    for one, other in combinations(children, 2):
        common = one.geometry().intersected(other.geometry())
        if min(common.width(), common.height()) > _SLACK:
            yield f"{_named(one)} and {_named(other)} overlap by {_box(common)}"


def _is_in_sight(widget: QWidget) -> bool:
    """Whether a widget is shown: Qt keeps the docks behind the front one visible, far outside of the window."""
    corner = widget.mapTo(widget.window(), QPoint(0, 0))
    far = corner.x() + widget.width() <= 0 or corner.y() + widget.height() <= 0
    return widget.isVisible() and not (far and not _is_scrolled(widget))


def _is_scrolled(widget: QWidget) -> bool:
    around = widget.parentWidget()
    while around is not None and not _scrolls(around):
        if isinstance(around, QDockWidget):
            return False
        around = around.parentWidget()
    return around is not None and _is_in_sight(around)


def _is_on_top(widget: QWidget) -> bool:
    return isinstance(widget, _ON_TOP) or bool({type(widget).__name__, widget.objectName()} & _ON_TOP_NAMES)


def _box(place: QRect) -> str:
    return f"{place.width()}×{place.height()}+{place.x()}+{place.y()}"


def _named(widget: QWidget) -> str:
    """Return a widget's kind, its words, and the view that it is in."""
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else widget.accessibleName()
    around, place = widget.parentWidget(), ""
    while around is not None and not place:
        place = around.accessibleName() if around.objectName() in ("panel", "page") or around.accessibleName() else ""
        around = around.parentWidget()
    words = f" {text[:50]!r}" if text else f" {widget.objectName()!r}" if widget.objectName() else ""
    at = widget.mapTo(widget.window(), QPoint(0, 0))
    return f"{type(widget).__name__}{words} at {at.x()},{at.y()}" + (f" in {place!r}" if place else "")
