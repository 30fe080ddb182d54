"""An import format in one file: each line of it is an edge, `a>b`."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.core.component import Config as Options
from engine.core.component import option
from engine.data.importers._base import Importer
from engine.data.options import TableOptions
from engine.data.roles import TableKind
from engine.data.table import Table


class Throwaway(Importer):
    """Edges as arrows.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"
    extensions = (".throwaway",)

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def sniff(self, path: Path) -> bool:
        return False

    def read(self, path: Path, options: Any = None, *, limit: int | None = None, **given: Any) -> list[Table]:
        rows = [line.split(">") for line in path.read_text(encoding="utf-8").splitlines()][:limit]
        frame = pd.DataFrame(rows, columns=["from", "to"], dtype=object)
        form = TableOptions(path=str(path), kind=TableKind.EDGES, format="throwaway")
        return [Table(frame, path, TableKind.EDGES, {}, np.arange(1, len(rows) + 1), form)]
