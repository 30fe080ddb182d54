"""Raw values to `x`: what was learnt about every feature column, kept with each checkpoint as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from engine.core.events import EventSink, silent
from engine.data.options import DataOptions

if TYPE_CHECKING:
    from engine.data.builders.relational import RelationalData

FeatureMatrix = npt.NDArray[np.float32] | sp.csr_matrix


@dataclass(frozen=True, slots=True)
class SchemaReport:
    """How the columns of other files compare with those that a schema was fitted on."""

    matched: list[str]
    missing: list[str]
    extra: list[str]
    kind_changed: list[str]

    def to_plain(self) -> dict[str, list[str]]:
        """Return the report as plain data."""
        return {
            "matched": self.matched,
            "missing": self.missing,
            "extra": self.extra,
            "kind_changed": self.kind_changed,
        }


class FeatureSchema:
    """What turns raw cells, sparse features and the graph itself into `x`."""

    width: int
    names: list[str]

    @classmethod
    def fit(cls, data: RelationalData, options: DataOptions, *, sink: EventSink = silent) -> FeatureSchema:
        """Learn vocabularies and scales from every node; the target takes no part."""
        raise NotImplementedError

    def check(self, data: RelationalData) -> SchemaReport:
        """Compare columns by name; raise MismatchError when one that is needed is missing."""
        raise NotImplementedError

    def transform(self, data: RelationalData, *, sink: EventSink = silent) -> FeatureMatrix:
        """Return x, shape [N, F] float32; csr when it is wide or has sparse parts."""
        raise NotImplementedError

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return everything that was learnt as JSON-ready data."""
        raise NotImplementedError

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> FeatureSchema:  # Any: JSON values
        """Rebuild a schema from `to_plain`."""
        raise NotImplementedError
