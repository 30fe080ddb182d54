"""Labels, buttons, boxes and strips in the house's dress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.kit import icons, theme
from app.kit.plain import plain_tip
from app.kit.sayings import said
from app.kit.translate import tr

LabelRole = Literal["title", "heading", "section", "big", "muted", "problem", "warning", "good", ""]
Tone = Literal["info", "good", "warning", "problem"]


def label(text: str = "", role: LabelRole = "", *, wrap: bool = False) -> QLabel:
    """Return a label that shows plain text, never markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    if wrap:
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


def set_role(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the stylesheet looks at, and dress the widget anew."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class _IconButton(QPushButton):
    """A push button whose icon follows the theme."""

    icon_name = ""

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon anew in the colours of now."""
        if event.type() == QEvent.Type.PaletteChange:
            self.draw_icon()
        super().changeEvent(event)

    def draw_icon(self) -> None:
        if self.icon_name:
            self.setIcon(icons.icon(self.icon_name, "on_accent" if self.property("primary") else None))


class IconTool(QToolButton):
    """A small button whose icon follows the theme. Args: icon: name in `kit.icons`. tip: also its name."""

    def __init__(self, icon: str, tip: str = "") -> None:
        super().__init__()
        self._name = icon
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.draw_icon()

    def show_icon(self, name: str) -> None:
        """Show another icon."""
        self._name = name
        self.draw_icon()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon anew in the colours of now."""
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_name"):
            self.draw_icon()
        super().changeEvent(event)

    def draw_icon(self) -> None:
        self.setIcon(icons.icon(self._name, "muted"))


def button(
    text: str, clicked: Callable[[], object] | None = None, *, icon: str = "", primary: bool = False, tip: str = ""
) -> QPushButton:
    """Return a push button. Args: clicked: a bound method. icon: name in `kit.icons`."""
    made = _IconButton(text)
    made.setProperty("primary", primary)
    made.icon_name = icon
    made.draw_icon()
    if tip:
        made.setToolTip(tip)
    if clicked is not None:
        made.clicked.connect(clicked)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made


def tool(icon: str, tip: str, clicked: Callable[[], object] | None = None) -> QToolButton:
    """Return a small button with an icon alone; its tip is its name."""
    made = IconTool(icon, tip)
    made.setAutoRaise(True)
    if clicked is not None:
        made.clicked.connect(clicked)
    return made


def link(text: str, clicked: Callable[[], object] | None = None) -> QPushButton:
    """Return a button that looks like a link."""
    made = button(text, clicked)
    made.setProperty("flat_link", True)
    return made


def column(*widgets: QWidget | QBoxLayout | int | None, margins: int = 0, spacing: int = theme.SPACE) -> QVBoxLayout:
    """Return a vertical layout; None stretches, a number is a space."""
    made = QVBoxLayout()
    _fill(made, widgets, margins, spacing)
    return made


def row(*widgets: QWidget | QBoxLayout | int | None, margins: int = 0, spacing: int = theme.SPACE) -> QHBoxLayout:
    """Return a horizontal layout; None stretches, a number is a space."""
    made = QHBoxLayout()
    _fill(made, widgets, margins, spacing)
    return made


def _fill(layout: QBoxLayout, widgets: tuple[QWidget | QBoxLayout | int | None, ...], margins: int, space: int) -> None:
    layout.setContentsMargins(margins, margins, margins, margins)
    layout.setSpacing(space)
    for item in widgets:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QBoxLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)


def line() -> QFrame:
    """Return a thin horizontal line."""
    made = QFrame()
    made.setObjectName("line")
    return made


def card(*widgets: QWidget | QBoxLayout | int | None, margins: int = 14) -> QFrame:
    """Return a framed box."""
    made = QFrame()
    made.setObjectName("card")
    made.setLayout(column(*widgets, margins=margins))
    return made


