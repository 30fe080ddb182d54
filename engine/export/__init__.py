"""Results to files: one file a format."""

from __future__ import annotations

from engine.core.registry import Registry
from engine.export._base import Exporter

EXPORTERS = Registry("exporter", __name__, Exporter)
