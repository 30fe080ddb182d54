"""Objectives: goals of pretraining that need no targets, one a file."""

from engine.core.registry import Registry
from engine.learn.objectives._base import Objective

OBJECTIVES: Registry[Objective] = Registry("objective", __name__, Objective)
