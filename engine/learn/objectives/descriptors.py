"""Predict descriptors of molecules that RDKit computes from their structure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.data.known import KnownTable
from engine.learn.objectives._base import PredictsKnown
from engine.nn.segments import Aggregation


class Descriptors(PredictsKnown):
    """Predicts about 200 numbers that RDKit computes of each molecule, or only how often each functional group occurs.

    Numbers are standardised and cut off at four standard deviations; the loss is the mean of their squared errors.

    Source: Fabian et al. (2020), "Molecular representation learning with language models and domain-relevant auxiliary
    tasks", whose PhysChemPred predicts 200 of RDKit's descriptors; the functional groups as in Rong et al. (2020),
    "Self-supervised graph transformer on large-scale molecular data", section 4.1.
    """

    key = "descriptors"
    label = "Descriptors"
    recommended_for_graphs = True
    for_data = ("molecules",)

    class Config(ConfigBase):
        numbers: Literal["descriptors", "motifs"] = option(
            "descriptors", "All descriptors, or how often each functional group occurs."
        )
        readout: Aggregation = option("mean", "How atoms' vectors become the molecule's.")

    def wanted(self) -> Mapping[KnownTable, tuple[str, ...]]:
        """Return the table that is predicted."""
        return {self.config.numbers: ()}