class Strip(QFrame):
    """A sentence in a toned box: what, what to do, and buttons. Hidden while it has nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = Picture("info")
        self._text = label(wrap=True)
        self._hint = label(role="muted", wrap=True)
        self._buttons = row()
        self._copy = tool("copy", tr("Copy message"), self._on_copy)
        self._detail = ""
        # Buttons stand below: beside the text they would squeeze it in a narrow dock.
        texts = column(self._text, self._hint, row(self._buttons, None), spacing=2)
        body = row(margins=10)
        body.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        body.addLayout(texts, 1)
        body.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(body)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    def say(self, tone: Tone, text: str, hint: str = "", detail: str = "") -> None:
        """Show a message. Args: detail: what Copy adds to it."""
        text, hint = said(text), said(hint)
        names = {"info": "info", "good": "check", "warning": "warning", "problem": "problem"}
        colours = {"info": "muted", "good": "good", "warning": "warning", "problem": "problem"}
        set_role(self, "tone", tone)
        self._icon.show_icon(names[tone], colours[tone])
        self._text.setText(text)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._copy.setVisible(tone in ("warning", "problem"))
        self._detail = "\n".join(filter(None, (text, hint, detail)))
        self.setAccessibleName(text)
        self.show()

    def add_button(self, made: QAbstractButton) -> None:
        """Put a button below the message."""
        self._buttons.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)

    def text(self) -> str:
        """Return what it says, empty while hidden."""
        return "" if self.isHidden() else self._text.text()

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._detail)


class Fold(QWidget):
    """A widget behind a title that opens and closes it."""

    def __init__(self, title: str, inside: QWidget) -> None:
        super().__init__()
        self._inside = inside
        self._button = IconTool("chevron-right")
        self._button.setText(title)
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.setCheckable(True)
        self._button.toggled.connect(self._on_toggled)
        inside.hide()
        indented = row(inside)
        indented.setContentsMargins(12, 0, 0, 0)
        self.setLayout(column(self._button, indented, spacing=4))

    @property
    def is_open(self) -> bool:
        """Whether the inside is shown."""
        return self._button.isChecked()

    def set_open(self, open_: bool) -> None:
        """Show or hide the inside."""
        self._button.setChecked(open_)

    @Slot(bool)
    def _on_toggled(self, open_: bool) -> None:
        self._inside.setVisible(open_)
        self._button.show_icon("chevron-down" if open_ else "chevron-right")


class Elided(QWidget):
    """One line of text that is cut with an ellipsis where it does not fit; the tooltip has the whole."""

    def __init__(
        self, text: str = "", role: str = "text", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> None:
        super().__init__()
        self._text = text
        self._role = role
        self._mode = mode
        self.setToolTip(plain_tip(text))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self.setToolTip(plain_tip(text))
            self.setAccessibleName(text)
            self.update()

    def text(self) -> str:
        """Return the whole text."""
        return self._text

    def sizeHint(self) -> QSize:
        """Ask for the whole line."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Be content with a few letters."""
        return QSize(40, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text."""
        painter = QPainter(self)
        painter.setPen(theme.colour(self._role))
        shown = self.fontMetrics().elidedText(self._text, self._mode, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class Picture(QWidget):
    """An icon in a token's colour, which follows the theme."""

    def __init__(self, name: str, size: int = 18, role: str = "muted") -> None:
        super().__init__()
        self._name = name
        self._role = role
        self._size = size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_icon(self, name: str, role: str) -> None:
        """Show another one."""
        if (name, role) != (self._name, self._role):
            self._name, self._role = name, role
            self.update()

    def sizeHint(self) -> QSize:
        """Return its size."""
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon."""
        colour = getattr(theme.tokens(), self._role)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, icons.pixmap(self._name, colour, self._size, self.devicePixelRatioF()))


class Empty(QScrollArea):
    """What a view shows while it has nothing to show: an icon, a sentence, a way out; it scrolls if need be."""

    def __init__(self, icon: str, text: str, hint: str = "", action: QPushButton | None = None) -> None:
        super().__init__()
        self._label = label(text, "heading")
        self._hint = label(hint, "muted", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        body = column(None, spacing=10, margins=24)
        body.addWidget(Picture(icon, 40, "faint"), 0, Qt.AlignmentFlag.AlignHCenter)
        self.setMinimumWidth(200)
        # No alignment for what wraps: Qt would give it the height of one line.
        body.addWidget(self._label)
        body.addWidget(self._hint)
        if action is not None:
            body.addWidget(action, 0, Qt.AlignmentFlag.AlignHCenter)
        body.addStretch(1)
        page = QWidget()
        page.setObjectName("page")
        page.setLayout(body)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)

    def say(self, text: str, hint: str = "") -> None:
        """Say something else."""
        self._label.setText(said(text))
        self._hint.setText(said(hint))


class DropArea(QFrame):
    """A place to drop files on, or to click for choosing them."""

    dropped = Signal(object)  # list[Path]
    clicked = Signal()

    def __init__(self, text: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drop")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(text)
        self._choose = button(tr("Choose files…"), self.clicked.emit, primary=True, icon="folder")
        body = column(None, spacing=10, margins=28)
        words = [label(text, "heading", wrap=True), label(hint, "muted", wrap=True)]
        body.addWidget(Picture("import", 40, "focus"), 0, Qt.AlignmentFlag.AlignHCenter)
        for wrapped in words:
            wrapped.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            body.addWidget(wrapped)
        body.addWidget(self._choose, 0, Qt.AlignmentFlag.AlignHCenter)
        body.addStretch(1)
        self.setLayout(body)

    def set_active(self, active: bool) -> None:
        """Show that something hovers over the window."""
        set_role(self, "active", active)

    def changeEvent(self, event: QEvent) -> None:
        """Repaint with the theme."""
        if event.type() == QEvent.Type.StyleChange:
            self.update()
        super().changeEvent(event)
