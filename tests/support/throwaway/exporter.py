"""An export format in one file."""

from pathlib import Path
from typing import Any

from engine.core.component import Config as Options
from engine.core.component import option
from engine.core.events import silent
from engine.export._base import Exporter


class Throwaway(Exporter):
    """Writes ids, one a line.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"
    extension = ".throwaway"
    takes = ("predictions",)

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def write(self, content: Any, path: Path, sink: Any = silent) -> int:
        ids = content.as_table().iloc[:, 0]
        path.write_text("\n".join(ids), encoding="utf-8")
        return len(ids)
