"""The command palette: type a few letters, press Return. It says why an entry is disabled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.kit import theme
from app.kit.translate import tr

ENTRY = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Entry:
    """One command that can be found: its action, the menu it is in, and why it is disabled."""

    action: QAction
    menu: str
    why_not: str

    @property
    def text(self) -> str:
        """The command's name without its mnemonic."""
        return self.action.text().replace("&", "")


def matches(words: str, text: str) -> bool:
    """Whether every word typed occurs in the text, in any order and case."""
    folded = text.casefold()
    return all(word in folded for word in words.casefold().split())


class EntryModel(QAbstractListModel):
    """The commands that match, enabled ones first."""

    def __init__(self, entries: Sequence[Entry], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all = list(entries)
        self._shown = self._ordered(self._all)

    def filter(self, words: str) -> None:
        """Show only what matches."""
        self.beginResetModel()
        self._shown = self._ordered([e for e in self._all if matches(words, f"{e.text} {e.menu} {e.action.toolTip()}")])
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many match."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the name, or the Entry itself."""
        entry = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.text}, {entry.why_not}" if entry.why_not else entry.text
        return entry if role == ENTRY else None

    @staticmethod
    def _ordered(entries: list[Entry]) -> list[Entry]:
        return sorted(entries, key=lambda entry: bool(entry.why_not))


class EntryDelegate(QStyledItemDelegate):
    """Draws name, menu and shortcut, or the reason instead."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return a row two lines high."""
        return QSize(200, option.fontMetrics.height() * 2 + 12)  # type: ignore[attr-defined]

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one command."""
        t = theme.tokens()
        entry: Entry = index.data(ENTRY)
        area: QRect = option.rect  # type: ignore[attr-defined]
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        if chosen:
            painter.fillRect(area, QColor(t.selection))
        inner = area.adjusted(12, 5, -12, -5)
        top = QRect(inner.left(), inner.top(), inner.width(), inner.height() // 2)
        below = QRect(inner.left(), top.bottom(), inner.width(), inner.height() // 2)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(t.on_selection if chosen else t.muted if entry.why_not else t.text))
        painter.drawText(top, left, entry.text)
        painter.setPen(QColor(t.on_selection if chosen else t.muted))
        painter.drawText(top, right, entry.action.shortcut().toString())
        painter.setPen(QColor(t.on_selection if chosen else t.warning if entry.why_not else t.muted))
        painter.drawText(below, left, entry.why_not or f"{entry.menu} · {entry.action.toolTip()}")


class Palette(QDialog):
    """A field and a list; Return triggers, Escape leaves."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAccessibleName(tr("Commands"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model = EntryModel(entries, self)
        self._field = QLineEdit()
        self._field.setPlaceholderText(tr("Find a command"))
        self._field.setAccessibleName(tr("Find a command"))
        self._field.textChanged.connect(self._on_text)
        self._field.returnPressed.connect(self._on_return)
        self._field.installEventFilter(self)
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setItemDelegate(EntryDelegate(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setAccessibleName(tr("Commands that match"))
        self._list.clicked.connect(self._on_return)
        body = QVBoxLayout(self)
        body.setContentsMargins(8, 8, 8, 8)
        body.addWidget(self._field)
        body.addWidget(self._list)
        self._choose(0)

    def open_over(self, window: QWidget) -> None:
        """Show it at the top of a window."""
        width, height = min(640, window.width() - 80), min(460, window.height() - 120)
        corner = window.mapToGlobal(window.rect().topLeft())
        self.setGeometry(corner.x() + (window.width() - width) // 2, corner.y() + 70, width, height)
        self.show()
        self._field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list by the arrow keys while typing."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            step = steps.get(Qt.Key(event.key()))
            if step is not None:
                self._choose(self._list.currentIndex().row() + step)
                return True
        return super().eventFilter(watched, event)

    def _choose(self, row: int) -> None:
        last = self._model.rowCount() - 1
        if last >= 0:
            self._list.setCurrentIndex(self._model.index(max(0, min(row, last)), 0))

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self._model.filter(text)
        self._choose(0)

    @Slot()
    def _on_return(self) -> None:
        entry = self._list.currentIndex().data(ENTRY)
        if entry is not None and not entry.why_not:
            self.close()
            entry.action.trigger()
