"""One number for each node, from the structure of the graph: one file a statistic."""

from __future__ import annotations

from engine.analysis.statistics._base import Statistic
from engine.core.registry import Registry

STATISTICS = Registry("statistic", __name__, Statistic)
