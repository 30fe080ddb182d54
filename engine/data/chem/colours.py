"""Colours of contributions on a structure: orange for what speaks for the answer, blue for what speaks against it.

Both hues stay apart for every kind of colour vision, are mixed with the background by strength, and leave the black or
white lines of a structure legible at any strength.

Source: the palette of Okabe and Ito (2008), vermilion lightened to orange so that lines on it stay legible.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one appearance, red, green and blue from 0 to 1.

    Args: line: bonds and letters. background: that of the page. positive, negative: at full strength.
    """

    line: tuple[float, float, float]
    background: tuple[float, float, float]
    positive: tuple[float, float, float]
    negative: tuple[float, float, float]

    def of(self, strength: float) -> tuple[float, float, float]:
        """Return the colour of a strength from -1 to 1; beyond it counts as that."""
        hue = self.positive if strength >= 0 else self.negative
        part = min(abs(strength), 1.0)
        red, green, blue = (low + (high - low) * part for low, high in zip(self.background, hue, strict=True))
        return red, green, blue


LIGHT = Palette((0.09, 0.13, 0.19), (1.0, 1.0, 1.0), (0.96, 0.60, 0.18), (0.36, 0.68, 0.94))
DARK = Palette((0.91, 0.92, 0.94), (0.09, 0.10, 0.13), (0.64, 0.30, 0.02), (0.05, 0.36, 0.66))


def colour_bar(dark: bool, steps: int = 11) -> list[str]:
    """Return the colours from -1 to 1 as #rrggbb, for a bar beside the structures."""
    palette = DARK if dark else LIGHT
    return [hex_of(palette.of(-1 + 2 * step / (steps - 1))) for step in range(steps)]


def hex_of(colour: tuple[float, float, float]) -> str:
    """Return a colour as #rrggbb."""
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)
