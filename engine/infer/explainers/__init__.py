"""Why a node is predicted as it is: one file an explainer."""

from __future__ import annotations

from engine.core.registry import Registry
from engine.infer.explainers._base import Explainer

EXPLAINERS = Registry("explainer", __name__, Explainer)
