"""The events that the engine tells, loaded with the first of them: making their classes would hold up the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.kit.later import Later

__all__ = ["events"]

if TYPE_CHECKING:
    from engine.core import events
else:
    events = Later("engine.core.events")
