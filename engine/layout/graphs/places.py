"""Places that another program, or this one, wrote down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError
from engine.core.events import EventSink, silent
from engine.graph.graph import Graph
from engine.layout._base import ID, NOTHING, Given, Layout, Positions, unit_edges
from engine.layout._packing import with_block
from engine.layout._values import named


class Places(Layout):
    """Nodes at the places that a table of ids, x and y gives them; those it leaves out stand in a block below.

    Source: our own.
    """

    key = "places"
    label = "Given places"

    class Config(ConfigBase):
        file: str = option("", "A table of ids and places: .csv, .tsv, or whatever else can be imported.")
        id: str = option("", "Its column of ids; empty for the first one.", advanced=True)
        x: str = option("x", "Its column of places across.", advanced=True)
        y: str = option("y", "Its column of places upwards.", advanced=True)

    config: Config

    def place(
        self,
        graph: Graph,
        *,
        seed: int = 0,
        sink: EventSink = silent,
        cancel: CancelToken | None = None,
        on_positions: Callable[[Positions], None] | None = None,
        given: Given = NOTHING,
    ) -> Positions:
        """Place every node; nothing is drawn at random, and there is nothing to stream."""
        path = Path(self.config.file)
        if not self.config.file or not path.is_file():
            raise OptionError(
                f"There is no file of places{f' at {path}' if self.config.file else ''}.",
                hint="Choose a table with a column of ids, and with columns x and y.",
                path="layout.options.file",
            )
        places = _read(path, self.config.id, (self.config.x, self.config.y))
        own = [str(one) for one in named(given.columns, ID)]
        found = np.array([places.get(one, (np.nan, np.nan)) for one in own], np.float64).reshape(-1, 2)
        is_known = np.asarray(np.isfinite(found).all(axis=1))
        if not is_known.any() and len(own):
            raise OptionError(
                f"{path.name} has no place for any of the nodes: none of its ids is one of theirs.",
                hint="Name the column that holds the nodes' ids.",
                path="layout.options.id",
            )
        return unit_edges(with_block(found, is_known), graph)


def _read(path: Path, id: str, axes: tuple[str, str]) -> dict[str, tuple[float, float]]:
    """Return the place of each id; rows without two numbers are passed over."""
    from engine.data.importers import importer_for

    table = importer_for(path).read(path)[0]
    known = {name.strip().lower(): name for name in table.frame.columns}
    cells = []
    for name in (id or next(iter(table.frame.columns), ""), *axes):
        if name.strip().lower() not in known:
            raise OptionError(
                f'{path.name} has no column "{name}".',
                hint=f"Known: {', '.join(list(known.values())[:8])}.",
                path="layout.options",
            )
        cells.append(table.cells(known[name.strip().lower()]))
    places = {}
    for one, x, y in zip(*cells, strict=True):
        try:
            places[str(one)] = float(x), float(y)
        except (TypeError, ValueError):
            continue
    return places
