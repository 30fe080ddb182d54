"""What is known about the node one looks at, or about the selection; of nothing selected, a word on how to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFormLayout, QScrollArea, QStackedWidget, QWidget

from app.canvas.bars import Bar, Bars
from app.kit.plain import plain_tip
from app.kit.translate import tr, tr_n
from app.kit.widgets.basics import Elided, Empty, column, label, link, row
from app.session.attributes import CORRECT, PREDICTED, SPLIT, TARGET, Attribute, Attributes
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session

_LETTERS = 34  # of width that the view needs at least
_MOST_NEIGHBOURS = 40
_MOST_CLASSES = 12
_LEAST_SHARE = 0.0005  # of probability, that is shown as more than 0.0 %
_FEW_CLASSES = 8


class InspectorView(View):
    """One node in full, or a selection summed up."""

    spec = ViewSpec("inspector", "Inspector", "inspect", "left", also=("explore",), order=20, icon="search")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.empty = Empty(
            "pointer",
            tr("Nothing selected"),
            tr("Click a node, draw a lasso, or choose a class in the legend; what it is appears here."),
        )
        self.title = label("", "heading", wrap=True)
        self.subtitle = label("", "muted", wrap=True)
        self.probabilities = Bars(tr("Probabilities"))
        self.neighbours = Bars(tr("Neighbours"), clickable=True)
        self.summary = Bars(tr("Selection by class"), clickable=True)
        self.columns = QFormLayout()
        self._neighbour_nodes: list[int] = []
        self._sections: dict[str, QWidget] = {}
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._make_body())
        self.setLayout(column(self._pages, spacing=0))
        self.neighbours.chosen.connect(self._on_neighbour_chosen)
        self.summary.chosen.connect(self._on_class_chosen)
        session.facts.changed.connect(self._show)
        session.selection.changed.connect(self._show)
        session.selection.current_changed.connect(self._show)
        self._show()

    def _make_body(self) -> QWidget:
        self._heading = {name: label("", "section") for name in ("probabilities", "summary", "neighbours", "columns")}
        self.columns.setContentsMargins(0, 0, 0, 0)
        self.columns.setHorizontalSpacing(14)
        self.columns.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        columns = QWidget()
        columns.setLayout(self.columns)
        self.more = link(tr("Select neighbours"), self._on_select_neighbours)
        contents: dict[str, QWidget] = {
            "probabilities": self.probabilities,
            "summary": self.summary,
            "neighbours": self.neighbours,
            "columns": columns,
        }
        inner = QWidget()
        body = column(self.title, self.subtitle, margins=12, spacing=4)
        for name, content in contents.items():
            box = QWidget()
            last = row(self.more, None) if name == "neighbours" else None
            parts = (8, self._heading[name], content, *((last,) if last is not None else ()))
            box.setLayout(column(*parts, spacing=6))
            self._sections[name] = box
            body.addWidget(box)
        body.addStretch(1)
        inner.setLayout(body)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(_LETTERS * self.fontMetrics().horizontalAdvance("n"))
        return area

    @Slot()
    def _show(self) -> None:
        attributes, selection = self.session.facts.attributes, self.session.selection
        if attributes is None or len(selection.mask) != attributes.num_nodes:
            self._pages.setCurrentWidget(self.empty)
        elif selection.count > 1:
            self._show_selection(attributes)
        elif selection.current is not None:
            self._show_node(attributes, selection.current)
        elif selection.count == 1:
            self._show_node(attributes, int(selection.indices()[0]))
        else:
            self._pages.setCurrentWidget(self.empty)

    # One node

    def _show_node(self, attributes: Attributes, node: int) -> None:
        own, name = str(attributes.ids[node]), str(attributes.names[node])
        self.title.setText(name)
        degree = int(attributes.degree[node])
        words = [tr("id {id}", id=own)] if own != name else []
        self.subtitle.setText(" · ".join([*words, tr_n("{count} neighbour", "{count} neighbours", degree)]))
        self._show_probabilities(attributes, node)
        self._show_neighbours(attributes, node)
        self._show_columns(attributes, node)
        self._sections["summary"].hide()
        self._pages.setCurrentIndex(1)

    def _show_probabilities(self, attributes: Attributes, node: int) -> None:
        found = attributes.probabilities(node)
        self._sections["probabilities"].setVisible(bool(found))
        true = attributes.get(TARGET)
        known = true.values[node] if true is not None else None
        self._heading["probabilities"].setText(tr("PREDICTED {target}", target=str(attributes.target or "").upper()))
        bars = [
            Bar(
                name + (tr(" (true)") if name == known else ""),
                share,
                f"{100 * share:.1f} %",
                category=attributes.classes.index(name),
                is_strong=number == 0,
            )
            for number, (name, share) in enumerate(found[:_MOST_CLASSES])
            if number < 2 or share >= _LEAST_SHARE or name == known
        ]
        self.probabilities.set_bars(bars, top=1.0)

    def _show_neighbours(self, attributes: Attributes, node: int) -> None:
        everyone = attributes.neighbours(node)
        # The best connected first: they tell most about the place a node has.
        order = np.argsort(-attributes.degree[everyone], kind="stable")
        shown = everyone[order][:_MOST_NEIGHBOURS]
        self._neighbour_nodes = [int(one) for one in shown]
        kind = class_attribute(attributes)
        codes = {name: i for i, name in enumerate(kind.categories)} if kind is not None else {}
        bars = []
        for one in self._neighbour_nodes:
            value = kind.values[one] if kind is not None else None
            degree = int(attributes.degree[one])
            note = f"{kind.title}: {value}" if kind is not None and value is not None else ""
            category = codes.get(str(value), -1) if codes else None
            bars.append(Bar(str(attributes.names[one]), degree, f"{degree:,}", category=category, note=note))
        self.neighbours.set_bars(bars)
        more = len(everyone) - len(shown)
        text = tr("NEIGHBOURS, BY DEGREE")
        if more > 0:
            text = tr("NEIGHBOURS, BY DEGREE (FIRST {shown} OF {count})", shown=len(shown), count=len(everyone))
        self._heading["neighbours"].setText(text)
        self._sections["neighbours"].setVisible(bool(bars))

    def _show_columns(self, attributes: Attributes, node: int) -> None:
        while self.columns.rowCount():
            self.columns.removeRow(0)
        for one in attributes.by_key.values():
            if one.key == PREDICTED and one.kind == "category":
                continue
            text = one.shown(node)
            value = Elided(text if text else "–", "text" if text else "faint")
            value.setToolTip(plain_tip(text))
            title = label(one.title, "muted")
            title.setMaximumWidth(150)
            self.columns.addRow(title, value)
        self._heading["columns"].setText(tr("COLUMNS"))
        self._sections["columns"].show()

    # A selection

    def _show_selection(self, attributes: Attributes) -> None:
        selection = self.session.selection
        nodes = selection.indices()
        self.title.setText(tr_n("{count} node", "{count} nodes", len(nodes)))
        share = 100 * len(nodes) / max(1, attributes.num_nodes)
        self.subtitle.setText(tr("{share} % of the graph", share=f"{share:.1f}"))
        for name in ("probabilities", "neighbours"):
            self._sections[name].hide()
        self._show_counts(attributes, nodes)
        self._show_sums(attributes, nodes)
        self._pages.setCurrentIndex(1)

    def _show_counts(self, attributes: Attributes, nodes: np.ndarray) -> None:
        kind = class_attribute(attributes)
        self._sections["summary"].setVisible(kind is not None)
        if kind is None:
            return
        codes = kind.codes()[nodes]
        counts = np.bincount(codes[codes >= 0], minlength=len(kind.categories))
        self._heading["summary"].setText(tr("SELECTION BY {column}", column=kind.title.upper()))
        bars = [
            Bar(name, int(n), f"{int(n):,}", category=i)
            for i, (name, n) in enumerate(zip(kind.categories, counts, strict=True))
            if n or len(kind.categories) <= _FEW_CLASSES
        ]
        unknown = int((codes < 0).sum())
        if unknown:
            bars.append(Bar(tr("no value"), unknown, f"{unknown:,}", category=-1))
        self.summary.set_bars(bars)

    def _show_sums(self, attributes: Attributes, nodes: np.ndarray) -> None:
        while self.columns.rowCount():
            self.columns.removeRow(0)
        inside = np.zeros(attributes.num_nodes, dtype=bool)
        inside[nodes] = True
        ends = attributes.edges
        within = int((inside[ends[:, 0]] & inside[ends[:, 1]]).sum()) if len(ends) else 0
        leaving = int((inside[ends[:, 0]] ^ inside[ends[:, 1]]).sum()) if len(ends) else 0
        facts = [(tr("Edges among them"), f"{within:,}"), (tr("Edges to others"), f"{leaving:,}")]
        facts.append((tr("Mean degree"), f"{attributes.degree[nodes].mean():.1f}"))
        for key in (CORRECT, SPLIT):
            one = attributes.get(key)
            if one is not None and one.kind == "category":
                codes = one.codes()[nodes]
                counts = [(name, int((codes == i).sum())) for i, name in enumerate(one.categories)]
                facts.append((one.title, ", ".join(f"{count:,} {name}" for name, count in counts if count) or "–"))
        for title, text in facts:
            self.columns.addRow(label(title, "muted"), label(text, wrap=True))
        self._heading["columns"].setText(tr("TOGETHER"))
        self._sections["columns"].show()

    # What a click does

    @Slot(object)
    def _on_neighbour_chosen(self, number: int) -> None:
        node = self._neighbour_nodes[number]
        self.session.selection.select([node], tr("Go to a neighbour"))
        self.session.selection.set_current(node)

    @Slot()
    def _on_select_neighbours(self) -> None:
        attributes, selection = self.session.facts.attributes, self.session.selection
        node = selection.current if selection.current is not None else next(iter(selection.indices()), None)
        if attributes is not None and node is not None:
            selection.select([int(node), *attributes.neighbours(int(node))], tr("Select neighbours"))

    @Slot(object)
    def _on_class_chosen(self, number: int) -> None:
        """Keep one class of the selection."""
        attributes = self.session.facts.attributes
        kind = class_attribute(attributes) if attributes is not None else None
        if kind is not None:
            code = self.summary.bars[number].category
            self.session.selection.replace(self.session.selection.mask & (kind.codes() == code), tr("Keep one class"))


def class_attribute(attributes: Attributes) -> Attribute | None:
    """Return what classes mean here: the prediction, the target, or the first column with classes."""
    wanted = [PREDICTED, *(f"column:{name}" for name in attributes.dataset.columns("target"))]
    found = [attributes.get(key) for key in wanted]
    found += [one for one in attributes.colourable() if one.is_given and len(one.categories) > 1]
    return next((one for one in found if one is not None and one.kind == "category"), None)
