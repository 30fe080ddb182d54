"""What the user is told once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["info", "good", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell the user once. `text`: what happened. `hint`: what to do about it. `detail`: for Copy."""

    level: Level
    text: str
    hint: str = ""
    detail: str = ""
