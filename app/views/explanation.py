"""Why a node is predicted as it is: the edges and columns that counted, and how well they explain it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.canvas.bars import Bar, Bars
from app.canvas.structure_picture import Scale, StructurePicture
from app.kit import theme
from app.kit.sayings import said
from app.kit.translate import tr
from app.kit.widgets.basics import Empty, button, column, label, link, row
from app.kit.widgets.choice import Choice
from app.kit.widgets.tall import Tall
from app.session.drawings import Scored, Size
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values
_MOST = 12


class ExplanationView(View):
    """The explanation of one prediction; the edges that counted are drawn on the graph."""

    spec = ViewSpec("explanation", "Why", "inspect", "right", order=30, tabs=("confusion",), icon="info")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.empty = Empty("info", "", action=button(tr("Explain what is selected"), self._on_explain))
        self.sentence = label("", "heading", wrap=True)
        self.picture = StructurePicture()
        self.picture.hide()
        self.method = Choice()
        self.method.setAccessibleName(tr("How it is explained"))
        self.target = Choice()
        self.target.setAccessibleName(tr("Target that is explained"))
        self.target.hide()
        self.neighbours = Bars(tr("Neighbours that counted"), clickable=True)
        self.columns = Bars(tr("Columns that counted"))
        self.fidelity = label("", "muted", wrap=True)
        self._ids: list[str] = []
        self._neighbour_title = label(tr("NEIGHBOURS THAT COUNTED"), "section")
        self._column_title = label(tr("COLUMNS THAT COUNTED"), "section")
        self.select = link(tr("Select them"), self._on_select)
        body = QWidget()
        parts = (self._neighbour_title, self.neighbours, row(self.select, None), self._column_title, self.columns)
        clear = link(tr("Clear"), session.explaining.clear)
        body.setLayout(
            column(
                self.sentence,
                self.picture,
                row(self.target, self.method, None, clear),
                *parts,
                self.fidelity,
                None,
                margins=14,
                spacing=8,
            )
        )
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(Tall(body))
        self.setLayout(column(self._pages, spacing=0))
        self.method.activated.connect(self._on_method)
        self.target.activated.connect(self._on_target)
        self.neighbours.chosen.connect(self._on_neighbour)
        session.drawings.scored.connect(self._on_scored)
        session.explaining.changed.connect(self._on_changed)
        session.run_changed.connect(self._on_changed)
        session.catalogue_changed.connect(self._on_catalogue_changed)
        self._on_catalogue_changed()
        self._on_changed()

    @Slot()
    def _on_catalogue_changed(self) -> None:
        self.method.clear()
        for entry in self.session.components("explainer"):
            self.method.addItem(tr(said(str(entry["label"]))), str(entry["key"]))
        self.method.setCurrentIndex(self.method.findData(self.session.explaining.type))

    @Slot()
    def _on_changed(self) -> None:
        explaining = self.session.explaining
        if explaining.result is None:
            self._say_why()
            self._pages.setCurrentWidget(self.empty)
            return
        self._pages.setCurrentIndex(1)
        self.method.setCurrentIndex(self.method.findData(explaining.type))
        self._show(explaining.result)

    def _say_why(self) -> None:
        explaining = self.session.explaining
        if explaining.is_busy:
            self.empty.say(tr("Looking for the reasons…"), tr("The model is asked again without each of them."))
        elif explaining.error is not None:
            self.empty.say(str(explaining.error.get("message", "")), str(explaining.error.get("hint", "")))
        elif explaining.can_explain:
            hint = tr("Select one, or choose Explain in its menu; what counted appears here.")
            self.empty.say(tr("Why is it predicted so?"), hint)
        else:
            self.empty.say(tr("No predictions yet"), tr("Train a model; then each prediction can be explained."))

    def _show(self, result: Plain) -> None:
        self.sentence.setText(said(str(result["sentence"])))
        self._offer_targets(str(result.get("target", "")))
        self._ask_for_picture(result)
        neighbours = [one for one in result.get("neighbours", ()) if one["score"] > 0][:_MOST]
        self._ids = [str(one["id"]) for one in neighbours]
        self.neighbours.set_bars([Bar(str(one["id"]), one["score"], f"{one['score']:.2f}") for one in neighbours])
        columns = [one for one in result["columns"] if one["score"] > 0][:_MOST]
        notes = [tr("value {value}", value=f"{one['value']:.4g}") for one in columns]
        self.columns.set_bars(
            [
                Bar(str(one["name"]), one["score"], f"{one['score']:.2f}", note=note)
                for one, note in zip(columns, notes, strict=True)
            ]
        )
        for widget in (self._neighbour_title, self.neighbours, self.select):
            widget.setVisible(bool(neighbours))
        for widget in (self._column_title, self.columns):
            widget.setVisible(bool(columns))
        self.fidelity.setText(tr("Scores go from 0 to 1 within this explanation; they are no probabilities."))

    def _offer_targets(self, explained: str) -> None:
        """Let the user choose what is explained where several columns are predicted."""
        names = self.session.explaining.targets
        if names != [self.target.itemText(place) for place in range(self.target.count())]:
            self.target.clear()
            self.target.addItems(names)
        self.target.setCurrentIndex(self.target.findText(explained))
        self.target.setVisible(len(names) > 1)

    def _ask_for_picture(self, result: Plain) -> None:
        """Have the structure drawn in the colours of what counted; of graphs that are no molecules there is none."""
        drawings, item = self.session.drawings, self.session.explaining.node
        self.picture.hide()
        if item is None or not self.session.explaining.of_graph or not drawings.has_structures:
            return
        atoms = [float(one["score"]) for one in result["nodes"]]
        bonds = [(int(one["index"][0]), int(one["index"][1]), float(one["score"])) for one in result["edges"]]
        drawings.draw_scores(item, atoms, bonds, Size.large(dark=theme.tokens().name == "dark"))

    @Slot(object)
    def _on_scored(self, found: Scored) -> None:
        explaining = self.session.explaining
        if explaining.of_graph and explaining.node == found.row:
            self.picture.show_drawing(found.svg, Scale(found.bound, found.colours, explaining.of_number))
            self.picture.show()

    @Slot()
    def _on_explain(self) -> None:
        selection = self.session.selection
        node = selection.current if selection.current is not None else next(iter(selection.indices()), None)
        if node is None:
            self.session.say("info", tr("Select one first."))
        else:
            self.session.explaining.explain(int(node))

    @Slot(int)
    def _on_method(self, number: int) -> None:
        explaining = self.session.explaining
        if explaining.node is not None:
            explaining.explain(explaining.node, str(self.method.itemData(number)))

    @Slot(int)
    def _on_target(self, number: int) -> None:
        explaining = self.session.explaining
        if explaining.node is not None:
            explaining.explain(explaining.node, target=self.target.itemText(number))

    @Slot(object)
    def _on_neighbour(self, number: int) -> None:
        self.session.selecting.ids([self._ids[number]])

    @Slot()
    def _on_select(self) -> None:
        ends, _ = self.session.explaining.edges()
        mask = np.zeros_like(self.session.selection.mask)
        mask[ends.ravel()] = True
        if self.session.explaining.node is not None:
            mask[self.session.explaining.node] = True
        self.session.selection.replace(mask, tr("Select what counted"))
