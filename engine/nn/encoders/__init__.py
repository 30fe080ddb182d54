"""Encoders: graph to node vectors, one a file."""

from engine.core.registry import Registry
from engine.nn.encoders._base import Encoder

ENCODERS: Registry[Encoder] = Registry("encoder", __name__, Encoder)
