"""Augmentations: changed views of a graph that should mean the same, one a file."""

from engine.core.registry import Registry
from engine.learn.augmentations._base import Augmentation

AUGMENTATIONS: Registry[Augmentation] = Registry("augmentation", __name__, Augmentation)
