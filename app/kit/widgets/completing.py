"""A field that offers what can come next while one types; Tab or Enter takes it, Escape goes on without."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QStringListModel, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

Complete = Callable[[str], tuple[int, Sequence[str]]]  # text before the cursor → where the word begins, what may come


class CompletingField(QLineEdit):
    """A line of text with a list below it.

    Args: complete: told what stands before the cursor, returns where the word being typed begins and what may
        take its place.
    """

    entered = Signal()  # Enter was pressed with no list to choose from

    def __init__(self, complete: Complete, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._complete = complete
        self._start = 0
        self._words = QStringListModel(self)
        self._list = QCompleter(self._words, self)
        self._list.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._list.setWidget(self)
        self._list.setMaxVisibleItems(10)
        self._list.activated.connect(self._on_chosen)
        popup = self._list.popup()
        assert popup is not None  # Qt makes it when it is asked for
        self._popup = popup
        self.textEdited.connect(self._offer)

    def offered(self) -> list[str]:
        """Return what is offered now."""
        return self._words.stringList() if self._popup.isVisible() else []

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tab and Enter take what is marked; Ctrl+Space or Down on its own asks what can come."""
        popup, key = self._popup, event.key()
        if popup.isVisible():
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab) and popup.currentIndex().isValid():
                self._on_chosen(str(popup.currentIndex().data()))
                return
            if key == Qt.Key.Key_Tab and self._words.rowCount():
                self._on_chosen(self._words.stringList()[0])
                return
            if key == Qt.Key.Key_Escape:
                popup.hide()
                return
        elif key == Qt.Key.Key_Down or (
            key == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self._offer()
            return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            popup.hide()
            self.entered.emit()
        super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Keep Tab while there is something to take."""
        if next and self._popup.isVisible():
            return False
        return super().focusNextPrevChild(next)

    @Slot()
    def _offer(self) -> None:
        start, words = self._complete(self.text()[: self.cursorPosition()])
        self._start = start
        self._words.setStringList(list(words))
        if not words or not self.hasFocus():
            self._popup.hide()
            return
        self._list.complete()

    @Slot(str)
    def _on_chosen(self, word: str) -> None:
        text, at = self.text(), self.cursorPosition()
        self._popup.hide()
        self.setText(f"{text[: self._start]}{word} {text[at:].lstrip()}")
        self.setCursorPosition(self._start + len(word) + 1)
