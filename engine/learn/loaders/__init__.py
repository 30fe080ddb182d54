"""Loaders: how much of the graph one training step sees, one a file."""

from engine.core.registry import Registry
from engine.learn.loaders._base import Loader

LOADERS: Registry[Loader] = Registry("loader", __name__, Loader)
