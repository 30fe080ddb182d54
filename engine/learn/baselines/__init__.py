"""What a graph model has to beat: one floor a file."""

from __future__ import annotations

from engine.core.registry import Registry
from engine.learn.baselines._base import Baseline

BASELINES: Registry[Baseline] = Registry("baseline", __name__, Baseline)
