"""The whole graph in every step."""

from __future__ import annotations

from engine.core.component import Config as ConfigBase
from engine.learn.loaders._base import Loader


class Full(Loader):
    """Uses the whole graph in every step: exact, and the quickest way as long as it fits into memory.

    Where few nodes have a label, only those and whom they hear are computed; the gradient is the same.

    Source: Kipf and Welling (2017), section 3.1, full-batch gradient descent.
    """

    key = "full"
    label = "Whole graph"
    recommended = True

    class Config(ConfigBase):
        pass
