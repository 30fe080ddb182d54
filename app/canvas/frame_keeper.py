"""Keeps the newest picture of a scene: drawn in place when that is quick, in the background otherwise."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, QPointF, QRectF, QTimer, Signal, Slot
from PySide6.QtGui import QPainter

from app.bridge.array_process import ArrayProcess, ProcessGoneError
from app.bridge.background import Background, Outcome
from app.canvas.compiled import CompiledRenderer
from app.canvas.frame import Frame, FrameCache, render
from app.canvas.look import Look
from app.canvas.scene import Scene
from app.canvas.viewport import Viewport

_log = logging.getLogger(__name__)
AT_ONCE = 4_000  # nodes and edges together up to which a frame takes a few milliseconds
_MARGIN = 0.1  # share of the size drawn beyond each side, so that a drag does not show the rim at once
_TRIES = 3  # how often a renderer that broke is started anew


class FrameKeeper(QObject):
    """Asks for frames and shows the newest one where it belongs now, moved and scaled until a true one is there.

    Args: process: draws large scenes; until it is warm, and without one, they are drawn here, with fewer edges.
    """

    arrived = Signal()  # a frame was drawn in the background

    def __init__(self, parent: QObject, process: ArrayProcess | None = None) -> None:
        super().__init__(parent)
        self.frame: Frame | None = None
        self.count = 0
        self._cache = FrameCache()
        self._asked: tuple[Scene, Viewport, Look] | None = None
        self._usual = 1.0
        self._background = Background(self)
        self._background.finished.connect(self._on_frame)
        # A wheel that turns while one drags, or a view that is moved and magnified: one frame for all of it.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._on_soon)
        self._compiled = None if process is None else CompiledRenderer(process)
        self._tries = 0
        self._warming = Background(self)
        self._warming.finished.connect(self._on_warm)

    def want(self, scene: Scene, viewport: Viewport, look: Look, usual: float) -> None:
        """Ask for a frame in the background, unless it will be drawn in place. Args: usual: radius of a node."""
        if draws_at_once(scene) or self.is_true(scene, viewport, look):
            return
        wide = viewport.grown(_MARGIN)
        asked = (scene, wide, look)
        if asked == self._asked and self.is_busy:
            return
        self._asked = asked
        self._usual = usual
        self.warm_up()
        self._soon.start()

    def ensure(self, scene: Scene, viewport: Viewport, look: Look, usual: float) -> None:
        """Draw in place what is quick to draw."""
        if draws_at_once(scene) and not self.is_true(scene, viewport, look) and not self._background.busy:
            self._take(render(scene, viewport, look, usual, self._cache))

    def is_true(self, scene: Scene, viewport: Viewport, look: Look) -> bool:
        """Whether the picture shows this scene from this place."""
        frame = self.frame
        if frame is None or frame.scene is not scene or frame.look != look:
            return False
        return frame.viewport in (viewport, viewport.grown(_MARGIN))

    @property
    def is_busy(self) -> bool:
        """Whether a frame is on its way."""
        return self._background.busy or self._soon.isActive()

    @property
    def is_compiled(self) -> bool:
        """Whether the renderer's process draws."""
        return self._compiled is not None and self._compiled.is_ready

    def forget(self) -> None:
        """Have no picture."""
        self.frame = None
        self.rest()

    def rest(self) -> None:
        """Ask for nothing; what is being drawn is not told."""
        self._soon.stop()
        self._background.drop()
        self._asked = None

    def draw(self, painter: QPainter, view: Viewport, look: Look) -> None:
        """Show the newest picture. Args: view: from where one looks now."""
        frame = self.frame
        if frame is None or frame.look.ground != look.ground:
            return
        shown = frame.viewport
        grow = view.scale / shown.scale
        x = (shown.x - view.x) * view.scale + view.width / 2
        y = (view.y - shown.y) * view.scale + view.height / 2
        wide, high = shown.width * grow, shown.height * grow
        # A picture in motion is replaced before an eye sees its steps, and smoothing it takes four times as long.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        if grow == 1.0:
            painter.drawImage(QPointF(round(x - wide / 2), round(y - high / 2)), frame.image)
        else:
            painter.drawImage(QRectF(x - wide / 2, y - high / 2, wide, high), frame.image)

    def _drawn(self, scene: Scene, viewport: Viewport, look: Look, usual: float) -> Frame:
        """Draw a frame, in the background."""
        if self._compiled is not None and self._compiled.is_ready:
            try:
                return self._compiled.render(scene, viewport, look, usual)
            except ProcessGoneError:
                _log.exception("the renderer's process failed; the frame is drawn without it")
        return render(scene, viewport, look, usual, self._cache)

    def warm_up(self) -> None:
        """Start the renderer, unless that has failed too often."""
        if self._compiled is None or self._compiled.is_ready or self._warming.busy or self._tries >= _TRIES:
            return
        self._tries += 1
        self._warming.submit(self._compiled.warm)

    @Slot(object)
    def _on_warm(self, outcome: Outcome) -> None:
        """Draw anew what was drawn without the renderer."""
        if outcome.error is None:
            self._on_soon()

    @Slot()
    def _on_soon(self) -> None:
        """Have the frame drawn that was asked for last."""
        if self._asked is not None:
            (scene, wide, look), usual = self._asked, self._usual
            # One call runs at a time, so the cache and the renderer have one user.
            self._background.submit(lambda: self._drawn(scene, wide, look, usual))

    @Slot(object)
    def _on_frame(self, outcome: Outcome) -> None:
        if outcome.value is not None:
            self._take(outcome.value)
            self.arrived.emit()

    def _take(self, frame: Frame) -> None:
        self.frame = frame
        self.count += 1


def draws_at_once(scene: Scene) -> bool:
    """Whether a scene is small enough to be drawn while Qt waits."""
    return scene.num_nodes + scene.num_edges <= AT_ONCE
