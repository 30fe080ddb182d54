"""The graph: nodes where the layout put them, coloured by what one wants to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QMenu, QToolButton, QWidget, QWidgetAction

from app.canvas.gestures import Tool
from app.canvas.picture_panel import PicturePanel
from app.forms.form_builder import Form
from app.kit.sayings import said
from app.kit.translate import tr
from app.kit.widgets.basics import Empty, button, column, tool
from app.kit.widgets.choice import Choice
from app.session.counting import extent
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.bridge.jobs import Job
    from app.session.session import Session

# The layout whose places come from outside: it is asked for by a file.
_PLACES = "places"


class GraphView(View):
    """The graph canvas with its layouts."""

    spec = ViewSpec("graph", "Graph", "explore", "centre", also=("inspect",), order=10, icon="explore")

    @classmethod
    def suits(cls, session: Session) -> bool:
        """Say yes to a graph, and to nothing yet."""
        return session.dataset is None or not session.dataset.is_collection

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.layouts = Choice(tr("How nodes are placed"))
        self.layouts.setAccessibleName(tr("Layout"))
        self.lay_out = button("", self._on_lay_out, icon="refresh", tip=tr("Lay the graph out anew"))
        self.lay_out.setAccessibleName(tr("Lay out anew"))
        self.more = tool("settings", tr("Options of the layout; continue, stop, save"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._on_menu)
        self.more.setMenu(self.menu)
        self.form: Form | None = None
        self.empty = Empty("explore", "")
        controls = (self.layouts, self.lay_out, self.more)
        self.panel = PicturePanel(session, self.empty, with_edges=True, controls=controls)
        self.heart = self.panel.canvas
        self.exported = self.panel.source(tr("Graph"))
        self.setLayout(column(self.panel, spacing=0))
        self.commands = {
            "find_node": self.panel.search.start,
            "fit_graph": self.panel.canvas.fit,
            "show_selection": self.panel.show_selection,
            "move_nodes": self._on_move_nodes,
        }
        self.layouts.activated.connect(self._on_layout_chosen)
        session.positions_changed.connect(self._on_positions_changed)
        session.dataset_changed.connect(self._on_positions_changed)
        session.catalogue_changed.connect(self._on_catalogue_changed)
        session.pictures.failed.connect(self._on_positions_changed)
        session.pictures.placing_changed.connect(self._on_placing_changed)
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
        self._on_placing_changed()
        self.panel.set_places(positions)

    @Slot()
    def _on_placing_changed(self) -> None:
        """Show which layout it is."""
        self.layouts.setCurrentIndex(max(0, self.layouts.findData(self.session.pictures.layout_type)))

    @Slot()
    def _on_catalogue_changed(self) -> None:
        self.layouts.clear()
        for entry in self.session.components("layout"):
            self.layouts.addItem(said(str(entry["label"])), str(entry["key"]))
        self._on_placing_changed()
        for control in (self.layouts, self.lay_out, self.more):
            control.setVisible(self.layouts.count() > 0)

    @Slot()
    def _on_layout_chosen(self) -> None:
        chosen = str(self.layouts.currentData())
        if chosen == _PLACES:
            self._on_placing_changed()  # until a file is chosen
            self.session.command_requested.emit("load_places")
        else:
            self.session.pictures.choose(chosen)

    @Slot()
    def _on_move_nodes(self) -> None:
        """Take the tool that moves nodes, or put it away, with the keyboard where its arrows are heard."""
        canvas = self.panel.canvas
        canvas.set_tool(Tool.PAN if canvas.tool == Tool.MOVE else Tool.MOVE)
        canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _on_lay_out(self) -> None:
        self.session.pictures.place_anew()

    @Slot()
    def _on_menu(self) -> None:
        """Fill the menu for the layout as it is: its options, and what can be done with the places."""
        self.menu.clear()
        type = self.session.pictures.layout_type
        entry = next((one for one in self.session.components("layout") if one["key"] == type), None)
        if entry is not None and type != _PLACES and self.session.dataset is not None:
            columns = ["", *map(str, self.session.dataset.nodes.columns)]
            self.form = Form(entry["schema"], {"any": columns})
            self.form.show_values(self.session.pictures.layout_options.get(type, {}))
            self.form.edited.connect(self._on_option_edited)
            self.form.setContentsMargins(10, 8, 10, 8)
            holder = QWidgetAction(self.menu)
            holder.setDefaultWidget(self.form)
            self.menu.addAction(holder)
            self.menu.addSeparator()
        pictures = self.session.pictures
        for text, key, is_there in (
            (tr("Continue the layout"), "continue_layout", self.session.positions is not None),
            (tr("Stop the layout"), "stop_layout", pictures.is_placing),
            (tr("Places from a file…"), "load_places", self.session.dataset is not None),
            (tr("Save places…"), "save_places", self.session.positions is not None),
            (tr("Places of the embedding"), "embedding_places", self.session.embedding is not None),
        ):
            action = self.menu.addAction(text)
            action.setEnabled(is_there)
            action.setData(key)
            action.triggered.connect(self._on_asked)

    @Slot()
    def _on_asked(self) -> None:
        self.session.command_requested.emit(str(self.sender().data()))  # type: ignore[attr-defined]  # an action

    @Slot(object)
    def _on_option_edited(self, edited: tuple[str, object]) -> None:
        self.session.pictures.set_option(*edited)


def has_failed(job: Job | None) -> bool:
    """Whether a layout was asked for and ended without one."""
    return job is not None and job.is_over and job.state != "finished"
