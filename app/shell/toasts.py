"""Messages that come by: in the corner for a while; problems stay until they are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.kit.translate import tr
from app.kit.widgets.basics import Strip, tool

if TYPE_CHECKING:
    from app.session.message import Message

_SECONDS = {"info": 6, "good": 6, "warning": 15, "problem": 0}
_MOST = 4


class Toast(Strip):
    """One message with a Close button."""

    def __init__(self, message: Message, parent: QWidget) -> None:
        super().__init__(parent)
        self.add_button(tool("close", tr("Close message"), self._on_close))
        self.say(message.level, message.text, message.hint, message.detail)
        seconds = _SECONDS[message.level]
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_close)
        if seconds:
            self._timer.start(seconds * 1000)

    @Slot()
    def _on_close(self) -> None:
        self._timer.stop()
        self.hide()
        self.deleteLater()


class Toasts(QWidget):
    """A stack of toasts in the lower right corner of a widget."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        over.installEventFilter(self)
        self.hide()

    @Slot(object)
    def add(self, message: Message) -> None:
        """Show a message; one that says the same is not shown twice."""
        shown = self.shown()
        if any(toast.text() == message.text for toast in shown):
            return
        for old in shown[: max(0, len(shown) + 1 - _MOST)]:
            old._on_close()
        toast = Toast(message, self)
        toast.destroyed.connect(self._place)
        self._box.addWidget(toast)
        self._place()

    def shown(self) -> list[Toast]:
        """Return the toasts in view, oldest first."""
        return [toast for toast in self.findChildren(Toast) if not toast.isHidden()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the widget's size."""
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    @Slot()
    def _place(self) -> None:
        if not self.shown():
            self.hide()
            return
        width = min(440, self._over.width() - 40)
        self.setFixedWidth(width)
        self.adjustSize()
        height = max(self._box.heightForWidth(width), self._box.sizeHint().height())
        self.setGeometry(self._over.width() - width - 16, self._over.height() - height - 40, width, height)
        self.show()
        self.raise_()
