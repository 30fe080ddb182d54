"""Which labelled items train, which choose, which judge: one file a way of splitting."""

from __future__ import annotations

from engine.core.registry import Registry
from engine.data.splits._base import Split, Splitter

SPLITTERS = Registry("split", __name__, Splitter)

__all__ = ["SPLITTERS", "Split", "Splitter"]
