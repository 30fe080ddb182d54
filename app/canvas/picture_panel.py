"""A canvas with its controls, joined to the session: for the graph and for the scatter of embeddings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel, QStackedWidget, QWidget

from app.canvas.carrying import MoveAsk
from app.canvas.colours import colouring_of
from app.canvas.encodings import shaping_of, sizing_of, strength_of
from app.canvas.figure import Source
from app.canvas.gestures import Ask, ContextAsk
from app.canvas.graph_canvas import GraphCanvas
from app.canvas.node_menu import NodeMenu
from app.canvas.scene import NO_EDGES, Colouring, Reasons, Scene, Shaping, Sizing, Strength, states
from app.canvas.search_field import SearchField
from app.canvas.tool_strip import ToolStrip
from app.kit import theme
from app.kit.translate import tr
from app.kit.widgets.basics import Empty, column, label, row
from app.kit.widgets.choice import Choice
from app.session.attributes import DEGREE, Attributes
from app.session.counting import counted
from app.session.style import NOTHING, colour_choices, first_colour

if TYPE_CHECKING:
    from app.session.session import Session

Made = TypeVar("Made")
_CAPTIONED = 75  # letters of width from which the bar says in words what its first box is
_SHORTEST = 9  # letters that a box has room for at least


class PicturePanel(QWidget):
    """Colours, search, tools and the shared selection around one canvas.

    Args:
        session: what is shown comes from here and goes there.
        empty: shown while there are no places.
        with_edges: whether edges are drawn.
        controls: further controls of the view, put into the bar.
    """

    def __init__(
        self,
        session: Session,
        empty: Empty,
        *,
        with_edges: bool,
        controls: tuple[QWidget, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._with_edges = with_edges
        self._xy: NDArray[np.float32] | None = None
        self._made: dict[str, tuple[tuple[object, ...], Any]] = {}  # Any: whatever was made
        self._target: str | None = None  # the recipe's, when the colours were last chosen for the user
        self.canvas = GraphCanvas(process=session.renderer, moves_nodes=with_edges)
        self.menu = NodeMenu(session, self)
        self.empty = empty
        self.colour_by = Choice(tr("What the colours show"))
        self.colour_by.setAccessibleName(tr("Colour by"))
        # A long column name must not make the whole dock wide.
        letter = self.fontMetrics().horizontalAdvance("n")
        self.colour_by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.colour_by.setMinimumWidth(letter * _SHORTEST)
        self.colour_by.setMaximumWidth(letter * 3 * _SHORTEST)
        self.search = SearchField(session)
        self.caption = label(tr("Colour by"), "muted")
        bar = row(self.caption, self.colour_by, *controls, None, margins=6)
        bar.addWidget(self.search, 2)
        self._bar = QWidget()
        self._bar.setLayout(bar)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.canvas)
        self.setLayout(column(self._bar, self._pages, spacing=0))
        self.strip = ToolStrip(self.canvas)
        self._chip_texts: tuple[str, ...] = ("",)  # what the chip may say, the longest first
        self.chip = self._make_chip()
        self.note = self._make_chip()
        self._place_strip = QTimer(self)
        self._place_strip.setSingleShot(True)
        self._place_strip.setInterval(0)
        self._place_strip.timeout.connect(self._place)
        self._connect()
        self._on_facts_changed()

    def _connect(self) -> None:
        self.colour_by.activated.connect(self._on_colour_chosen)
        self._session.style.changed.connect(self._on_style_changed)
        self.search.found.connect(self.canvas.show_node)
        self.search.said.connect(self._on_search_said)
        self.canvas.selection_asked.connect(self._on_selection_asked)
        self.canvas.current_asked.connect(self._on_current_asked)
        self.canvas.clear_asked.connect(self._on_clear_asked)
        self.canvas.context_asked.connect(self._on_context_asked)
        self.canvas.frame_settled.connect(self._on_settled)
        self._session.facts.changed.connect(self._on_facts_changed)
        self._session.draft.changed.connect(self._on_draft_changed)
        self._session.selection.changed.connect(self._on_selection_changed)
        self._session.selection.current_changed.connect(self._on_current_changed)
        self._session.selection.hidden_changed.connect(self._on_selection_changed)
        self._session.pins.changed.connect(self._on_pins_changed)
        self.canvas.move_asked.connect(self._on_move_asked)
        if self._with_edges:
            self._session.explaining.changed.connect(self._on_explaining_changed)

    def set_places(self, xy: NDArray[np.float32] | None) -> None:
        """Show the nodes at these places, float32 [N, 2]; None shows the empty page."""
        first = self._xy is None or xy is None or len(xy) != len(self._xy)
        self._xy = xy
        self._rebuild(fit=first)

    def hide_bar(self) -> None:
        """Leave all of the room to the picture: another one's bar chooses colours and searches for it."""
        self._bar.hide()

    def source(self, title: str) -> Source:
        """Return what exports this picture. Args: title: of the view."""
        return Source(title, self.canvas.figure, self.canvas.draw_frame)

    @Slot()
    def show_selection(self) -> None:
        """Go near to the selection."""
        self.canvas.fit_nodes(self._session.selection.indices())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the strips in their corners, and the room of a narrow bar for what is chosen in it."""
        super().resizeEvent(event)
        self.caption.setVisible(
            self._with_edges and self.width() > _CAPTIONED * self.fontMetrics().horizontalAdvance("n")
        )
        self._place_strip.start()

    def changeEvent(self, event: QEvent) -> None:
        """Take the theme's colours."""
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "chip"):
            self._rebuild()
        super().changeEvent(event)

    # What is shown

    @Slot()
    def _on_facts_changed(self) -> None:
        attributes = self._session.facts.attributes
        self.colour_by.clear()
        self.colour_by.addItem(tr("One colour"), NOTHING)
        if attributes is not None:
            for one in colour_choices(attributes):
                self.colour_by.addItem(one.title, one.key)
        self._show_choice()
        self._rebuild()

    @Slot()
    def _on_draft_changed(self) -> None:
        """Show what shall be predicted as soon as that is known."""
        if self._session.style.look.colour is None and self._session.draft.target != self._target:
            self._on_style_changed()

    def _show_choice(self) -> None:
        """Show in the bar what the style says."""
        look, attributes = self._session.style.look, self._session.facts.attributes
        self._target = self._session.draft.target
        wanted = look.colour
        if attributes is not None and (wanted is None or (wanted and attributes.get(wanted) is None)):
            wanted = first_colour(attributes, self._target)
        self.colour_by.setCurrentIndex(max(0, self.colour_by.findData(wanted)))
        self.canvas.set_labels(look.names and self._with_edges)

    @Slot()
    def _on_colour_chosen(self) -> None:
        self._session.style.colour_by(str(self.colour_by.currentData()))

    @Slot()
    def _on_explaining_changed(self) -> None:
        ends, weight = self._session.explaining.edges()
        self.canvas.set_reasons(Reasons(ends, weight) if len(ends) else None)

    @Slot(object)
    def _on_move_asked(self, ask: MoveAsk) -> None:
        self._session.pins.move(ask.nodes, ask.places, by_key=ask.by_key)
        if len(ask.nodes) == 1:
            self._session.selection.set_current(int(ask.nodes[0]))  # so that arrow keys go on with it

    @Slot()
    def _on_pins_changed(self) -> None:
        """Show pins where places can be moved; elsewhere they would tell nothing."""
        if self._with_edges:
            self.canvas.set_pins(self._session.pins.nodes())
            self._on_selection_changed()

    @Slot()
    def _on_style_changed(self) -> None:
        self._show_choice()
        self._rebuild()

    def _rebuild(self, *, fit: bool = False) -> None:
        attributes = self._session.facts.attributes
        xy = self._xy
        selection = self._session.selection
        if attributes is None or xy is None or len(xy) != attributes.num_nodes:
            self.canvas.set_scene(None)
            if attributes is not None:
                self.canvas.expect(attributes.num_nodes + (len(attributes.edges) if self._with_edges else 0))
            self._pages.setCurrentWidget(self.empty)
            return
        scene = Scene(
            xy=xy,
            colouring=self._colouring(attributes),
            state=self._states(attributes),
            ids=attributes.names,
            edges=attributes.edges if self._with_edges else NO_EDGES,
            strength=self._strength(attributes),
            directed=attributes.drawn.directed,
            sizing=self._sizing(attributes),
            shaping=self._shaping(attributes),
            weight=self._once("weight", (attributes,), lambda: attributes.degree.astype(np.float32)),
        )
        self._pages.setCurrentWidget(self.canvas)
        self.canvas.set_scene(scene, fit=fit)
        self.canvas.set_current(selection.current)
        self._on_selection_changed()
        self._place_strip.start()

    def _states(self, attributes: Attributes) -> NDArray[np.uint8]:
        """Return who is selected, dimmed and hidden; the neighbours of a single node of a graph stay as they are."""
        selection = self._session.selection
        near = None
        if self._with_edges and selection.count == 1:
            near = attributes.neighbours(int(selection.indices()[0]))
        return states(selection.mask, selection.hidden, near)

    def _sizing(self, attributes: Attributes) -> Sizing | None:
        """Return how large nodes are; a scatter, where nodes lie dense, shows degrees by no size."""
        one = attributes.get(self._session.style.look.size)
        if one is None or one.kind != "number" or (one.key == DEGREE and not self._with_edges):
            return None
        return self._once("size", (one,), lambda: sizing_of(one))

    def _strength(self, attributes: Attributes) -> Strength | None:
        weight = attributes.drawn.weight
        if weight is None or not self._with_edges:
            return None
        return self._once("strength", (weight,), lambda: strength_of(tr("Edge weight"), weight))

    def _shaping(self, attributes: Attributes) -> Shaping | None:
        one = attributes.get(self._session.style.look.shape)
        return None if one is None else self._once("shape", (one,), lambda: shaping_of(one))

    def _colouring(self, attributes: Attributes) -> Colouring:
        one = attributes.get(str(self.colour_by.currentData() or ""))
        key = (attributes, one, theme.tokens())
        return self._once("colour", key, lambda: colouring_of(one, attributes.num_nodes))

    def _once(self, name: str, key: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """Return the same again while nothing about it changed: pictures and what the renderer was told hang on it."""
        before = self._made.get(name)
        if before is None or len(before[0]) != len(key) or any(a is not b for a, b in zip(before[0], key, strict=True)):
            self._made[name] = (key, make())
        made: Made = self._made[name][1]
        return made

    # The shared selection

    @Slot(object)
    def _on_selection_asked(self, ask: Ask) -> None:
        selection = self._session.selection
        mask = np.zeros_like(selection.mask)
        mask[ask.nodes] = True
        reason = tr("Select {items}", items=counted(self._session.dataset, len(ask.nodes)))
        if ask.how == "add":
            selection.add(mask, reason)
        elif ask.how == "toggle":
            selection.toggle(int(ask.nodes[0]))
        else:
            selection.replace(mask, reason)
        if ask.current is not None:
            selection.set_current(ask.current)

    @Slot(object)
    def _on_current_asked(self, node: int) -> None:
        self._session.selection.set_current(node)

    @Slot()
    def _on_clear_asked(self) -> None:
        self._session.selection.clear()
        self._session.selection.set_current(None)

    @Slot()
    def _on_selection_changed(self) -> None:
        selection = self._session.selection
        scene = self.canvas.scene
        if scene is None or len(selection.mask) != scene.num_nodes:
            return
        attributes = self._session.facts.attributes
        wanted = scene.state if attributes is None else self._states(attributes)
        if not np.array_equal(wanted, scene.state):
            self.canvas.set_state(wanted)
        parts, whole = [], ""
        if selection.count:
            parts.append(tr("{count} selected", count=selection.count))
        if selection.count and self._with_edges:
            whole = tr("{count} of {total} selected · Esc clears", count=selection.count, total=scene.num_nodes)
        hidden = int(selection.hidden.sum())
        if hidden:
            parts.append(tr("{count} hidden", count=hidden))
        pinned = self._session.pins.count
        if pinned and self._with_edges:
            parts.append(tr("{count} pinned", count=pinned))
        # Shorter where there is little room: the status bar and the table tell of how many.
        self._chip_texts = (" · ".join([whole, *parts[1:]]) if whole else " · ".join(parts), " · ".join(parts))
        self._say(self.chip, self._chip_texts[-1])

    @Slot()
    def _on_current_changed(self) -> None:
        self.canvas.set_current(self._session.selection.current)

    @Slot(object)
    def _on_context_asked(self, ask: ContextAsk) -> None:
        self.menu.open(ask.node, ask.at)

    @Slot()
    def _on_settled(self) -> None:
        scene, thinned, edges = self.canvas.scene, self.canvas.thinned(), self.canvas.edges_drawn()
        parts = []
        if thinned:
            parts.append(tr("{count} nodes are left out of the picture, not of the sums", count=thinned))
        if scene is not None and edges < scene.num_edges:
            parts.append(tr("{count} of {total} edges are drawn", count=edges, total=scene.num_edges))
        self._say(self.note, " · ".join(parts))

    # Small texts on the canvas

    @Slot(object)
    def _on_search_said(self, text: str) -> None:
        self._say(self.note, text)

    def _make_chip(self) -> QLabel:
        made = label()
        made.setParent(self.canvas)
        made.setObjectName("chip")
        made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        made.hide()
        return made

    def _say(self, chip: QLabel, text: str) -> None:
        chip.setText(text)
        chip.setVisible(bool(text))
        self._place()

    @Slot()
    def _place(self) -> None:
        self.strip.adjustSize()
        self.strip.move(10, 10)
        self.note.adjustSize()
        wide, high = self.canvas.width() - 10, self.canvas.height() - 10
        room = wide - self.strip.geometry().right() - 8
        for text in self._chip_texts:
            self.chip.setText(text)
            self.chip.adjustSize()
            if self.chip.width() <= room:
                break
        # Where the strip leaves no room beside it, the chip goes to the other end, and what is noted above it.
        is_below = self.chip.width() > room
        self.chip.move(max(10, wide - self.chip.width()), high - self.chip.height() if is_below else 10)
        taken = self.chip.height() + 6 if is_below and self.chip.isVisibleTo(self.canvas) else 0
        self.note.move(max(0, wide - self.note.width()), high - self.note.height() - taken)
