"""The left rail: six stations, always visible, each showing its state."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from app.kit import icons, theme
from app.kit.translate import tr
from app.shell.stations import STATIONS, StationState

_WORDS = {"locked": "not yet", "ready": "ready", "busy": "working", "done": "done", "problem": "needs attention"}


class StationButton(QAbstractButton):
    """One station: icon, name, and a mark for its state (a shape, not only a colour)."""

    def __init__(self, title: str, icon: str) -> None:
        super().__init__()
        self._title = title
        self._icon = icon
        self._state: StationState | None = None
        self.setText(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_state(self, state: StationState) -> None:
        """Show another state."""
        if state != self._state:
            self._state = state
            self.setToolTip(state.sentence)
            words = tr(_WORDS[state.state])
            self.setAccessibleName(tr("{station}, {state}", station=self._title, state=words))
            self.setAccessibleDescription(state.sentence)
            self.update()

    def sizeHint(self) -> QSize:
        """Return a tile that holds icon and name."""
        metrics = self.fontMetrics()
        width = max(76, metrics.horizontalAdvance(self._title) + 18)
        return QSize(width, 40 + metrics.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tile."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(5, 3, -5, -3)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.selection if self.isChecked() else t.hover))
            painter.drawRoundedRect(area, 7, 7)
        if self.hasFocus():
            painter.setPen(QPen(QColor(t.focus), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 7, 7)
        ink = t.on_selection if self.isChecked() else t.muted
        ratio = self.devicePixelRatioF()
        picture = icons.pixmap(self._icon, ink, 22, ratio)
        painter.drawPixmap(QPointF(self.width() / 2 - 11, area.top() + 8), picture)
        font = QFont(self.font())
        font.setPointSizeF(8.5)
        font.setWeight(QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(ink))
        below = area.adjusted(0, 30, 0, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, self._title)
        if self._state is not None:
            self._paint_mark(painter, QPointF(self.width() / 2 + 16, area.top() + 11), t)

    def _paint_mark(self, painter: QPainter, at: QPointF, t: theme.Tokens) -> None:
        assert self._state is not None
        state = self._state.state
        ratio = self.devicePixelRatioF()
        marks = {"done": ("check", t.good), "problem": ("problem", t.problem), "locked": ("lock", t.faint)}
        if state in marks:
            name, ink = marks[state]
            painter.drawPixmap(at - QPointF(5, 6), icons.pixmap(name, ink, 12, ratio))
        elif state == "busy":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(t.strong_border), 2))
            ring = QRectF(at.x() - 5, at.y() - 5, 10, 10)
            painter.drawEllipse(ring)
            painter.setPen(QPen(QColor(t.focus), 2))
            fraction = self._state.fraction
            painter.drawArc(ring, 90 * 16, -round(360 * 16 * (0.25 if fraction is None else max(0.03, fraction))))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.focus))
            painter.drawEllipse(at, 3, 3)

    def event(self, event: QEvent) -> bool:
        """Repaint when the mouse comes and goes."""
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)


class Rail(QWidget):
    """The six stations; `chosen` carries the key of the one the user clicked."""

    chosen = Signal(object)  # str

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Stations"))
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[str, StationButton] = {}
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 6, 0, 6)
        body.setSpacing(2)
        for number, station in enumerate(STATIONS):
            made = StationButton(tr(station.title), station.icon)
            made.setAttribute(Qt.WidgetAttribute.WA_Hover)
            self._group.addButton(made, number)
            self._buttons[station.key] = made
            body.addWidget(made)
        body.addStretch(1)
        self._group.idClicked.connect(self._on_clicked)

    def show_states(self, states: dict[str, StationState]) -> None:
        """Show the state of each station."""
        for key, state in states.items():
            self._buttons[key].show_state(state)

    def set_current(self, key: str) -> None:
        """Mark the station that is shown."""
        self._buttons[key].setChecked(True)

    @Slot(int)
    def _on_clicked(self, number: int) -> None:
        self.chosen.emit(STATIONS[number].key)
