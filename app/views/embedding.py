"""The node embeddings of a run as a scatter: near in the picture means alike to the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.canvas.picture_panel import PicturePanel
from app.kit.sayings import said
from app.kit.translate import tr
from app.kit.widgets.basics import Empty, column
from app.kit.widgets.choice import Choice
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.bridge.jobs import Job
    from app.session.session import Session


class EmbeddingView(View):
    """The projected embeddings, with the choice of projection."""

    spec = ViewSpec("embedding", "Embedding", "inspect", "right", order=10, icon="target")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.projections = Choice(tr("How many dimensions become two"))
        self.projections.setAccessibleName(tr("Projection"))
        self.empty = Empty("target", "")
        self.panel = PicturePanel(session, self.empty, with_edges=False, controls=(self.projections,))
        self.heart = self.panel.canvas
        # The graph beside it explains the same colours, and the scatter is small.
        self.panel.strip.show_legend(False)
        self.panel.canvas.setAccessibleName(tr("Embedding scatter"))
        self.exported = self.panel.source(tr("Embedding"))
        self.setLayout(column(self.panel, spacing=0))
        self.projections.activated.connect(self._on_projection_chosen)
        session.embedding_changed.connect(self._on_embedding_changed)
        session.run_changed.connect(self._on_embedding_changed)
        session.dataset_changed.connect(self._on_embedding_changed)
        session.catalogue_changed.connect(self._on_catalogue_changed)
        session.pictures.failed.connect(self._on_embedding_changed)
        self._on_catalogue_changed()
        self._on_embedding_changed()

    @Slot()
    def _on_embedding_changed(self) -> None:
        run, dataset = self.session.run, self.session.dataset
        points = self.session.embedding if run is not None and dataset is not None else None
        if dataset is not None and points is not None and len(points) != dataset.num_nodes:
            points = None
        if run is None:
            self.empty.say(tr("No embeddings yet"), tr("Train a model; its view of the nodes appears here."))
        elif run.embeddings_path is None:
            self.empty.say(tr("This run has no embeddings"), tr("It ended before they were written. Resume it."))
        elif points is None and has_failed(self.session.pictures.projection_job):
            self.empty.say(tr("The embeddings could not be projected"), tr("Choose another projection above."))
        elif points is None:
            self.empty.say(tr("Projecting the embeddings…"), tr("The first picture comes in a moment."))
        self.panel.set_places(points)

    @Slot()
    def _on_catalogue_changed(self) -> None:
        self.projections.clear()
        for entry in self.session.components("projection"):
            self.projections.addItem(said(str(entry["label"])), str(entry["key"]))
        self.projections.setCurrentIndex(max(0, self.projections.findData(self.session.pictures.projection_type)))
        self.projections.setVisible(self.projections.count() > 0)

    @Slot()
    def _on_projection_chosen(self) -> None:
        self.session.pictures.project(str(self.projections.currentData()))


def has_failed(job: Job | None) -> bool:
    """Whether a projection was asked for and ended without one."""
    return job is not None and job.is_over and job.state != "finished"
