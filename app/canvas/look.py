"""The colours of a frame, taken from the theme once in the GUI thread and handed to the painter's thread."""

from __future__ import annotations

from dataclasses import dataclass

from app.kit import theme


@dataclass(frozen=True, slots=True)
class Look:
    """Colours as (red, green, blue), 0 … 255, and the pixels of the screen for one device-independent pixel."""

    ground: tuple[int, int, int]
    edge: tuple[int, int, int]
    highlight: tuple[int, int, int]
    text: tuple[int, int, int]
    is_dark: bool
    ratio: float = 1.0


def current_look(ratio: float) -> Look:
    """Return the look of the theme in use. Args: ratio: the screen's device pixel ratio."""
    names = ("window", "edge", "highlight", "text")
    ground, edge, highlight, text = (_rgb(name) for name in names)
    return Look(ground, edge, highlight, text, theme.tokens().name == "dark", ratio)


def _rgb(name: str) -> tuple[int, int, int]:
    found = theme.colour(name)
    return (found.red(), found.green(), found.blue())
