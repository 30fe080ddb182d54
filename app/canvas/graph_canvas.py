"""The widget that shows a scene and is worked by mouse and keys; one for the graph and for scatters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.bridge.background import Background, Outcome
from app.canvas import labels as labelling
from app.canvas.frame import Frame, FrameCache, node_radius, radii, render
from app.canvas.legend import Legend
from app.canvas.look import Look, current_look
from app.canvas.painting import painting
from app.canvas.picking import in_polygon, in_rectangle, nearest
from app.canvas.scene import Scene, State
from app.canvas.viewport import Viewport, fitted
from app.kit import theme
from app.kit.plain import plain_tip
from app.kit.translate import tr

_AT_ONCE = 4_000  # nodes and edges together up to which a frame is drawn in place, in a few milliseconds
_MARGIN = 0.1  # share of the size drawn beyond each side, so that a drag does not show the rim at once
_REACH = 3.0  # pixels beside a node that still count as on it
_CLICK = 4.0  # pixels the pointer may move in a click
_STEP = 60  # pixels for one arrow key
_ZOOM = 1.25
_LEAST, _MOST = 0.05, 4000.0  # zoom relative to the fitted view
_MOST_SPOKES = 1500  # edges lit up around the node under the pointer


class Tool(Enum):
    """What dragging with the left button does."""

    PAN = "pan"
    RECTANGLE = "rectangle"
    LASSO = "lasso"


@dataclass(frozen=True, slots=True)
class Ask:
    """A wish to change the selection. `nodes`: node numbers, int64 [K]. `how`: replace, add or toggle."""

    nodes: NDArray[np.int64]
    how: str
    current: int | None = None


@dataclass(frozen=True, slots=True)
class ContextAsk:
    """A wish for the context menu. `node`: under the pointer, or None. `at`: on the screen."""

    node: int | None
    at: QPoint


@dataclass(slots=True)
class _Drag:
    """A drag under way: what it does, where it began, the points so far."""

    tool: Tool
    how: str
    start: QPointF
    last: QPointF
    path: list[QPointF]
    is_moving: bool = False


class GraphCanvas(QWidget):
    """Shows a scene: pan, zoom, pick, rectangle, lasso, search, legend, labels; it never changes the selection itself.

    Long frames are drawn in the background; until one is there the last picture is shown moved.
    """

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
        self.viewport = Viewport(0.0, 0.0, 1.0, max(1, self.width()), max(1, self.height()))
        self.tool = Tool.PAN
        self.shows_labels = True
        self.shows_legend = True
        self.frames_drawn = 0
        self._fit_scale = 1.0
        self._is_fitted = True
        self._frame: Frame | None = None
        self._asked: tuple[Scene, Viewport, Look] | None = None
        self._cache = FrameCache()
        self._names = labelling.LabelPainter()
        self._current: int | None = None
        self._hover: int | None = None
        self._drag: _Drag | None = None
        self._space = False
        self._background = Background(self)
        self._background.finished.connect(self._on_frame)
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
            self._frame = None
            self._background.drop()
            self.legend.hide()
            self.update()
            return
        if self._current is not None and self._current >= scene.num_nodes:
            self._current = None
        moved = before is None or before.xy is not scene.xy
        if moved:
            self._fit_scale = fitted(scene.bounds(), self.width(), self.height()).scale
        if fit or before is None or (moved and self._is_fitted):
            self.fit()
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
            self._fit_scale = fitted(self.scene.bounds(), self.width(), self.height()).scale
            self._look_from(fitted(self.scene.bounds(), self.width(), self.height()))
            self._is_fitted = True

    def fit_nodes(self, nodes: NDArray[np.int64]) -> None:
        """Show these nodes as large as fits, within reason."""
        if self.scene is None or not len(nodes):
            return
        points = self.scene.xy[nodes]
        points = points[np.isfinite(points).all(axis=1)]
        if not len(points):
            return
        low, high = points.min(axis=0), points.max(axis=0)
        close = fitted((float(low[0]), float(low[1]), float(high[0]), float(high[1])), self.width(), self.height())
        scale = min(close.scale, 12 * self._fit_scale) if len(points) > 1 else max(self.viewport.scale, self._fit_scale)
        self._look_from(Viewport(close.x, close.y, scale, self.width(), self.height()))

    def show_node(self, node: int) -> None:
        """Bring a node to the middle, near enough to see its surroundings, and ring it for a moment."""
        if self.scene is None or not np.isfinite(self.scene.xy[node]).all():
            return
        x, y = (float(value) for value in self.scene.xy[node])
        nearer = max(self.viewport.scale, min(6.0, max(1.0, self.scene.num_nodes**0.5 / 12)) * self._fit_scale)
        self._look_from(Viewport(x, y, nearer, self.width(), self.height()))
        self._current = node
        self._flash.start()
        self.update()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Magnify around a point, or around the middle."""
        point = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        scale = self.viewport.scale * factor
        low, high = _LEAST * self._fit_scale, _MOST * self._fit_scale
        factor *= min(max(scale, low), high) / scale
        self._look_from(self.viewport.zoomed(factor, point.x(), point.y()))

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by so many pixels."""
        self._look_from(self.viewport.panned(dx, dy))

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
        return self.scene is None or (self._is_true(self._frame) and not self._background.busy)

    def thinned(self) -> int:
        """Return how many nodes in sight are left out of the picture."""
        return self._frame.thinned if self._frame is not None else 0

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
            if self._draws_at_once() and not self._is_true(self._frame):
                self._take(render(self.scene, self.viewport, self._look(), self._usual_radius(), self._cache))
            self._draw_frame(painter)
            self._draw_overlay(painter)
            self._draw_drag(painter)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.colour("focus", 150), 1))
                painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the middle, or all of the scene where it was fitted."""
        self.viewport = self.viewport.resized(self.width(), self.height())
        if self._is_fitted:
            self.fit()
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
        self._background.drop()
        super().hideEvent(event)

    def showEvent(self, event: QEvent) -> None:
        """Draw what changed meanwhile."""
        super().showEvent(event)  # type: ignore[arg-type]  # Qt hands a QShowEvent
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
        tool, how = self._drag_tool(event.modifiers(), forced_pan=middle)
        self._drag = _Drag(tool, how, event.position(), event.position(), [event.position()])
        self._set_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or say what is under the pointer."""
        drag = self._drag
        if drag is None:
            self._hover_at(event.position(), event.globalPosition().toPoint())
            return
        moved = event.position() - drag.start
        drag.is_moving = drag.is_moving or abs(moved.x()) + abs(moved.y()) > _CLICK
        if not drag.is_moving:
            return
        if drag.tool == Tool.PAN:
            step = event.position() - drag.last
            self.pan(step.x(), step.y())
        else:
            drag.path.append(event.position())
            self.update()
        drag.last = event.position()

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
            self.selection_asked.emit(Ask(np.flatnonzero(self._caught(drag)), drag.how))
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
        arrows = {
            Qt.Key.Key_Left: (_STEP, 0),
            Qt.Key.Key_Right: (-_STEP, 0),
            Qt.Key.Key_Up: (0, _STEP),
            Qt.Key.Key_Down: (0, -_STEP),
        }
        zooms = {Qt.Key.Key_Plus: _ZOOM, Qt.Key.Key_Equal: _ZOOM, Qt.Key.Key_Minus: 1 / _ZOOM}
        tools = {Qt.Key.Key_V: Tool.PAN, Qt.Key.Key_R: Tool.RECTANGLE, Qt.Key.Key_L: Tool.LASSO}
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            super().keyPressEvent(event)
        elif key in arrows:
            self.pan(arrows[key][0] * far, arrows[key][1] * far)
        elif key in zooms:
            self.zoom(zooms[key])
        elif key in tools:
            self.set_tool(tools[key])
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

    def _look_from(self, viewport: Viewport) -> None:
        self.viewport = viewport
        self._is_fitted = False
        self._ask_frame()

    def _ask_frame(self) -> None:
        self.update()
        if self.scene is None or not self.isVisible() or self._draws_at_once():
            return
        scene, look, usual, cache = self.scene, self._look(), self._usual_radius(), self._cache
        viewport = self.viewport.grown(_MARGIN)
        asked = (scene, viewport, look)
        if self._is_true(self._frame) or (asked == self._asked and self._background.busy):
            return
        self._asked = asked
        # One call runs at a time, so the cache has one user.
        self._background.submit(lambda: render(scene, viewport, look, usual, cache))

    @Slot(object)
    def _on_frame(self, outcome: Outcome) -> None:
        if outcome.value is None or self.scene is None:
            return
        if outcome.value.scene.num_nodes == self.scene.num_nodes:
            self._take(outcome.value)
            self.update()
        if self.is_settled():
            self.frame_settled.emit()

    def _take(self, frame: Frame) -> None:
        self._frame = frame
        self.frames_drawn += 1

    def _is_true(self, frame: Frame | None) -> bool:
        """Whether a frame shows the present scene from the present place."""
        if frame is None or frame.scene is not self.scene or frame.look != self._look():
            return False
        return frame.viewport in (self.viewport, self.viewport.grown(_MARGIN))

    def _draws_at_once(self) -> bool:
        return self.scene is not None and self.scene.num_nodes + self.scene.num_edges <= _AT_ONCE

    def _draw_frame(self, painter: QPainter) -> None:
        frame = self._frame
        if frame is None or frame.look.ground != self._look().ground:
            return
        shown, view = frame.viewport, self.viewport
        grow = view.scale / shown.scale
        x = (shown.x - view.x) * view.scale + view.width / 2
        y = (view.y - shown.y) * view.scale + view.height / 2
        wide, high = shown.width * grow, shown.height * grow
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, grow != 1.0)
        if grow == 1.0:
            painter.drawImage(QPointF(round(x - wide / 2), round(y - high / 2)), frame.image)
        else:
            painter.drawImage(QRectF(x - wide / 2, y - high / 2, wide, high), frame.image)

    def _look(self) -> Look:
        return current_look(self.devicePixelRatioF())

    def _usual_radius(self) -> float:
        assert self.scene is not None
        return node_radius(self.scene, self.viewport, self._fit_scale)

    def _radii(self) -> NDArray[np.float32]:
        assert self.scene is not None
        return radii(self.scene, self._usual_radius())

    # On top of the frame

    def _draw_overlay(self, painter: QPainter) -> None:
        assert self.scene is not None
        points = self.viewport.to_screen(self.scene.xy)
        radius = self._radii()
        if self._hover is not None and self._drag is None:
            self._draw_spokes(painter, points)
        for node, width in ((self._hover, 1.6), (self._current, 2.2)):
            if node is not None and node < len(points) and np.isfinite(points[node]).all():
                self._draw_ring(painter, points[node], float(radius[node]), width)
        if self.shows_labels:
            self._names.draw(painter, self._labels(points, radius), self.font(), self._look())

    def _labels(self, points: NDArray[np.float32], radius: NDArray[np.float32]) -> list[labelling.Label]:
        assert self.scene is not None
        want = labelling.wanted(self.scene, points, self.width(), self.height())
        first = [node for node in (self._hover, self._current) if node is not None and node < len(points)]
        first = [node for node in dict.fromkeys(first) if np.isfinite(points[node]).all()]
        order = first + [int(node) for node in want.nodes if int(node) not in first]
        texts = [(node, str(self.scene.ids[node])) for node in order]
        bounds = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        metrics = QFontMetricsF(self.font())
        most = want.most + len(first)
        return labelling.place(texts, points, radius, metrics, bounds, most=most, strong=frozenset(first))

    def _draw_spokes(self, painter: QPainter, points: NDArray[np.float32]) -> None:
        """Light up the edges of the node under the pointer."""
        assert self.scene is not None
        ends = self.scene.edges
        if not len(ends):
            return
        mine = ends[(ends[:, 0] == self._hover) | (ends[:, 1] == self._hover)][:_MOST_SPOKES]
        shown = self.scene.visible()
        faint = min(1.0, (40 / max(1, len(mine))) ** 0.5)  # a hub must not become a blot
        painter.setPen(QPen(QColor(*self._look().highlight, round(40 + 150 * faint)), 1.0))
        for a, b in mine.tolist():
            if shown[a] and shown[b]:
                painter.drawLine(
                    QPointF(float(points[a, 0]), float(points[a, 1])), QPointF(float(points[b, 0]), float(points[b, 1]))
                )

    def _draw_ring(self, painter: QPainter, point: NDArray[np.float32], radius: float, width: float) -> None:
        away = radius + 2.5
        if self._flash.isActive():
            away += 3.0
        middle = QPointF(float(point[0]), float(point[1]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("window", 200), width + 2.2))
        painter.drawEllipse(middle, away, away)
        painter.setPen(QPen(theme.colour("text"), width))
        painter.drawEllipse(middle, away, away)

    def _draw_drag(self, painter: QPainter) -> None:
        drag = self._drag
        if drag is None or not drag.is_moving or drag.tool == Tool.PAN:
            return
        pen = QPen(theme.colour("focus"), 1.4)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(theme.colour("focus", 34))
        if drag.tool == Tool.RECTANGLE:
            painter.drawRect(QRectF(drag.start, drag.last).normalized())
        else:
            painter.drawPolygon(QPolygonF(drag.path))

    # The pointer

    def _drag_tool(self, modifiers: Qt.KeyboardModifier, *, forced_pan: bool) -> tuple[Tool, str]:
        """Return what a drag does and how it selects: Shift draws a rectangle and adds, Alt draws a lasso."""
        if forced_pan or self._space:
            return Tool.PAN, "replace"
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        alt = bool(modifiers & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier))
        how = "add" if shift else "replace"
        if alt:
            return Tool.LASSO, how
        if shift and self.tool == Tool.PAN:
            return Tool.RECTANGLE, how
        return self.tool, how

    def _caught(self, drag: _Drag) -> NDArray[np.bool_]:
        assert self.scene is not None
        points, shown = self.viewport.to_screen(self.scene.xy), self.scene.visible()
        if drag.tool == Tool.RECTANGLE:
            return in_rectangle(points, shown, drag.start.x(), drag.start.y(), drag.last.x(), drag.last.y())
        return in_polygon(points, shown, np.array([[p.x(), p.y()] for p in drag.path], dtype=np.float32))

    def _click(self, event: QMouseEvent) -> None:
        node = self.node_at(event.position())
        more = bool(event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
        if node is not None:
            self.selection_asked.emit(Ask(np.array([node]), "toggle" if more else "replace", node))
        elif not more:
            self.clear_asked.emit()

    def _hover_at(self, point: QPointF, on_screen: QPoint) -> None:
        node = self.node_at(point)
        if node != self._hover:
            self._set_hover(node)
            if node is not None and self.scene is not None:
                QToolTip.showText(on_screen, plain_tip(self._tip(node)), self)
            else:
                QToolTip.hideText()

    def _tip(self, node: int) -> str:
        assert self.scene is not None
        colouring = self.scene.colouring
        names = {one.code: one.text for one in colouring.legend}
        lines = [str(self.scene.ids[node])]
        if not colouring.is_ramp and int(colouring.codes[node]) in names:
            lines.append(f"{colouring.title}: {names[int(colouring.codes[node])]}")
        if self.scene.num_edges:
            ends = self.scene.edges
            lines.append(tr("Degree: {degree}", degree=int((ends == node).sum())))
        return "\n".join(lines)

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
        nodes = np.flatnonzero((self.scene.colouring.codes == code) & self.scene.visible())
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
