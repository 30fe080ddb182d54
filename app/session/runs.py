"""The list of a project's runs: what each was, how it ended, what it scored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge.background import Background, Outcome
from app.session.frames import read_events, status_of

if TYPE_CHECKING:
    from engine import Project

RESUMABLE = ("running", "stopped", "cancelled", "failed", "")


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One run in the list. `status` "running" in the log of a run that is not running means: cut off."""

    name: str
    folder: Path
    status: str
    target: str
    encoder: str
    pretrain: str
    metric: str
    test_mean: float | None
    test_std: float | None
    test_count: int
    is_usable: bool  # it wrote predictions
    has_pretrained: bool  # every seed's encoder is pretrained to its end
    has_embeddings: bool = False
    is_marked: bool = False  # its audit found what may have told it the answer

    @property
    def can_resume(self) -> bool:
        """Whether there is something left to do."""
        return self.status in RESUMABLE


class RunList(QObject):
    """All runs of the open project, newest first."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.all: list[RunInfo] = []
        self._background = Background(self)
        self._background.finished.connect(self._on_scanned)

    def scan(self, project: Project) -> None:
        """Read the list anew, away from the window's thread."""
        self._background.submit(lambda: [read_info(run.path) for run in reversed(project.runs())])

    def forget(self) -> None:
        """Have no runs."""
        self._background.drop()
        self.all = []
        self.changed.emit()

    @Slot(object)
    def _on_scanned(self, outcome: Outcome) -> None:
        if outcome.error is None:
            self.all = [info for info in outcome.value if info is not None]
            self.changed.emit()


def read_info(folder: Path) -> RunInfo | None:
    """Read one run's entry; None when it is damaged beyond showing."""
    import tomllib  # not before the first paint

    try:
        recipe = tomllib.loads((folder / "recipe.toml").read_text(encoding="utf-8"))
        path = folder / "metrics.json"
        metrics: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, ValueError):
        return None
    test = metrics.get("test") or {}
    return RunInfo(
        name=folder.name,
        folder=folder,
        status=status_of(read_events(folder)),
        target=str((recipe.get("task") or {}).get("target", "")),
        encoder=str((recipe.get("encoder") or {}).get("type", "")),
        pretrain=str((recipe.get("pretrain") or {}).get("type", "")),
        metric=str(metrics.get("metric", "")),
        test_mean=test.get("mean"),
        test_std=test.get("std"),
        test_count=int(test.get("count") or 1),
        is_usable=(folder / "predictions.parquet").exists(),
        has_pretrained=_has_pretrained(folder, recipe),
        has_embeddings=(folder / "embeddings.parquet").exists(),
        is_marked=any(one.get("level") == "error" for one in metrics.get("audit") or []),
    )


def _has_pretrained(folder: Path, recipe: dict[str, Any]) -> bool:  # Any: JSON values
    seeds = (recipe.get("runtime") or {}).get("seeds") or []
    done = 0
    for path in folder.glob("seeds/*/pretrain/manifest.json"):
        try:
            done += json.loads(path.read_text(encoding="utf-8")).get("status") == "finished"
        except (OSError, ValueError):
            continue
    return bool(seeds) and done >= len(seeds)
