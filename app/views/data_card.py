"""What the graph is like before anything is trained: size, pieces, degrees, classes and whether neighbours agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QWidget

from app.canvas.bars import Bar, Bars
from app.kit.sayings import said
from app.kit.translate import tr
from app.kit.widgets.basics import Empty, column, label, row
from app.kit.widgets.choice import Choice
from app.session.attributes import Attribute
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.frames import DatasetFrame
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values

_LETTERS = 34  # of width that the view needs at least


class DataCardView(View):
    """The data card; a bar selects its nodes."""

    spec = ViewSpec("data_card", "Data card", "explore", "left", order=10, icon="info")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.numbers = {name: label("", "big") for name in ("nodes", "edges", "components")}
        self.words = label(wrap=True)
        self.degrees = Bars(tr("Degrees"), clickable=True)
        self.degrees_title = label(tr("DEGREE: NODES WITH SO MANY EDGES"), "section")
        self.column = Choice()
        self.column.setAccessibleName(tr("Column"))
        self.column_words = label(wrap=True)
        self.classes = Bars(tr("Classes"), clickable=True)
        self._card: Plain = {}
        self._target: str | None = None
        self.empty = Empty("info", tr("No graph yet"), tr("Import data; what it is like is told here."))
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._make_body())
        self.setLayout(column(self._pages, spacing=0))
        self.column.currentIndexChanged.connect(self._on_column_changed)
        self.degrees.chosen.connect(self._on_degree_chosen)
        self.classes.chosen.connect(self._on_class_chosen)
        session.dataset_changed.connect(self._on_dataset_changed)
        session.facts.changed.connect(self._on_column_changed)
        session.draft.changed.connect(self._on_draft_changed)
        self._on_dataset_changed()

    def _make_body(self) -> QWidget:
        self.titles = {name: label("", "muted") for name in self.numbers}
        heads = [column(number, self.titles[name], spacing=0) for name, number in self.numbers.items()]
        self._classes_box = QWidget()
        self._classes_box.setLayout(
            column(label(tr("CLASSES"), "section"), self.column, self.column_words, self.classes, spacing=6)
        )
        inner = QWidget()
        inner.setLayout(
            column(
                row(*heads, None, spacing=22),
                self.words,
                self._classes_box,
                4,
                self.degrees_title,
                self.degrees,
                None,
                margins=12,
                spacing=10,
            )
        )
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(_LETTERS * self.fontMetrics().horizontalAdvance("n"))
        return area

    @Slot()
    def _on_dataset_changed(self) -> None:
        dataset = self.session.dataset
        self._card = dict(dataset.summary.get("card") or {}) if dataset is not None else {}
        if not self._card:
            self._pages.setCurrentWidget(self.empty)
            return
        self._pages.setCurrentIndex(1)
        self._say_titles(dataset)
        self.numbers["nodes"].setText(f"{self._card['nodes']:,}")
        self.numbers["edges"].setText(f"{self._card['edges']:,}")
        self.numbers["components"].setText(f"{self._card['components']['count']:,}")
        of_columns = {one["sentence"] for one in self._card["columns"]}
        told = [text for text in self._card["sentences"] if text not in of_columns]
        if dataset is not None and dataset.is_collection:
            # What is said of one graph, such as its pieces, says nothing of many.
            told = list((dataset.summary.get("join") or {}).get("sentences", ()))
        self.words.setText("\n\n".join(map(said, told)))
        bins = self._card["degree"]["histogram"]
        self.degrees.set_bars([Bar(_span(one), one["nodes"], f"{one['nodes']:,}") for one in bins])
        self._fill_columns()

    def _say_titles(self, dataset: DatasetFrame | None) -> None:
        names = [tr("nodes"), tr("edges"), tr("components")]
        if dataset is not None and dataset.is_collection:
            names[2] = tr("graphs")
            if dataset.are_molecules:
                names = [tr("atoms"), tr("bonds"), tr("molecules")]
        for made, name in zip(self.titles.values(), names, strict=True):
            made.setText(name)
        # A bar selects items, and the degrees here are of the nodes within them.
        for part in (self.degrees_title, self.degrees):
            part.setVisible(dataset is None or not dataset.is_collection)
        if dataset is not None and dataset.is_collection:
            self._card = {**self._card, "components": {**self._card["components"], "count": dataset.num_nodes}}

    def _fill_columns(self) -> None:
        before = self.column.currentData()
        self.column.clear()
        for one in self._columns():
            self.column.addItem(str(one["name"]), str(one["name"]))
        self.column.setCurrentIndex(max(0, self.column.findData(before)))
        self._classes_box.setVisible(self.column.count() > 0)
        self._on_column_changed()

    @Slot()
    def _on_draft_changed(self) -> None:
        """Tell about the column that shall be predicted as soon as it is known."""
        if self.session.draft.target != self._target:
            self._target = self.session.draft.target
            self.column.setCurrentIndex(max(0, self.column.findData(self._target)))

    def _columns(self) -> list[Plain]:
        return [one for one in self._card.get("columns", []) if one["counts"] and one["classes"] > 1]

    @Slot()
    def _on_column_changed(self) -> None:
        one = self._column()
        if one is None:
            return
        attribute = self._attribute()
        codes = {name: i for i, name in enumerate(attribute.categories)} if attribute is not None else {}
        known = max(1, int(one["known"]))
        bars = [
            Bar(
                str(entry["value"]),
                entry["nodes"],
                f"{entry['nodes']:,}",
                category=codes.get(str(entry["value"])),
                note=tr("{share} % of the known", share=f"{100 * entry['nodes'] / known:.1f}"),
            )
            for entry in one["counts"]
        ]
        missing = int(self._card["nodes"]) - int(one["known"])
        if missing:
            bars.append(Bar(tr("no value"), missing, f"{missing:,}", category=-1 if codes else None))
        self.classes.set_bars(bars)
        self.column_words.setText(said(str(one["sentence"])))

    def _column(self) -> Plain | None:
        name = self.column.currentData()
        return next((one for one in self._columns() if one["name"] == name), None)

    def _attribute(self) -> Attribute | None:
        attributes = self.session.facts.attributes
        found = attributes.get(f"column:{self.column.currentData()}") if attributes is not None else None
        return found if found is not None and found.kind == "category" else None

    @Slot(object)
    def _on_class_chosen(self, number: int) -> None:
        attributes, one = self.session.facts.attributes, self._column()
        values = attributes.get(f"column:{self.column.currentData()}") if attributes is not None else None
        if one is None or values is None or values.kind == "number":
            return
        wanted = str(one["counts"][number]["value"]) if number < len(one["counts"]) else None
        mask = np.array([value == wanted for value in values.values], dtype=bool)
        self.session.selection.replace(mask, tr("Select a class"))

    @Slot(object)
    def _on_degree_chosen(self, number: int) -> None:
        attributes = self.session.facts.attributes
        if attributes is not None:
            one = self._card["degree"]["histogram"][number]
            degree = attributes.degree
            self.session.selection.replace((degree >= one["from"]) & (degree <= one["to"]), tr("Select by degree"))


def _span(one: Plain) -> str:
    return f"{one['from']:,}" if one["from"] == one["to"] else f"{one['from']:,}–{one['to']:,}"
