"""Which train molecules have a structure most like that of the one that is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from app.kit.later import np
from app.session.asking import Asking, Plain

_HOW_MANY = 5


@dataclass(frozen=True, slots=True)
class Relative:
    """A train molecule. Args: row: its number among the items. similarity: of both structures, 0 to 1."""

    row: int
    similarity: float


class Relatives(Asking[Relative]):
    """The train molecules nearest by structure."""

    kind = "similarity"

    @property
    def can_ask(self) -> bool:
        """Whether the run in view has predicted molecules in view."""
        run, dataset = self._session.run, self._session.dataset
        has_run = run is not None and run.predictions is not None
        return has_run and dataset is not None and dataset.are_molecules

    def arguments(self, item: int) -> Plain:
        """Return which molecule is asked about."""
        assert self._session.dataset is not None, "only what is in view is asked about"
        return {"ids": [str(self._session.dataset.node_ids[item])], "count": _HOW_MANY}

    def read(self, result: Plain) -> list[Relative]:
        """Return the molecules that are in view, and their similarities."""
        dataset = self._session.dataset
        ids = np.zeros(0, dtype=object) if dataset is None else dataset.node_ids
        near = result["items"][0]["nearest"]
        places = [np.flatnonzero(ids == one["id"]) for one in near]
        pairs = zip(near, places, strict=True)
        return [Relative(int(place[0]), float(one["similarity"])) for one, place in pairs if len(place)]
