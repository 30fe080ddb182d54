"""Which nodes a run's encoder takes for most alike to the one that is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from app.session.asking import Asking, Plain

_HOW_MANY = 10


@dataclass(frozen=True, slots=True)
class Alike:
    """A node that is near. `node`: its number. `cosine`: of both embeddings, at most 1."""

    node: int
    cosine: float


class Nearest(Asking[Alike]):
    """The nodes nearest in the embedding."""

    kind = "nearest"

    @property
    def can_ask(self) -> bool:
        """Whether the run in view has embeddings of the graph in view."""
        run, dataset = self._session.run, self._session.dataset
        return run is not None and dataset is not None and run.embeddings_path is not None

    def arguments(self, item: int) -> Plain:
        """Return which node is asked about."""
        assert self._session.dataset is not None, "only what is in view is asked about"
        return {"nodes": [str(self._session.dataset.node_ids[item])], "k": _HOW_MANY}

    def read(self, result: Plain) -> list[Alike]:
        """Return the nodes and their cosines."""
        return [Alike(int(one["row"]), float(one["cosine"])) for one in result["nodes"][0]["nearest"]]
