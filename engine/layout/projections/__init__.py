"""From embeddings to two dimensions: one file a projection."""

from __future__ import annotations

from engine.core.registry import Registry
from engine.layout._base import Projection

PROJECTIONS = Registry("projection", __name__, Projection)
