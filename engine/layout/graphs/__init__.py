"""From graphs to two dimensions: one file a layout."""

from __future__ import annotations

from engine.core.registry import Registry
from engine.layout._base import Layout

LAYOUTS = Registry("layout", __name__, Layout)
