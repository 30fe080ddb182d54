# ruff: noqa: E501 - rows of a table of strings
"""Icons of our own: strokes on a 24 × 24 grid, drawn in any colour at any size."""

from __future__ import annotations

import contextlib
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, QStandardPaths, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from engine.core.atomic import write_bytes
from engine.core.errors import WriteError

_STROKES: dict[str, str] = {
    "data": "M4 5h16v14H4z M4 10h16 M4 14.5h16 M10 5v14",
    "explore": "M6 7.5a2 2 0 1 0 .01 0 M17.5 5a2 2 0 1 0 .01 0 M12 16a2 2 0 1 0 .01 0 M8 9l9.5-2.6 M7 10.8l4 5.6 M16.6 8.6l-3.7 7.6",
    "pretrain": "M12 4l8.5 4.3L12 12.6 3.5 8.3z M4 12.3l8 4 8-4 M4 16.2l8 4 8-4",
    "finetune": "M5 4v6 M5 14v6 M12 4v2.5 M12 10.5V20 M19 4v9 M19 17v3 M3 12h4 M10 8.5h4 M17 15h4",
    "inspect": "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z M12 9a3 3 0 1 0 .01 0",
    "export": "M12 15V4 M8 7.5L12 3.5l4 4 M5 12v7.5h14V12",
    "import": "M12 4v11 M8 11.5l4 4 4-4 M5 15v4.5h14V15",
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "chevron-down": "M6 9.5l6 6 6-6",
    "chevron-right": "M9.5 6l6 6-6 6",
    "close": "M6.5 6.5l11 11 M17.5 6.5l-11 11",
    "float": "M9 4.5h10.5V15 M4.5 9H15v10.5H4.5z",
    "play": "M8 5l11 7-11 7z",
    "stop": "M7 7h10v10H7z",
    "pause": "M8.5 5.5v13 M15.5 5.5v13",
    "resume": "M5 5v14 M10 5.5l9 6.5-9 6.5z",
    "search": "M10.5 4.5a6 6 0 1 0 .01 0 M15 15l5 5",
    "folder": "M3.5 6h6l2 2.5h9V19h-17z",
    "file": "M6 3.5h8l4.5 4.5v12.5H6z M14 3.5V8h4.5",
    "save": "M5 4.5h11l3.5 3.5v11.5H5z M8 4.5v5h7v-5 M8 19.5v-6h8v6",
    "undo": "M8.5 5L4 9.5 8.5 14 M4.5 9.5H14a5 5 0 0 1 0 10h-4",
    "redo": "M15.5 5L20 9.5 15.5 14 M19.5 9.5H10a5 5 0 0 0 0 10h4",
    "plus": "M12 5v14 M5 12h14",
    "minus": "M5 12h14",
    "fit": "M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5",
    "lock": "M6 11h12v9H6z M8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    "warning": "M12 4L2.8 19.5h18.4z M12 10v4.5 M12 16.8v.4",
    "problem": "M12 3.5a8.5 8.5 0 1 0 .01 0 M12 7.5v5.5 M12 15.8v.4",
    "info": "M12 3.5a8.5 8.5 0 1 0 .01 0 M12 11v5.5 M12 7.6v.4",
    "copy": "M8.5 8.5h11v11h-11z M15.5 8.5v-4h-11v11h4",
    "trash": "M4.5 7h15 M9.5 7V4.5h5V7 M6.5 7l1 13h9l1-13",
    "refresh": "M19.5 12a7.5 7.5 0 1 1-2.2-5.3 M17.8 3v4h-4",
    "settings": "M12 8.5a3.5 3.5 0 1 0 .01 0 M12 3v3 M12 18v3 M3 12h3 M18 12h3 M5.6 5.6l2.1 2.1 M16.3 16.3l2.1 2.1 M18.4 5.6l-2.1 2.1 M7.7 16.3l-2.1 2.1",
    "camera": "M3.5 7.5h4l2-2.5h5l2 2.5h4v11.5h-17z M12 9.5a3.5 3.5 0 1 0 .01 0",
    "rectangle": "M4.5 7.500V4.500h3 M10.500 4.500h3 M16.500 4.500h3v3 M19.500 10.500v3 M19.500 16.500v3h-3 M13.500 19.500h-3 M7.500 19.500h-3v-3 M4.500 13.500v-3",
    "lasso": "M12 4.5c5 0 8.5 2.4 8.5 5.5s-3.500 5.500-8.500 5.500-8.500-2.400-8.500-5.500 3.500-5.500 8.500-5.500z M8 15.200c-1.500 1-1.500 3.300 0 4.800",
    "pointer": "M6 3.5l12.500 8.500-5.600 1.200-2.900 5.300z",
    "hand": "M8 12V6.500a1.500 1.500 0 0 1 3 0V11 M11 10.500V5a1.500 1.500 0 0 1 3 0v6 M14 11V6.500a1.500 1.500 0 0 1 3 0V14c0 4-2 6.500-5.500 6.500S6.500 18.500 4.500 14c-.600-1.600 1.500-2.400 2.300-1L8 15",
    "move": "M12 3.500v17 M3.500 12h17 M9.500 6L12 3.500 14.500 6 M9.500 18l2.500 2.500 2.500-2.500 M6 9.500L3.500 12 6 14.500 M18 9.500l2.500 2.500-2.500 2.500",
    "pin": "M9 3.500h6 M10 3.500v6l-3 4h10l-3-4v-6 M12 13.500v7",
    "target": "M12 3.500a8.500 8.500 0 1 0 .010 0 M12 8a4 4 0 1 0 .010 0 M12 11.900v.200",
    "lightning": "M13 3L5 13.500h6L10 21l8.500-11H12.500z",
    "help": "M12 3.500a8.500 8.500 0 1 0 .010 0 M9.500 9.700a2.500 2.500 0 1 1 3.600 2.200c-.800.500-1.100.900-1.100 1.800 M12 16.500v.400",
    "table": "M4 5h16v14H4z M4 10h16 M12 10v9",
    "chart": "M4 4v16h16 M7 15l4-5 3 3 5.500-7",
    "clock": "M12 3.500a8.500 8.500 0 1 0 .010 0 M12 7.500V12l3.500 2",
    "device": "M7 7h10v10H7z M9.500 3.500V7 M14.500 3.500V7 M9.500 17v3.500 M14.500 17v3.500 M3.500 9.500H7 M3.500 14.500H7 M17 9.500h3.500 M17 14.500h3.500",
    "menu": "M4 7h16 M4 12h16 M4 17h16",
    "style": "M12 3.5c4 5 6 7.500 6 10.500a6 6 0 0 1-12 0C6 11 8 8.500 12 3.500z M9 14.500a3 3 0 0 0 2.500 3",
    "swap": "M8 4v15 M4.5 15.5L8 19l3.5-3.5 M16 20V5 M12.5 8.5L16 5l3.5 3.5",
    "bookmark": "M7 4h10v16l-5-4-5 4z",
    "dot": "M12 6a6 6 0 1 0 .01 0",
}
_FILLED = {"play", "stop", "pointer", "lightning", "dot"}


