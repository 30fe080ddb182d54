"""A box of choices that says when its text is cut, and has the whole in its tooltip."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from app.kit.plain import plain_tip


class Choice(QComboBox):
    """A combo box that ends a text that does not fit with an ellipsis; Qt's own cuts it within a letter.

    Args: tip: what is chosen here; the tooltip says it above the whole text of what is chosen now.
    """

    def __init__(self, tip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tip = tip
        self.currentTextChanged.connect(self._on_text_changed)
        self._on_text_changed("")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box with as much of its text as fits."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        style = self.style()
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = style.subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width()
        whole, icon = option.currentText, self.iconSize().width() + 4 if not option.currentIcon.isNull() else 0
        option.currentText = self.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, room - icon)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    @Slot(str)
    def _on_text_changed(self, text: str) -> None:
        self.setToolTip(plain_tip("\n".join(filter(None, (self._tip, text)))))
