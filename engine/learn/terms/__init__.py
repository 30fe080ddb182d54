"""Terms: losses beside the supervised one while a model follows its labels, one a file."""

from engine.core.registry import Registry
from engine.learn.terms._base import Term

TERMS: Registry[Term] = Registry("term", __name__, Term)
