"""Predict what is already known of plenty of graphs: several targets at once, with gaps."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.data.known import KnownTable
from engine.learn.objectives._base import PredictsKnown
from engine.nn.segments import Aggregation


class Supervised(PredictsKnown):
    """Predicts several columns of the pretraining table at once; what is unknown of a graph is left out.

    Columns of 0 and 1 are learned as yes and no, others as standardised numbers.

    Source: Hu et al. (2020), "Strategies for pre-training graph neural networks", section 3.2.1 (supervised
    graph-level property prediction, in which they predict thousands of assays at once).
    """

    key = "supervised"
    label = "Known columns"

    class Config(ConfigBase):
        columns: tuple[str, ...] = option((), "Columns that are predicted; none takes all that hold numbers.")
        readout: Aggregation = option("mean", "How nodes' vectors become the graph's.")

    def wanted(self) -> Mapping[KnownTable, tuple[str, ...]]:
        """Return the table that is predicted."""
        return {"targets": self.config.columns}
