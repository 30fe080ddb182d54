"""Colours, spacing and fonts as tokens, in a light and a dark set; the stylesheet is made from them.

Views ask `tokens()` when they paint and repaint when Qt tells them that the style changed
(`changeEvent` with `QEvent.Type.StyleChange`), so nobody has to listen to the theme.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

from app.kit.later import np
from app.kit.stylesheet import stylesheet

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtWidgets import QApplication

Choice = Literal["system", "light", "dark"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """One set of colours, each `#rrggbb`. Text colours reach 4.5:1 on every ground that text stands on."""

    name: Literal["light", "dark"]
    window: str  # behind everything, and the canvas
    panel: str  # docks, rail, header
    raised: str  # buttons, cards
    hover: str
    field: str  # where one types
    border: str
    strong_border: str
    text: str
    muted: str
    faint: str  # disabled text, axis lines; never for what is to be read
    accent: str
    accent_hover: str
    on_accent: str
    selection: str  # behind selected rows
    on_selection: str
    focus: str
    good: str
    warning: str
    problem: str
    good_soft: str
    warning_soft: str
    problem_soft: str
    edge: str  # edges of the graph
    highlight: str  # selected items on canvas and plots
    categories: tuple[str, ...]
    unknown: str  # items without a value


# After Okabe and Ito (2008), "Color Universal Design", moved until any two differ clearly on either ground for eyes
# without green-sensitive cones too (a test says so); beyond the eighth category the shape changes.
_DARK = Tokens(
    name="dark",
    window="#0f1218",
    panel="#161a22",
    raised="#1f2530",
    hover="#29313f",
    field="#11151c",
    border="#262d39",
    strong_border="#3a4454",
    text="#e7eaf0",
    muted="#98a2b3",
    faint="#5d6778",
    accent="#2f6fed",
    accent_hover="#2562d8",
    on_accent="#ffffff",
    selection="#22406f",
    on_selection="#ffffff",
    focus="#6ea2ff",
    good="#3fc58c",
    warning="#f0b03f",
    problem="#ff6b6b",
    good_soft="#16302a",
    warning_soft="#33290f",
    problem_soft="#3a1c20",
    edge="#5c6b82",
    highlight="#ffa65c",
    categories=("#4c9df0", "#f0a030", "#1fa37c", "#ee8fbd", "#efe35a", "#a5dcfa", "#e2592a", "#8a5fe6"),
    unknown="#5d6778",
)
_LIGHT = Tokens(
    name="light",
    window="#f5f7fa",
    panel="#ffffff",
    raised="#eef1f6",
    hover="#e2e8f1",
    field="#ffffff",
    border="#dce2ea",
    strong_border="#b8c2d0",
    text="#182030",
    muted="#566174",
    faint="#98a3b3",
    accent="#1f5fdb",
    accent_hover="#1a52c0",
    on_accent="#ffffff",
    selection="#d5e3ff",
    on_selection="#10254d",
    focus="#1f5fdb",
    good="#0a7350",
    warning="#8f5a00",
    problem="#c22f38",
    good_soft="#e0f4ec",
    warning_soft="#fdf1d9",
    problem_soft="#fde6e7",
    edge="#9aa7ba",
    highlight="#d2691e",
    categories=("#0072b2", "#f0a202", "#00896a", "#cc79a7", "#6e5f00", "#56b4e9", "#c84e00", "#5b35b5"),
    unknown="#a9b2bf",
)
SHAPES: tuple[str, ...] = ("circle", "square", "triangle", "diamond", "cross", "star")

# How each further round of category colours differs: towards which token, and how far.
_AGAIN = (("window", 0.0), ("text", 0.55), ("window", 0.45))

SPACE = 8  # device-independent pixels; everything is a multiple or a half of it
RADIUS = 6

_FAMILIES = ("Inter", "SF Pro Text", "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "Cantarell", "DejaVu Sans")
_MONO = ("JetBrains Mono", "SF Mono", "Cascadia Mono", "Noto Sans Mono", "DejaVu Sans Mono")
# cividis (Nuñez, Anderton and Renslow 2018) sampled at nine points, perceptually even with and without colour vision.
_CIVIDIS = (
    (0, 34, 78),
    (18, 53, 112),
    (59, 73, 108),
    (87, 93, 109),
    (112, 113, 115),
    (138, 134, 121),
    (166, 157, 117),
    (195, 181, 105),
    (254, 232, 56),
)

_current = _DARK
_STYLE = "Fusion"
_is_styled = False  # whether the application was made with that style


def tokens() -> Tokens:
    """Return the set in use."""
    return _current


def colour(name: str, alpha: int = 255) -> QColor:
    """Return a token as a colour. Args: name: field of `Tokens`. alpha: 0 clear … 255 opaque."""
    found = QColor(getattr(_current, name))
    found.setAlpha(alpha)
    return found


def category_colour(number: int) -> QColor:
    """Return the colour of a category; negative numbers are "no value".

    When the colours are used up they come again paler, then deeper: a shape alone is not seen on a mark of two pixels.
    """
    if number < 0:
        return QColor(_current.unknown)
    found = QColor(_current.categories[number % len(_current.categories)])
    towards, share = _AGAIN[number // len(_current.categories) % len(_AGAIN)]
    other = QColor(getattr(_current, towards))
    return QColor(*(round(a + (b - a) * share) for a, b in zip(_rgb(found), _rgb(other), strict=True)))


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return (colour.red(), colour.green(), colour.blue())


def category_shape(number: int) -> str:
    """Return the shape of a category: it changes each time the colours have been used up."""
    return SHAPES[0] if number < 0 else SHAPES[number // len(_current.categories) % len(SHAPES)]


def category_table(count: int) -> NDArray[np.uint8]:
    """Return uint8 [count + 1, 4] RGBA; the last row is "no value", so that code -1 finds it."""
    rows = [category_colour(i).getRgb() for i in range(count)] + [category_colour(-1).getRgb()]
    return np.array(rows, dtype=np.uint8)


def sequential_table() -> NDArray[np.uint8]:
    """Return uint8 [256, 4] RGBA from low to high; the low end keeps clear of the ground in both themes."""
    anchors = np.array(_CIVIDIS, dtype=np.float64)
    low = 0.22 if _current.name == "dark" else 0.0
    high = 1.0 if _current.name == "dark" else 0.92
    at = np.linspace(low * (len(anchors) - 1), high * (len(anchors) - 1), 256)
    rgb = np.stack([np.interp(at, np.arange(len(anchors)), anchors[:, c]) for c in range(3)], axis=1)
    return np.concatenate([rgb, np.full((256, 1), 255.0)], axis=1).round().astype(np.uint8)


def mono_font(points: float | None = None) -> QFont:
    """Return the font for paths, ids and code."""
    font = QFont(QGuiApplication.font())
    font.setFamilies([*_MONO, *QGuiApplication.font().families()])
    font.setStyleHint(QFont.StyleHint.Monospace)
    if points is not None:
        font.setPointSizeF(points)
    return font


def arguments() -> list[str]:
    """Return what an application has to be made with, so that its style need not be chosen afterwards.

    Choosing it in Python hands out the style, and with it all the names that QStyle has: a twentieth of a launch.
    """
    global _is_styled
    _is_styled = True
    return ["-style", _STYLE]


def apply(application: QApplication, choice: Choice = "system") -> None:
    """Dress the whole application. Args: choice: forced, or as the desktop has it."""
    global _current
    dark = choice == "dark" or (choice == "system" and _system_is_dark())
    _current = _DARK if dark else _LIGHT
    if not _is_styled:
        application.setStyle(_STYLE)
    application.setPalette(_palette(_current))
    application.setFont(_font())
    application.setStyleSheet(stylesheet(_current))


def _system_is_dark() -> bool:
    scheme = QGuiApplication.styleHints().colorScheme()
    # A desktop that does not say gets the dark set, which the canvas was designed on.
    return scheme != Qt.ColorScheme.Light


def _font() -> QFont:
    font = QFont()
    font.setFamilies([family for family in _FAMILIES if QFontDatabase.hasFamily(family)] or [font.family()])
    font.setPointSizeF(10.0)
    return font


def _palette(t: Tokens) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for name, value in {
        role.Window: t.window,
        role.WindowText: t.text,
        role.Base: t.field,
        role.AlternateBase: t.panel,
        role.Text: t.text,
        role.Button: t.raised,
        role.ButtonText: t.text,
        role.BrightText: t.on_accent,
        role.Highlight: t.selection,
        role.HighlightedText: t.on_selection,
        role.ToolTipBase: t.raised,
        role.ToolTipText: t.text,
        role.PlaceholderText: t.muted,
        role.Link: t.focus,
        role.Accent: t.accent,
        role.Light: t.hover,
        role.Mid: t.border,
        role.Dark: t.border,
        role.Shadow: t.window,
    }.items():
        palette.setColor(name, QColor(value))
    for name in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(t.faint))
    return palette
