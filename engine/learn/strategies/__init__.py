"""How a model follows its labels: which weights move, and how fast. One strategy a file."""

from __future__ import annotations

from engine.core.registry import Registry
from engine.learn.strategies._base import Strategy

STRATEGIES: Registry[Strategy] = Registry("strategy", __name__, Strategy)
