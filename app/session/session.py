"""What the user is working on, and the only thing that views are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from app.session.drafts import RecipeDraft
from app.session.selection import Selection

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.bridge.job_controller import JobController
    from app.kit.settings import Settings
    from app.session.frames import DatasetFrame, RunFrame


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell the user once. `text`: what happened. `hint`: what to do about it. `detail`: for Copy."""

    level: Literal["info", "good", "warning", "problem"]
    text: str
    hint: str = ""
    detail: str = ""


class Session(QObject):
    """The open project, the dataset and run in view, the recipe being edited, the shared selection.

    Views read the attributes when a signal says that they changed, and call methods; they never write attributes.
    """

    project_changed = Signal()
    dataset_changed = Signal()
    positions_changed = Signal()
    embedding_changed = Signal()
    run_changed = Signal()
    recipe_changed = Signal()
    runs_changed = Signal()
    catalogue_changed = Signal()
    notice = Signal(object)  # Message
    station_requested = Signal(object)  # str
    job_event = Signal(object)  # (Job, Event)

    def __init__(self, jobs: JobController, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.settings = settings
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(500)
        self.selection = Selection(self)
        self.draft = RecipeDraft(self.undo_stack, self)
        self.draft.changed.connect(self.recipe_changed)
        self.catalogue: dict[str, Any] = {}  # Any: JSON values; empty until the child has sent it
        self.dataset: DatasetFrame | None = None
        self.run: RunFrame | None = None
        self.positions: NDArray[np.float32] | None = None  # [N, 2] of the graph
        self.embedding: NDArray[np.float32] | None = None  # [N, 2] of the run's embeddings

    def say(self, level: Literal["info", "good", "warning", "problem"], text: str, hint: str = "") -> None:
        """Tell the user something once."""
        self.notice.emit(Message(level, text, hint))