def names() -> list[str]:
    """Return every icon there is."""
    return sorted(_STROKES)


def svg(name: str, colour: str, width: float = 1.7) -> bytes:
    """Return the icon as an SVG file. Args: colour: `#rrggbb`. width: of the stroke, on the 24 grid."""
    fill = colour if name in _FILLED else "none"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="{_STROKES[name]}" fill="{fill}" '
        f'stroke="{colour}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"/></svg>'
    ).encode()


@lru_cache(maxsize=512)
def pixmap(name: str, colour: str, size: int = 18, ratio: float = 1.0) -> QPixmap:
    """Return the icon drawn. Args: size: device-independent pixels. ratio: device pixels for each of them."""
    drawn = QPixmap(round(size * ratio), round(size * ratio))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(svg(name, colour))).render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    return drawn


class _TokenIcon(QIconEngine):
    """Draws an icon in the colours that the theme has at that moment, so that no icon outlives its theme."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name, self._colour = name, colour

    def clone(self) -> QIconEngine:
        """Return a copy."""
        return _TokenIcon(self._name, self._colour)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the icon into a rectangle."""
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        painter.drawPixmap(rect, self.scaledPixmap(rect.size(), mode, state, ratio))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the icon drawn."""
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        """Return the icon drawn. Args: size: device-independent pixels. scale: device pixels for each of them."""
        from app.kit import theme

        t = theme.tokens()
        wanted = "faint" if mode == QIcon.Mode.Disabled else self._colour
        colour = wanted if wanted.startswith("#") else str(getattr(t, wanted))
        return pixmap(self._name, colour, max(1, min(size.width(), size.height())), scale)


def icon(name: str, colour: str | None = None) -> QIcon:
    """Return a QIcon in a token's colour or a `#rrggbb`; faint when disabled. Without a colour: the text's.

    The token's colour is looked up whenever the icon is drawn: it follows the theme.
    """
    return QIcon(_TokenIcon(name, colour or "text"))


def file_url(name: str, colour: str) -> str:
    """Return a path that a stylesheet can name: the icon written once into the cache folder."""
    folder = (
        Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericCacheLocation)) / "kith" / "icons"
    )
    path = folder / f"{name}-{QColor(colour).name()[1:]}.svg"
    if not path.exists():
        with contextlib.suppress(WriteError):  # a full disk costs an arrow, not the window
            write_bytes(path, svg(name, colour, 2.6))
    return path.as_posix()
