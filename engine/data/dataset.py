"""A graph with its features made: what training and prediction take."""

from __future__ import annotations

from dataclasses import dataclass

from engine.data.builders.relational import RelationalData
from engine.data.schema import FeatureMatrix, FeatureSchema


@dataclass(frozen=True, slots=True)
class Dataset:
    """Raw data beside its features.

    Args: data: graph, ids and raw columns. x: shape [N, F] float32, ndarray or csr_matrix.
        schema: what made x. fingerprint: content hash of the files and options behind it.
    """

    data: RelationalData
    x: FeatureMatrix
    schema: FeatureSchema
    fingerprint: str
