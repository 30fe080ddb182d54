"""The graph: nodes where the layout put them, coloured by what one wants to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QWidget

from app.canvas.picture_panel import PicturePanel
from app.kit.sayings import said
from app.kit.translate import tr
from app.kit.widgets.basics import Empty, button, column
from app.session.counting import extent
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.bridge.jobs import Job
    from app.session.session import Session


class GraphView(View):
    """The graph canvas with its layouts."""

    spec = ViewSpec("graph", "Graph", "explore", "centre", also=("inspect",), order=10, icon="explore")

    @classmethod
    def suits(cls, session: Session) -> bool:
        """Say yes to a graph, and to nothing yet."""
        return session.dataset is None or not session.dataset.is_collection

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.layouts = QComboBox()
        self.layouts.setAccessibleName(tr("Layout"))
        self.layouts.setToolTip(tr("How nodes are placed"))
        self.lay_out = button("", self._on_lay_out, icon="refresh", tip=tr("Lay the graph out anew"))
        self.lay_out.setAccessibleName(tr("Lay out anew"))
        self.empty = Empty("explore", "")
        self.panel = PicturePanel(session, self.empty, with_edges=True, controls=(self.layouts, self.lay_out))
        self.exported = self.panel.source(tr("Graph"))
        self.setLayout(column(self.panel, spacing=0))
        self.commands = {
            "find_node": self.panel.start_search,
            "fit_graph": self.panel.canvas.fit,
            "show_selection": self.panel.show_selection,
        }
        self.layouts.activated.connect(self._on_layout_chosen)
        session.positions_changed.connect(self._on_positions_changed)
        session.dataset_changed.connect(self._on_positions_changed)
        session.catalogue_changed.connect(self._on_catalogue_changed)
        session.pictures.failed.connect(self._on_positions_changed)
        self._on_catalogue_changed()
        self._on_positions_changed()

    @Slot()
    def _on_positions_changed(self) -> None:
        dataset = self.session.dataset
        positions = self.session.positions if dataset is not None else None
        if dataset is None:
            self.empty.say(tr("No graph yet"), tr("Drop tables on the window and import them; the graph appears here."))
        elif positions is None and has_failed(self.session.pictures.layout_job):
            self.empty.say(tr("The graph could not be laid out"), tr("The button beside the layouts tries again."))
        elif positions is None:
            self.empty.say(
                tr("Laying the graph out…"),
                extent(dataset),
            )
        self.layouts.setCurrentIndex(max(0, self.layouts.findData(self.session.pictures.layout_type)))
        self.panel.set_places(positions)

    @Slot()
    def _on_catalogue_changed(self) -> None:
        self.layouts.clear()
        for entry in self.session.components("layout"):
            self.layouts.addItem(said(str(entry["label"])), str(entry["key"]))
        self.layouts.setCurrentIndex(max(0, self.layouts.findData(self.session.pictures.layout_type)))
        for control in (self.layouts, self.lay_out):
            control.setVisible(self.layouts.count() > 0)

    @Slot()
    def _on_layout_chosen(self) -> None:
        self.session.pictures.choose(str(self.layouts.currentData()))

    @Slot()
    def _on_lay_out(self) -> None:
        self.session.pictures.place_anew()


def has_failed(job: Job | None) -> bool:
    """Whether a layout was asked for and ended without one."""
    return job is not None and job.is_over and job.state != "finished"
