"""What the engine offers, as far as it is for the open data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.session.frames import DatasetFrame

Plain = dict[str, Any]  # Any: JSON values


def suiting(entries: Sequence[Plain], dataset: DatasetFrame | None) -> list[Plain]:
    """Return the entries of one kind that are for the open data; `recommended` speaks of these data then.

    Args: entries: of the catalogue, see `engine.core.component.Component.describe`.
    """
    if dataset is None:
        return list(entries)
    data = "graph" if not dataset.is_collection else "molecules" if dataset.are_molecules else "graphs"
    found = [entry for entry in entries if data in entry.get("for_data", (data,))]
    if dataset.is_collection and any(entry.get("recommended_for_graphs") for entry in found):
        return [entry | {"recommended": entry["recommended_for_graphs"]} for entry in found]
    return found
