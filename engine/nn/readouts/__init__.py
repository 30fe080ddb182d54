"""Readouts: node vectors to one vector for each graph, one a file."""

from engine.core.registry import Registry
from engine.nn.readouts._base import Readout

READOUTS: Registry[Readout] = Registry("readout", __name__, Readout)
