"""The widget that shows a scene and is worked by mouse and keys; one for the graph and for scatters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.canvas.camera import Camera
from app.canvas.frame import radii
from app.canvas.frame_keeper import FrameKeeper
from app.canvas.gestures import MORE, Ask, ContextAsk, Drag, Tool, begin
from app.canvas.legend import Legend
from app.canvas.look import Look, current_look
from app.canvas.overlay import OnTop, Overlay, in_words
from app.canvas.painting import painting
from app.canvas.picking import nearest
from app.canvas.scene import Reasons, Scene, State
from app.canvas.viewport import Viewport
from app.kit import theme
from app.kit.plain import plain_tip
from app.kit.translate import tr

_REACH = 3.0  # pixels beside a node that still count as on it
_STEP = 60  # pixels for one arrow key
_ZOOM = 1.25
_ARROWS = {
    Qt.Key.Key_Left: (_STEP, 0),
    Qt.Key.Key_Right: (-_STEP, 0),
    Qt.Key.Key_Up: (0, _STEP),
    Qt.Key.Key_Down: (0, -_STEP),
}
_ZOOMS = {Qt.Key.Key_Plus: _ZOOM, Qt.Key.Key_Equal: _ZOOM, Qt.Key.Key_Minus: 1 / _ZOOM}
_TOOLS = {Qt.Key.Key_V: Tool.PAN, Qt.Key.Key_R: Tool.RECTANGLE, Qt.Key.Key_L: Tool.LASSO}


class GraphCanvas(QWidget):
    """Shows a scene: pan, zoom, pick, rectangle, lasso, search, legend, labels; it never changes the selection itself.

    Long frames are drawn in the background; until one is there the last picture is shown moved.
    """

    spoken_role = QAccessible.Role.Graphic
    selection_asked = Signal(object)  # Ask
    clear_asked = Signal()
    context_asked = Signal(object)  # ContextAsk
    hovered = Signal(object)  # int | None
    tool_changed = Signal(object)  # Tool
    frame_settled = Signal()  # the picture is a true frame of the present view

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Graph canvas"))
        self.scene: Scene | None = None
        self._camera = Camera(self.width(), self.height())
        self.tool = Tool.PAN
        self.shows_labels = True
        self.shows_legend = True
        self._frames = FrameKeeper(self)
        self._frames.arrived.connect(self._on_frame)
        self._overlay = Overlay()
        self._current: int | None = None
        self._hover: int | None = None
        self._reasons: Reasons | None = None
        self._drag: Drag | None = None
        self._space = False
        self._flash = QTimer(self)
        self._flash.setSingleShot(True)
        self._flash.setInterval(1600)
        self._flash.timeout.connect(self.update)
        self.legend = Legend(self)
        self.legend.chosen.connect(self._on_legend)

    # What is shown

    def set_scene(self, scene: Scene | None, *, fit: bool = False) -> None:
        """Show another scene. Args: fit: show all of it; otherwise the view stays, unless it was fitted."""
        before = self.scene
        self.scene = scene
        self._hover = None
        if scene is None:
            self._frames.forget()
            self.legend.hide()
            self.update()
            return
        if self._current is not None and self._current >= scene.num_nodes:
            self._current = None
        moved = before is None or before.xy is not scene.xy
        if moved:
            self._camera.measure(scene)
        if fit or before is None or (moved and self._camera.is_fitted):
            self._camera.fit(scene)
        self.legend.show_colouring(scene.colouring)
        self._place_legend()
        self._describe()
        self._ask_frame()

    def set_state(self, state: NDArray[np.uint8]) -> None:
        """Show other states: selection, dimming, hiding. Args: state: `State`, uint8 [N]."""
        if self.scene is not None:
            self.scene = self.scene.with_state(state)
            self._describe()
            self._ask_frame()

    def set_current(self, node: int | None) -> None:
        """Ring the node one looks at."""
        if node != self._current:
            self._current = node
            self.update()

    def set_reasons(self, reasons: Reasons | None) -> None:
        """Draw the edges that counted for a prediction on top; None draws none."""
        self._reasons = reasons
        self.update()

    def set_tool(self, tool: Tool) -> None:
        """Choose what dragging does."""
        if tool != self.tool:
            self.tool = tool
            self._set_cursor()
            self.tool_changed.emit(tool)

    def set_legend(self, shown: bool) -> None:
        """Show or hide the legend."""
        self.shows_legend = shown
        self._place_legend()

    def set_labels(self, shown: bool) -> None:
        """Show or hide names."""
        self.shows_labels = shown
        self.update()

    # Where it is looked at from

    @Slot()
    def fit(self) -> None:
        """Show everything."""
        if self.scene is not None:
            self._camera.fit(self.scene)
            self._ask_frame()

    def fit_nodes(self, nodes: NDArray[np.int64]) -> None:
        """Show these nodes as large as fits, within reason."""
        if self.scene is not None and len(nodes):
            self._camera.fit_nodes(self.scene, nodes)
            self._ask_frame()

    def show_node(self, node: int) -> None:
        """Bring a node to the middle and ring it for a moment."""
        if self.scene is not None and np.isfinite(self.scene.xy[node]).all():
            self._camera.show_node(self.scene, node)
            self._current = node
            self._flash.start()
            self._ask_frame()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Magnify around a point, or around the middle."""
        point = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        self._camera.zoom(factor, point.x(), point.y())
        self._ask_frame()

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by so many pixels."""
        self._camera.pan(dx, dy)
        self._ask_frame()

    @property
    def viewport(self) -> Viewport:
        """What is on screen."""
        return self._camera.view

    def screen_point(self, node: int) -> QPoint:
        """Return where a node is, in the widget's pixels."""
        assert self.scene is not None
        x, y = self.viewport.to_screen(self.scene.xy[node : node + 1])[0]
        return QPoint(round(float(x)), round(float(y)))

    def node_at(self, point: QPointF) -> int | None:
        """Return the node under a point of the widget."""
        if self.scene is None:
            return None
        points = self.viewport.to_screen(self.scene.xy)
        return nearest(points, self._radii(), self.scene.visible(), point.x(), point.y(), _REACH)

    def is_settled(self) -> bool:
        """Whether the picture is a true frame of the present view."""
        if self.scene is None:
            return True
        return self._frames.is_true(self.scene, self.viewport, self._look()) and not self._frames.is_busy

    def thinned(self) -> int:
        """Return how many nodes in sight are left out of the picture."""
        return self._frames.frame.thinned if self._frames.frame is not None else 0

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
                self._overlay.draw(painter, self._on_top(self.scene), QRectF(self.rect()), self.font(), look)
            if self._drag is not None:
                self._drag.draw(painter)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.colour("focus", 150), 1))
                painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the middle, or all of the scene where it was fitted."""
        self._camera.resize(self.width(), self.height(), self.scene)
        self._place_legend()
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
        self._space = False
        self.update()
        super().focusOutEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        turn = event.angleDelta().y() or event.angleDelta().x()
        self.zoom(_ZOOM ** (turn / 120.0), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag or a click."""
        middle = event.button() == Qt.MouseButton.MiddleButton
        if event.button() != Qt.MouseButton.LeftButton and not middle:
            return
        QToolTip.hideText()
        self._drag = begin(self.tool, event.modifiers(), event.position(), pans=middle or self._space)
        self._set_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or say what is under the pointer."""
        if self._drag is None:
            self._hover_at(event.position(), event.globalPosition().toPoint())
            return
        step = self._drag.move(event.position())
        if self._drag.tool == Tool.PAN and self._drag.is_moving:
            self.pan(step.x(), step.y())
        else:
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag: select what it caught; or answer a click."""
        drag, self._drag = self._drag, None
        self._set_cursor()
        if drag is None or self.scene is None:
            return
        if not drag.is_moving:
            if event.button() == Qt.MouseButton.LeftButton:
                self._click(event)
        elif drag.tool != Tool.PAN:
            caught = drag.caught(self.viewport.to_screen(self.scene.xy), self.scene.visible())
            self.selection_asked.emit(Ask(caught, drag.how))
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go nearer to a node."""
        node = self.node_at(event.position())
        if node is not None:
            self.show_node(node)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        self._set_hover(None)
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the node under the pointer; from the keyboard, of the current node."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        node = self._current if by_key else self.node_at(QPointF(event.pos()))
        at = self.mapToGlobal(self.screen_point(node)) if by_key and node is not None else event.globalPos()
        self.context_asked.emit(ContextAsk(node, at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows pan, + and - zoom, F and Home fit, Z zooms to the selection, V R L choose the tool, Esc clears."""
        key = Qt.Key(event.key())
        far = 4 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            super().keyPressEvent(event)
        elif key in _ARROWS:
            self.pan(_ARROWS[key][0] * far, _ARROWS[key][1] * far)
        elif key in _ZOOMS:
            self.zoom(_ZOOMS[key])
        elif key in _TOOLS:
            self.set_tool(_TOOLS[key])
        elif key in (Qt.Key.Key_F, Qt.Key.Key_Home):
            self.fit()
        elif key == Qt.Key.Key_Z and self.scene is not None:
            self.fit_nodes(np.flatnonzero(self.scene.state == State.SELECTED))
        elif key == Qt.Key.Key_Space:
            self._space = True
            self._set_cursor()
        elif key == Qt.Key.Key_Escape:
            self._escape()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space ends panning."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._set_cursor()
        super().keyReleaseEvent(event)

    # Frames

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

    def _radii(self) -> NDArray[np.float32]:
        assert self.scene is not None
        return radii(self.scene, self._camera.usual_radius(self.scene))

    def _on_top(self, scene: Scene) -> OnTop:
        return OnTop(
            scene,
            self.viewport.to_screen(scene.xy),
            self._radii(),
            self._hover,
            self._current,
            flashes=self._flash.isActive(),
            names=self.shows_labels,
            still=self._drag is None,
            reasons=self._reasons,
        )

    # The pointer

    def _click(self, event: QMouseEvent) -> None:
        node = self.node_at(event.position())
        more = bool(event.modifiers() & MORE)
        if node is not None:
            self.selection_asked.emit(Ask(np.array([node]), "toggle" if more else "replace", node))
        elif not more:
            self.clear_asked.emit()

    def _hover_at(self, point: QPointF, on_screen: QPoint) -> None:
        node = self.node_at(point)
        if node != self._hover:
            self._set_hover(node)
            if node is not None and self.scene is not None:
                QToolTip.showText(on_screen, plain_tip(in_words(self.scene, node)), self)
            else:
                QToolTip.hideText()

    def _set_hover(self, node: int | None) -> None:
        if node != self._hover:
            self._hover = node
            self._set_cursor()
            self.hovered.emit(node)
            self.update()

    def _set_cursor(self) -> None:
        if self._drag is not None and self._drag.tool == Tool.PAN:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._space:
            shape = Qt.CursorShape.OpenHandCursor
        elif self.tool != Tool.PAN:
            shape = Qt.CursorShape.CrossCursor
        elif self._hover is not None:
            shape = Qt.CursorShape.PointingHandCursor
        else:
            shape = Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def _escape(self) -> None:
        if self._drag is not None:
            self._drag = None
            self._set_cursor()
            self.update()
        else:
            self.clear_asked.emit()

    @Slot(object)
    def _on_legend(self, asked: tuple[int, bool]) -> None:
        if self.scene is None:
            return
        code, add = asked
        nodes = np.flatnonzero(self.scene.colouring.wearers(code) & self.scene.visible())
        self.selection_asked.emit(Ask(nodes, "add" if add else "replace"))

    def _place_legend(self) -> None:
        explains = self.scene is not None and bool(self.scene.colouring.legend)
        self.legend.setVisible(explains and self.shows_legend)
        self.legend.fit_into(self.height())
        self.legend.move(12, max(12, self.height() - self.legend.height() - 12))

    def _describe(self) -> None:
        """Tell a screen reader what is shown."""
        assert self.scene is not None
        selected = int((self.scene.state == State.SELECTED).sum())
        words = tr("{nodes} nodes, {edges} edges", nodes=self.scene.num_nodes, edges=self.scene.num_edges)
        self.setAccessibleDescription(f"{words}; " + tr("{count} selected", count=selected))
