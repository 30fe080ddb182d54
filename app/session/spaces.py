"""The embeddings of two runs side by side: which runs, their pictures, and the neighbours that both spaces share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge.background import Background, Outcome
from app.kit.later import np
from app.kit.translate import tr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.bridge.jobs import Job
    from app.session.runs import RunInfo
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values
_K = 15


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """Two spaces of the same nodes.

    Args: first, second: places, float32 [N, 2], the second turned onto the first. shared: for each node which share of
        its `k` nearest neighbours is the same in both spaces, float32 [N]; NaN where that was not measured.
    """

    first: NDArray[np.float32]
    second: NDArray[np.float32]
    shared: NDArray[np.float32]
    k: int

    @property
    def chance(self) -> float:
        """The share that two spaces without anything in common would have on average."""
        return self.k / (len(self.shared) - 1) if len(self.shared) > 1 else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """What is known of a selection.

    Args: mask: bool [N], told apart by identity. job: measures it. mean: None while that goes on, NaN where it failed.
    """

    mask: NDArray[np.bool_]
    job: Job | None = None
    mean: float | None = None


class Spaces(QObject):
    """Two chosen runs, and the comparison of their spaces once somebody looks at it.

    Until the user chooses, the two newest runs stand side by side, the older one first.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._chosen: tuple[str, str] = ("", "")
        self._is_asked = False
        self._asked: tuple[str, ...] = ()  # what the comparison that is there, or on its way, is about
        self._job: Job | None = None
        self._k = _K
        self._share: Share | None = None
        self.found: Beside | None = None
        self.error: Plain | None = None
        self._reader = Background(self)
        self._reader.finished.connect(self._on_read)
        session.runs.changed.connect(self._on_runs_changed)
        session.embedding_changed.connect(self._on_projection_changed)

    @property
    def chosen(self) -> tuple[str, str]:
        """Names of both runs; empty where there is none."""
        return self._chosen

    def runs(self) -> list[RunInfo]:
        """Return the runs that have a space, newest first."""
        return [info for info in self._session.runs.all if info.has_embeddings]

    def choose(self, first: str, second: str) -> None:
        """Compare these two runs."""
        self._is_asked = True
        self._drop()  # chosen again, it is made again
        self._put((first, second))

    def want(self) -> None:
        """Have the comparison made, unless it is there or on its way; to be called by who shows it."""
        key = self._key()
        if key == self._asked or not self.can_compare:
            return
        self._drop()
        self._asked = key
        self._job = self._session.jobs.submit(
            "spaces", self._arguments(), title=tr("Comparing two spaces"), topic="spaces", then=self._on_over
        )

    def of_selection(self) -> float | None:
        """Return the mean share of the selected nodes; None while it is measured, NaN where that failed.

        Of a large graph only some nodes are measured with the comparison, so a selection is measured by itself.
        """
        mask = self._session.selection.mask
        if self.found is None or len(mask) != len(self.found.shared) or not mask.any():
            return None
        values = self.found.shared[mask]
        if not np.isnan(values).any():
            return float(values.mean())
        if self._share is None or self._share.mask is not mask:
            arguments = {**self._arguments(), "nodes": np.flatnonzero(mask).tolist()}
            self._share = Share(mask)
            job = self._session.jobs.submit(
                "spaces", arguments, title=tr("Comparing two spaces"), topic="spaces of some", then=self._on_share
            )
            self._share = Share(mask, job)
        return self._share.mean

    def _arguments(self) -> Plain:
        folders = {info.name: info.folder for info in self.runs()}
        return {
            "first": str(folders[self._chosen[0]]),
            "second": str(folders[self._chosen[1]]),
            "type": self._session.pictures.projection_type,
            "k": _K,
        }

    def _on_share(self, job: Job) -> None:
        if self._share is not None and job is self._share.job:
            self._share = Share(self._share.mask, job, float((job.result or {}).get("mean", np.nan)))
            self.changed.emit()

    @property
    def can_compare(self) -> bool:
        """Whether two different runs with a space are chosen, and there is a graph to show."""
        there = {info.name for info in self.runs()}
        first, second = self._chosen
        return self._session.dataset is not None and first != second and {first, second} <= there

    def _key(self) -> tuple[str, ...]:
        return (*self._chosen, self._session.pictures.projection_type)

    def _put(self, chosen: tuple[str, str]) -> None:
        if chosen != self._chosen:
            self._chosen = chosen
            self._drop()
        self.changed.emit()

    def _drop(self) -> None:
        """Have no comparison, and none on its way."""
        if self._job is not None and not self._job.is_over:
            self._session.jobs.cancel(self._job)
        self._job, self._asked = None, ()
        self._reader.drop()
        self.found = self.error = self._share = None

    @Slot()
    def _on_runs_changed(self) -> None:
        names = [info.name for info in self.runs()]
        if not self._is_asked or not set(self._chosen) <= set(names):
            self._is_asked = False
            newest = (names + ["", ""])[:2]
            self._put((newest[1], newest[0]) if len(names) > 1 else (newest[0], ""))
        else:
            self.changed.emit()

    @Slot()
    def _on_projection_changed(self) -> None:
        if self._asked and self._asked != self._key():
            self._drop()
            self.changed.emit()

    def _on_over(self, job: Job) -> None:
        if job is not self._job:
            return
        if job.state == "finished" and job.result is not None:
            self._k = int(job.result["k"])
            paths = [Path(job.result[name]) for name in ("first", "second", "shared")]
            self._reader.submit(lambda: [np.load(path, allow_pickle=False) for path in paths])
        else:
            stopped = {"message": tr("The comparison was stopped."), "hint": tr("Choose the runs anew.")}
            self.error = job.error or stopped
            self.changed.emit()

    @Slot(object)
    def _on_read(self, outcome: Outcome) -> None:
        dataset = self._session.dataset
        if outcome.error is not None or dataset is None:
            self.error = {"message": tr("What was compared cannot be read."), "hint": tr("Choose the runs anew.")}
        elif any(len(one) != dataset.num_nodes for one in outcome.value):
            self.error = {
                "message": tr("These runs are about other nodes than the graph in view."),
                "hint": tr("Choose two runs on the same data."),
            }
        else:
            first, second, shared = outcome.value
            self.found = Beside(first, second, shared, self._k)
        self.changed.emit()
