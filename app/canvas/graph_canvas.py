"""The widget that shows a scene; one for the graph and for scatters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.bridge.array_process import ArrayProcess
from app.canvas import keyboard
from app.canvas.ahead import Ahead
from app.canvas.carrying import Carrying
from app.canvas.compiled import draw_once
from app.canvas.figure import Figure
from app.canvas.frame import Frame
from app.canvas.frame_keeper import AT_ONCE, FrameKeeper
from app.canvas.gestures import Ask, ContextAsk, Tool
from app.canvas.legend import Legend
from app.canvas.legend_page import Worn
from app.canvas.look import Look, current_look
from app.canvas.looking import Looking
from app.canvas.overlay import OnTop, Overlay
from app.canvas.painting import painting
from app.canvas.pointer import Pointer
from app.canvas.scene import Reasons, Scene
from app.canvas.viewport import Viewport
from app.canvas.words import scene_in_words
from app.kit import theme
from app.kit.translate import tr

_BESIDE = 0.4  # share of the width that may be left to the legend


class GraphCanvas(Looking):
    """Shows a scene: pan, zoom, pick, rectangle, lasso, search, legend, labels; it never changes the selection itself.

    Long frames are drawn in the background; until one is there the last picture is shown moved.

    Args: process: draws large scenes; None draws them here. moves_nodes: whether nodes can be put elsewhere.
    """

    spoken_role = QAccessible.Role.Graphic
    selection_asked = Signal(object)  # Ask
    current_asked = Signal(object)  # int
    clear_asked = Signal()
    move_asked = Signal(object)  # MoveAsk
    context_asked = Signal(object)  # ContextAsk
    hovered = Signal(object)  # int | None
    tool_changed = Signal(object)  # Tool
    frame_settled = Signal()  # the picture is a true frame of the present view

    def __init__(
        self, parent: QWidget | None = None, *, process: ArrayProcess | None = None, moves_nodes: bool = False
    ) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Graph canvas"))
        self.tool = Tool.PAN
        self.shows_labels = True
        self.shows_legend = True
        self.moves_nodes = moves_nodes
        self.pointer = Pointer(self)
        self.carrying = Carrying(self)
        self._ahead = Ahead()
        self._pins: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._process = process
        self._frames = FrameKeeper(self, process)
        self._frames.arrived.connect(self._on_frame)
        self._overlay = Overlay()
        self._reasons: Reasons | None = None
        self.legend = Legend(self)
        self.legend.chosen.connect(self._on_legend)

    # What is shown

    def set_scene(self, scene: Scene | None, *, fit: bool = False) -> None:
        """Show another scene. Args: fit: show all of it; otherwise the view stays, unless it was fitted."""
        before = self.scene
        self.scene = scene = self.carrying.over(scene)
        self.pointer.hover = self.pointer.echo = None
        self._picker.look_at(None if scene is None else scene.xy)
        if scene is None:
            self._frames.forget()
            self.legend.hide()
            self.update()
            return
        if self.current is not None and self.current >= scene.num_nodes:
            self.current = None
        self.legend.show_scene(scene)
        self._place_legend()
        moved = before is None or before.xy is not scene.xy
        if fit or before is None or (moved and self._camera.is_fitted):
            self._camera.fit(scene)
        elif moved:
            self._camera.measure(scene)
        self._describe()
        self._ask_frame()

    def expect(self, items: int) -> None:
        """Get ready for a scene that is on its way. Args: items: nodes and edges together."""
        if items > AT_ONCE:
            self._frames.warm_up()

    def set_state(self, state: NDArray[np.uint8]) -> None:
        """Show other states: selection, dimming, hiding. Args: state: `State`, uint8 [N]."""
        if self.scene is not None:
            self.scene = self.carrying.over(self.carrying.base(self.scene).with_state(state))
            self._describe()
            self._ask_frame()

    def set_current(self, node: int | None) -> None:
        """Ring the node one looks at, and tell a screen reader which it is."""
        super().set_current(node)
        self._describe()

    def set_pins(self, nodes: NDArray[np.int64]) -> None:
        """Mark pinned nodes. Args: nodes: their numbers, int64 [K]."""
        self._pins = nodes
        self._describe()
        self.update()

    def show_carried(self, scene: Scene) -> None:
        """Show nodes where they are held; of a large scene only they are drawn anew."""
        self.scene = scene
        self._camera.is_fitted = False  # what one aims at must not slip away when it is let go
        self.update()

    def set_reasons(self, reasons: Reasons | None) -> None:
        """Draw the edges that counted for a prediction on top; None draws none."""
        self._reasons = reasons
        self.update()

    def set_tool(self, tool: Tool) -> None:
        """Choose what dragging does."""
        if tool != self.tool:
            self.tool = tool
            self.pointer.set_cursor()
            self.tool_changed.emit(tool)

    def set_legend(self, shown: bool) -> None:
        """Show or hide the legend."""
        self.shows_legend = shown
        self._place_legend()
        if self._camera.is_fitted:
            self.fit()

    def set_labels(self, shown: bool) -> None:
        """Show or hide names."""
        self.shows_labels = shown
        self.update()

    # What is told

    def in_words(self, node: int) -> str:
        """Return what there is to say about a node, line by line."""
        if self.scene is None:
            return ""
        words = self._overlay.in_words(self.scene, node)
        return "\n".join([words, tr("Pinned")]) if node in self._pins else words

    def figure(self) -> Figure | None:
        """Return what is on screen as a figure; None where nothing is."""
        if self.scene is None or self._frames.frame is None:
            return None
        labels = self._overlay.labels(self._on_top(self.scene), QRectF(self.rect()), self.font())
        at = (self.legend.where.x(), self.legend.where.y()) if self.legend.isVisibleTo(self) else None
        usual = self._camera.usual_radius(self.scene)
        names = tuple(labels) if self.shows_labels else ()
        return Figure(self.scene, self.viewport, self._look(), usual, self.font(), names, at)

    def draw_frame(self, scene: Scene, view: Viewport, look: Look, usual: float) -> Frame:
        """Draw a frame for a figure; from any thread."""
        return draw_once(self._process, scene, view, look, usual)

    def is_settled(self) -> bool:
        """Whether the picture is a true frame of the present view."""
        if self.scene is None:
            return True
        return self._frames.is_true(self.scene, self.viewport, self._look()) and not self._frames.is_busy

    def thinned(self) -> int:
        """Return how many nodes in sight are left out of the picture."""
        return self._frames.frame.thinned if self._frames.frame is not None else 0

    def edges_drawn(self) -> int:
        """Return about how many of the scene's edges are in the picture."""
        frame = self._frames.frame
        return 0 if frame is None else -(-frame.scene.num_edges // frame.edge_step)

    @property
    def frames_drawn(self) -> int:
        """How many true frames there were so far."""
        return self._frames.count

    # Qt's events

    def sizeHint(self) -> QSize:
        """Ask for a comfortable size."""
        return QSize(720, 540)

    def minimumSizeHint(self) -> QSize:
        """Be content with little."""
        return QSize(160, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the newest picture where it belongs now, then what lies on top of it."""
        with painting(self) as painter:
            painter.fillRect(self.rect(), theme.colour("window"))
            if self.scene is None:
                return
            look = self._look()
            self._frames.ensure(self.scene, self.viewport, look, self._camera.usual_radius(self.scene))
            self._frames.draw(painter, self.viewport, look)
            if self._frames.frame is not None:
                self._ahead.draw(
                    painter, self._frames.frame, self.scene, self.viewport, self._camera.usual_radius(self.scene), look
                )
                self._overlay.draw(painter, self._on_top(self.scene), QRectF(self.rect()), self.font(), look)
            if self.pointer.drag is not None:
                self.pointer.drag.draw(painter)
            if self.hasFocus():
                # Four bars: a frame drawn as one outline costs more than the picture in it.
                wide, high, colour = self.width(), self.height(), theme.colour("focus", 150)
                for bar in ((0, 0, wide, 1), (0, high - 1, wide, 1), (0, 1, 1, high - 2), (wide - 1, 1, 1, high - 2)):
                    painter.fillRect(*bar, colour)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the middle, or all of the scene where it was fitted."""
        self._place_legend()
        self._camera.resize(self.width(), self.height(), self.scene)
        self._ask_frame()

    def changeEvent(self, event: QEvent) -> None:
        """Draw anew with another theme."""
        if event.type() == QEvent.Type.StyleChange:
            self._place_legend()
            self._ask_frame()
        super().changeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave nothing pending."""
        self._frames.rest()
        self._rest.stop()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what changed meanwhile."""
        super().showEvent(event)
        self._ask_frame()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that it is gone."""
        self.pointer.set_space(False)
        self.update()
        super().focusOutEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        turn = event.angleDelta().y() or event.angleDelta().x()
        self.zoom(keyboard.ZOOM ** (turn / 120.0), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag or a click."""
        self.pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or say what is under the pointer."""
        self.pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag or a click."""
        self.pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go nearer to a node."""
        node = self.node_at(event.position())
        if node is not None:
            self.show_node(node)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        self.pointer.leave()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the node under the pointer; from the keyboard, of the current node."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        node = self.current if by_key else self.node_at(QPointF(event.pos()))
        at = self.mapToGlobal(self.screen_point(node)) if by_key and node is not None else event.globalPos()
        self.context_asked.emit(ContextAsk(node, at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the key asks for, see `keyboard.press`."""
        if not keyboard.press(self, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space ends panning."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.pointer.set_space(False)
        super().keyReleaseEvent(event)

    # Frames

    def _make_room(self) -> None:
        self._place_legend()

    def _move(self) -> None:
        super()._move()
        self._ask_frame()

    def _ask_frame(self) -> None:
        self.update()
        if self.scene is not None and self.isVisible():
            self._frames.want(self.scene, self.viewport, self._look(), self._camera.usual_radius(self.scene))

    @Slot()
    def _on_frame(self) -> None:
        frame = self._frames.frame
        if self.scene is None or frame is None:
            return
        if frame.scene.num_nodes != self.scene.num_nodes:
            self._frames.forget()
            self._ask_frame()
            return
        self.update()
        if self.is_settled():
            self.frame_settled.emit()

    def _look(self) -> Look:
        return current_look(self.devicePixelRatioF())

    def _on_top(self, scene: Scene) -> OnTop:
        return OnTop(
            scene,
            self.viewport,
            self._camera.usual_radius(scene),
            self._picker,
            (QRectF(self.legend.geometry()),) if self.legend.isVisible() else (),
            self.pointer.marked,
            self.current,
            flashes=self._flash.isActive(),
            names=self.shows_labels,
            moving=self._rest.isActive() or self.carrying.is_busy,
            drags=self.pointer.drag is not None,
            reasons=self._reasons,
            pins=self._pins[self._pins < scene.num_nodes],
        )

    @Slot(object)
    def _on_legend(self, asked: tuple[Worn, bool]) -> None:
        if self.scene is not None:
            worn, add = asked
            nodes = np.flatnonzero(worn.by(self.scene) & self.scene.visible())
            self.selection_asked.emit(Ask(nodes, "add" if add else "replace"))

    def _place_legend(self) -> None:
        self.legend.setVisible(self.scene is not None and self.shows_legend and self.legend.explains)
        self.legend.place(self.size())
        # Everything is shown beside the legend where that leaves most of the width.
        beside = (
            self.legend.geometry().right() + 1 if self.legend.isVisibleTo(self) and not self.legend.was_moved else 0
        )
        self._camera.beside = beside if beside < _BESIDE * self.width() else 0

    def _describe(self) -> None:
        """Tell a screen reader what is shown."""
        if self.scene is None:
            return
        words = scene_in_words(self.scene, "" if self.current is None else self.in_words(self.current))
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
