"""Nodes where they are on the map."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError
from engine.core.events import EventSink, silent
from engine.graph.graph import Graph
from engine.layout._base import NOTHING, Columns, Given, Layout, Positions, unit_edges
from engine.layout._packing import with_block
from engine.layout._values import numbers_of

_LONGITUDE = ("longitude", "lon", "lng", "long", "geo_longitude", "x_longitude")
_LATITUDE = ("latitude", "lat", "geo_latitude", "y_latitude")
# Towards the poles the map goes on without end.
_MOST_NORTH = 85.05


class Geographic(Layout):
    """Nodes by their longitude and latitude; those without stand in a block below the map.

    Source: Mercator's projection of the sphere: y = ln tan(45° + latitude / 2); beyond 85.05° it is cut off.
    """

    key = "geographic"
    label = "Map"

    class Config(ConfigBase):
        longitude: str = option("", "Column of degrees east; empty for one of the usual names.", column="any")
        latitude: str = option("", "Column of degrees north; empty for one of the usual names.", column="any")

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
        n = graph.num_nodes
        east = numbers_of(given.columns, self.config.longitude or _usual(given.columns, _LONGITUDE, "longitude"))
        north = numbers_of(given.columns, self.config.latitude or _usual(given.columns, _LATITUDE, "latitude"))
        known = np.isfinite(east) & np.isfinite(north) & (np.abs(east) <= 360) & (np.abs(north) <= 90)
        xy = np.zeros((n, 2))
        xy[known] = _mercator(east[known], north[known])
        return unit_edges(with_block(xy, known), graph)


def _mercator(east: npt.NDArray[np.float64], north: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return x and y in degrees of the equator, shape [K, 2]."""
    angle = np.radians(np.clip(north, -_MOST_NORTH, _MOST_NORTH))
    return np.stack([east, np.degrees(np.log(np.tan(np.pi / 4 + angle / 2)))], axis=1)


def _usual(columns: Columns, names: tuple[str, ...], what: str) -> str:
    by_name = {name.strip().lower().replace(" ", "_"): name for name in columns}
    found = next((by_name[name] for name in names if name in by_name), None)
    if found is None:
        raise OptionError(
            f"No column of the nodes is called {what}.",
            hint=f"Name the column that holds the {what} in degrees.",
            path=f"layout.options.{what}",
        )
    return found
