"""Statistics of the graph in view: computed by jobs, kept beside the dataset, columns like any other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge.background import Background, Outcome
from app.kit.later import np
from app.kit.sayings import said
from app.kit.translate import tr
from app.session.attributes import Attribute
from app.session.texts import chosen

if TYPE_CHECKING:
    from app.bridge.jobs import Job
    from app.session.frames import DatasetFrame
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values
STATISTIC = "statistic:"  # how the keys of their attributes begin
_MOST_GROUPS = 80


class Statistics(QObject):
    """Which statistics are there, which are on their way, and what each says of the whole graph."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._found: dict[str, Attribute] = {}
        self._jobs: dict[str, Job] = {}
        self._dataset: DatasetFrame | None = None
        self.told: dict[str, Plain] = {}  # what the job said of each, by key
        self.errors: dict[str, Plain] = {}
        self._reader = Background(self)
        self._reader.finished.connect(self._on_read)

    def offered(self) -> list[Plain]:
        """Return the catalogue's statistics."""
        return self._session.components("statistic")

    def why_not(self, key: str) -> str:
        """Return why a statistic cannot be computed now, or ""."""
        if self._session.dataset is None:
            return tr("There is no data yet.")
        if self.is_busy(key):
            return tr("It is being computed.")
        return ""

    def is_busy(self, key: str) -> bool:
        """Whether a statistic is on its way."""
        return key in self._jobs

    def busy(self) -> list[Job]:
        """Return the jobs that go on."""
        return list(self._jobs.values())

    def compute(self, key: str) -> None:
        """Compute a statistic of the graph in view; it becomes a column."""
        dataset = self._session.dataset
        if dataset is None or self.is_busy(key):
            return
        target = self._session.draft.target
        arguments: Plain = {"folder": str(dataset.folder), "types": [key], "out": str(_file(dataset.folder, key))}
        if target is not None and target in dataset.nodes.columns:
            arguments["classes"] = target
        label = next((str(one["label"]) for one in self.offered() if one["key"] == key), key)
        self.errors.pop(key, None)
        self._jobs[key] = self._session.jobs.submit(
            "statistics",
            arguments,
            title=tr("Computing {name}", name=said(label)),
            topic=f"statistic:{key}",
            then=self._on_over,
        )
        self.changed.emit()

    def cancel(self, key: str) -> None:
        """Compute it no longer."""
        if key in self._jobs:
            self._session.jobs.cancel(self._jobs[key])

    def attributes(self) -> list[Attribute]:
        """Return what has been computed of the graph in view."""
        return list(self._found.values())

    def show_dataset(self, dataset: DatasetFrame | None) -> None:
        """Show what was computed of a graph before."""
        if dataset is self._dataset:
            return
        for job in self._jobs.values():
            self._session.jobs.cancel(job)
        self._jobs = {}
        self._dataset = dataset
        had = bool(self._found)
        self._found, self.told, self.errors = {}, {}, {}
        self._reader.drop()
        if dataset is not None:
            self._read(dataset)
        if had:
            self.changed.emit()

    def _on_over(self, job: Job) -> None:
        key = str(job.arguments["types"][0])
        if self._jobs.get(key) is not job:
            return
        del self._jobs[key]
        dataset = self._dataset
        if job.state == "finished" and job.result is not None and dataset is not None:
            told = dict(job.result["statistics"][0])
            _told_file(dataset.folder, key).write_text(json.dumps(told), encoding="utf-8")
            self._read(dataset)
        elif job.state == "failed":
            self.errors[key] = job.error or {}
            self._session.say_error(job.error)
        self.changed.emit()

    def _read(self, dataset: DatasetFrame) -> None:
        self._reader.submit(lambda: read_statistics(dataset.folder, dataset.num_nodes), tag=dataset)

    @Slot(object)
    def _on_read(self, outcome: Outcome) -> None:
        if outcome.tag is not self._dataset or outcome.value is None:
            return
        self.told = {key: told for key, (told, _) in outcome.value.items()}
        self._found = {key: one for key, (_, one) in outcome.value.items()}
        if self._found:
            self.changed.emit()


def read_statistics(folder: Path, count: int) -> dict[str, tuple[Plain, Attribute]]:
    """Read what was computed of a dataset; what is torn or of another graph is left out.

    Args: folder: of the dataset. count: N.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: dict[str, tuple[Plain, Attribute]] = {}
    for path in sorted(folder.glob("statistic-*.json")):
        key = path.stem.removeprefix("statistic-")
        try:
            told: Plain = json.loads(path.read_text(encoding="utf-8"))
            values = pq.read_table(_file(folder, key))[str(told["column"])].to_numpy()
        except (OSError, ValueError, KeyError, pa.ArrowException):
            continue
        if len(values) == count:
            found[key] = (told, attribute_of(key, told, values))
    return found


def attribute_of(key: str, told: Mapping[str, Any], values: np.ndarray) -> Attribute:
    """Return a statistic as a column: numbers, or groups by size where there are few enough to tell apart."""
    name, title = STATISTIC + key, said(str(told["label"]))
    if told.get("is_group"):
        groups, codes, counts = np.unique(values.astype(np.int64), return_inverse=True, return_counts=True)
        if len(groups) <= _MOST_GROUPS:
            order = np.argsort(-counts, kind="stable")
            place = np.empty(len(groups), dtype=np.int32)
            place[order] = np.arange(len(groups), dtype=np.int32)
            names = tuple(str(groups[i]) for i in order)
            coded = place[codes]
            return Attribute(name, title, "category", chosen(coded, names), names, coded=coded)
    decimals = 0 if values.dtype.kind in "iu" else None
    return Attribute(name, title, "number", values.astype(np.float64), decimals=decimals)


def _file(folder: Path, key: str) -> Path:
    return folder / f"statistic-{key}.parquet"


def _told_file(folder: Path, key: str) -> Path:
    return folder / f"statistic-{key}.json"
