"""Positions in the plane: layouts of graphs, and projections of embeddings."""

from __future__ import annotations

from engine.layout._base import Given, Layout, Positions, Projection
from engine.layout.graphs import LAYOUTS
from engine.layout.projections import PROJECTIONS

__all__ = ["LAYOUTS", "PROJECTIONS", "Given", "Layout", "Positions", "Projection"]
