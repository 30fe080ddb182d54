"""What is known about the node one looks at, about the selection, or about the graph where nothing is selected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFormLayout, QScrollArea, QStackedWidget, QWidget

from app.bridge.background import Background, Outcome
from app.canvas.bars import Bar, Bars
from app.canvas.relatives_box import RelativesBox
from app.canvas.structure_picture import Scale, StructurePicture
from app.kit import theme
from app.kit.plain import plain_tip
from app.kit.sayings import said
from app.kit.translate import tr, tr_n
from app.kit.widgets.basics import Elided, Empty, column, label, link, row
from app.models.contrast import differences, strength
from app.models.summary import of_graph, of_selection
from app.session.attributes import PREDICTED, TARGET, Attributes
from app.session.counting import counted
from app.session.drawings import Size
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session

_LETTERS = 34  # of width that the view needs at least
_MOST_NEIGHBOURS = 40
_MOST_CLASSES = 12
_LEAST_SHARE = 0.0005  # of probability, that is shown as more than 0.0 %
_FEW_CLASSES = 8
_MOST_DIFFERENCES = 6
_REST_MS = 250


class InspectorView(View):
    """One node in full, or a selection summed up."""

    spec = ViewSpec("inspector", "Inspector", "inspect", "left", also=("explore",), order=20, icon="search")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.empty = Empty(
            "pointer",
            tr("No graph yet"),
            tr("Import data; what is known about a node, a selection or the graph appears here."),
        )
        self.title = label("", "heading", wrap=True)
        self.subtitle = label("", "muted", wrap=True)
        self.structure = StructurePicture()
        self.structure.hide()
        self.relatives = RelativesBox(session)
        self.probabilities = Bars(tr("Probabilities"))
        self.neighbours = Bars(tr("Neighbours"), clickable=True)
        self.nearest = Bars(tr("Nearest in the embedding"), clickable=True)
        self.nearest_note = label("", "muted", wrap=True)
        self.summary = Bars(tr("Selection by class"), clickable=True)
        self.contrast = label("", wrap=True)
        self.columns = QFormLayout()
        self._neighbour_nodes: list[int] = []
        self._near_nodes: list[int] = []
        self._comparing = Background(self)
        self._comparing.finished.connect(self._on_compared)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(_REST_MS)
        self._resting.timeout.connect(self._on_rest)
        self._sections: dict[str, QWidget] = {}
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._make_body())
        self.setLayout(column(self._pages, spacing=0))
        self.neighbours.chosen.connect(self._on_neighbour_chosen)
        self.nearest.chosen.connect(self._on_near_chosen)
        self.summary.chosen.connect(self._on_class_chosen)
        session.facts.changed.connect(self._show)
        session.selection.changed.connect(self._show)
        session.selection.current_changed.connect(self._show)
        session.nearest.changed.connect(self._show_nearest)
        self.relatives.chosen.connect(self._go_to)
        for signal in (session.drawings.changed, session.drawings.scored, session.explaining.changed):
            signal.connect(self._show_structure)
        self._show()

    def _make_body(self) -> QWidget:
        names = ("probabilities", "summary", "contrast", "neighbours", "nearest", "columns")
        self._heading = {name: label("", "section") for name in names}
        near = QWidget()
        near.setLayout(column(self.nearest, self.nearest_note, spacing=2))
        self.columns.setContentsMargins(0, 0, 0, 0)
        self.columns.setHorizontalSpacing(14)
        self.columns.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        columns = QWidget()
        columns.setLayout(self.columns)
        self.more = link(tr("Select neighbours"), self._on_select_neighbours)
        contents: dict[str, QWidget] = {
            "probabilities": self.probabilities,
            "summary": self.summary,
            "contrast": self.contrast,
            "neighbours": self.neighbours,
            "nearest": near,
            "columns": columns,
        }
        inner = QWidget()
        body = column(self.title, self.subtitle, self.structure, self.relatives, margins=12, spacing=4)
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
        self._comparing.drop()
        self._resting.start()
        self._show_structure()
        if attributes is None or len(selection.mask) != attributes.num_nodes:
            self._pages.setCurrentWidget(self.empty)
        elif selection.count > 1:
            self._show_selection(attributes)
        elif selection.current is not None:
            self._show_node(attributes, selection.current)
        elif selection.count == 1:
            self._show_node(attributes, int(selection.indices()[0]))
        else:
            self._show_graph()

    @Slot()
    def _on_rest(self) -> None:
        """Ask for what takes longer, once nobody goes on to the next node or selection."""
        attributes, selection = self.session.facts.attributes, self.session.selection
        node = self._node()
        if not self.isVisible() or attributes is None or len(selection.mask) != attributes.num_nodes:
            return
        if node is not None:
            self.session.nearest.ask(node)
            self.session.drawings.also_want(node, self._structure_size())
            self.session.relatives.ask(node)
        elif 1 < selection.count < attributes.num_nodes:
            mask = selection.mask
            self._comparing.submit(lambda: differences(list(attributes.by_key.values()), mask), tag=mask)

    @Slot()
    def _show_structure(self) -> None:
        """Show how the one item looks, where it is a molecule and was drawn: in colours while it is explained."""
        node, drawings, explaining = self._node(), self.session.drawings, self.session.explaining
        self.relatives.show_item(node)
        is_explained = explaining.of_graph and explaining.node == node
        scored = drawings.scored_of(node) if node is not None and is_explained else None
        if scored is not None:
            self.structure.show_drawing(scored.svg, Scale(scored.bound, scored.colours, explaining.of_number))
        else:
            size = self._structure_size()
            self.structure.show_drawing(None if node is None else drawings.get(node, size))
        self.structure.setVisible(not self.structure.is_empty)

    def _structure_size(self) -> Size:
        return Size.large(dark=theme.tokens().name == "dark")

    def showEvent(self, event: QShowEvent) -> None:
        """Ask now for what was not asked while it was out of sight."""
        super().showEvent(event)
        self._resting.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask for nothing while nobody looks."""
        super().hideEvent(event)
        self._resting.stop()

    def _node(self) -> int | None:
        """Return the one node that is shown, None for a selection and for the graph."""
        selection = self.session.selection
        if selection.count > 1:
            return None
        return selection.current if selection.current is not None else next(iter(selection.indices().tolist()), None)

    # The graph

    def _show_graph(self) -> None:
        dataset = self.session.dataset
        if dataset is None:
            self._pages.setCurrentWidget(self.empty)
            return
        if dataset.is_collection:
            self.title.setText(tr("The collection"))
            self.subtitle.setText(tr("Nothing is selected: click a structure, a point or a row."))
        else:
            self.title.setText(tr("The graph"))
            words = tr("Nothing is selected: click a node, draw a lasso, or choose a class in the legend.")
            self.subtitle.setText(words)
        for name, section in self._sections.items():
            section.setVisible(name == "columns")
        self._fill(of_graph(dataset, self.session.run), tr("IN SHORT"))
        self._pages.setCurrentIndex(1)

    def _fill(self, pairs: Sequence[tuple[str, str]], heading: str) -> None:
        while self.columns.rowCount():
            self.columns.removeRow(0)
        for title, text in pairs:
            self.columns.addRow(label(title, "muted"), label(text, wrap=True))
        self._heading["columns"].setText(heading)
        self._sections["columns"].show()

    # One node

    def _show_node(self, attributes: Attributes, node: int) -> None:
        own, name = str(attributes.ids[node]), str(attributes.names[node])
        self.title.setText(name)
        degree = int(attributes.degree[node])
        words = [tr("id {id}", id=own)] if own != name else []
        if not attributes.dataset.is_collection:
            words.append(tr_n("{count} neighbour", "{count} neighbours", degree))
        elif attributes.dataset.are_molecules:
            words.append(tr_n("{count} atom", "{count} atoms", degree))
        else:
            words.append(tr_n("{count} node", "{count} nodes", degree))
        self.subtitle.setText(" · ".join(words))
        self._show_probabilities(attributes, node)
        self._show_neighbours(attributes, node)
        self._show_nearest()
        self._show_columns(attributes, node)
        for name in ("summary", "contrast"):
            self._sections[name].hide()
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
        bars = []
        for one in self._neighbour_nodes:
            degree = int(attributes.degree[one])
            bars.append(self._bar(attributes, one, degree, f"{degree:,}"))
        self.neighbours.set_bars(bars)
        more = len(everyone) - len(shown)
        text = tr("NEIGHBOURS, BY DEGREE")
        if more > 0:
            text = tr("NEIGHBOURS, BY DEGREE (FIRST {shown} OF {count})", shown=len(shown), count=len(everyone))
        self._heading["neighbours"].setText(text)
        self._sections["neighbours"].setVisible(bool(bars))

    def _bar(self, attributes: Attributes, node: int, value: float, shown: str) -> Bar:
        """Return a bar for a node, in the colour of its class."""
        kind = attributes.classed()
        code = int(kind.codes()[node]) if kind is not None else -1
        note = f"{kind.title}: {kind.categories[code]}" if kind is not None and code >= 0 else ""
        return Bar(str(attributes.names[node]), value, shown, category=None if kind is None else code, note=note)

    @Slot()
    def _show_nearest(self) -> None:
        attributes, node, nearest = self.session.facts.attributes, self._node(), self.session.nearest
        there = attributes is not None and node is not None and nearest.can_ask
        self._sections["nearest"].setVisible(there)
        if attributes is None or node is None or not there:
            return
        found = nearest.of(node)
        self._heading["nearest"].setText(tr("NEAREST IN THE EMBEDDING, BY COSINE"))
        self._near_nodes = [one.node for one in found or () if one.node < attributes.num_nodes]
        near = {one.node: one.cosine for one in found or ()}
        self.nearest.set_bars(
            [self._bar(attributes, one, max(0.0, near[one]), f"{near[one]:.3f}") for one in self._near_nodes], top=1.0
        )
        words = "" if found is not None else tr("Looking…")
        if found is None and nearest.error is not None:
            words = said(str(nearest.error.get("message", "")))
        self.nearest_note.setText(words)
        self.nearest_note.setVisible(bool(words))

    def _show_columns(self, attributes: Attributes, node: int) -> None:
        while self.columns.rowCount():
            self.columns.removeRow(0)
        for one in attributes.by_key.values():
            if one.key == PREDICTED and one.kind == "category":
                continue
            text = one.shown(node)
            value = Elided(text if text else "–", "text" if text else "muted")
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
        self.title.setText(counted(self.session.dataset, len(nodes)))
        share = 100 * len(nodes) / max(1, attributes.num_nodes)
        self.subtitle.setText(tr("{share} % of all", share=f"{share:.1f}"))
        for name in ("probabilities", "neighbours", "nearest", "contrast"):
            self._sections[name].hide()
        self._show_counts(attributes, nodes)
        self._fill(of_selection(attributes, selection.mask), tr("TOGETHER"))
        self._pages.setCurrentIndex(1)

    def _show_counts(self, attributes: Attributes, nodes: np.ndarray) -> None:
        kind = attributes.classed()
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

    @Slot(object)
    def _on_compared(self, outcome: Outcome) -> None:
        if outcome.tag is not self.session.selection.mask or outcome.value is None:
            return
        lines = [f"{strength(one).capitalize()}: {one.sentence}" for one in outcome.value[:_MOST_DIFFERENCES]]
        self.contrast.setText("\n".join(lines) or tr("No column differs by much."))
        self._heading["contrast"].setText(tr("AGAINST ALL OTHERS, THE LARGEST DIFFERENCES"))
        self._sections["contrast"].show()

    # What a click does

    @Slot(object)
    def _on_neighbour_chosen(self, number: int) -> None:
        node = self._neighbour_nodes[number]
        self.session.selection.select([node], tr("Go to a neighbour"))
        self.session.selection.set_current(node)

    @Slot(object)
    def _on_near_chosen(self, number: int) -> None:
        self._go_to(self._near_nodes[number])

    @Slot(object)
    def _go_to(self, node: int) -> None:
        self.session.selection.select([node], tr("Go to a node that is near"))
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
        kind = attributes.classed() if attributes is not None else None
        if kind is not None:
            code = self.summary.bars[number].category
            self.session.selection.replace(self.session.selection.mask & (kind.codes() == code), tr("Keep one class"))
