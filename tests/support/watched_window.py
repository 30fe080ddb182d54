"""The real window, with an onlooker that writes down what it shows and where, so that a test can aim its mouse.

`python watched_window.py STATE.json HOME [FILES…]`. The program is untouched: a timer reads the session and the widgets
and replaces the file five times a second. Points are screen pixels.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from PySide6.QtCore import QObject, QPoint, QSettings, QTimer, Slot  # noqa: E402 - the checkout has to be found first
from PySide6.QtWidgets import (  # noqa: E402
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QTabBar,
    QWidget,
)

from app import bootstrap  # noqa: E402
from app.bridge.background import wait_for_background  # noqa: E402
from app.canvas.scene import State  # noqa: E402
from app.kit.settings import Settings  # noqa: E402
from app.shell.rail import StationButton  # noqa: E402

# They belong into the children: importing torch alone froze a window for most of a second.
_HEAVY = {"torch", "numba", "networkx", "networkit", "sklearn"}


class Onlooker(QObject):
    """Writes the state file."""

    def __init__(self, start: bootstrap.Start, path: Path) -> None:
        super().__init__()
        self._start = start
        self._path = path
        self._said: list[str] = []
        start.session.notice.connect(self._on_notice)
        self._timer = QTimer(self)
        self._timer.setInterval(200)
        self._timer.timeout.connect(self._on_tick)
        start.window.shown_whole.connect(self._on_whole)

    def stop(self) -> None:
        self._timer.stop()

    @Slot()
    def _on_whole(self) -> None:
        """Begin to look once every view is there."""
        self._on_tick()
        self._timer.start()

    @Slot(object)
    def _on_notice(self, message: Any) -> None:
        self._said.append(f"{message.level}: {message.text}")

    @Slot()
    def _on_tick(self) -> None:
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(self._state()), encoding="utf-8")
        part.replace(self._path)

    def _state(self) -> dict[str, Any]:
        window, session = self._start.window, self._start.session
        live = session.training.live
        return {
            "station": window.station,
            "dialog": any(dialog.isVisible() for dialog in window.findChildren(QFileDialog)),
            "importing": session.importing.is_ready,
            "nodes": session.dataset.num_nodes if session.dataset is not None else 0,
            "positions": session.positions is not None,
            "embedding": session.embedding is not None,
            "target": session.draft.target,
            "busy": [job.kind for job in session.jobs.active()],
            "running": session.training.is_running,
            "epochs": sum(len(points) for curve in live.curves.values() for points in curve.values()) if live else 0,
            "run": str(session.run.folder) if session.run is not None else "",
            "verdict": str(session.run.metrics.get("verdict") or "") if session.run is not None else "",
            "predictions": session.run is not None and session.run.predictions is not None,
            "current": session.selection.current,
            "written": window.docks.views["export"].path.text(),
            "selected": session.selection.indices().tolist(),
            "graph": self._lit("graph"),
            "embedded": self._lit("embedding"),
            "rows": self._rows(),
            "buttons": self._points(QAbstractButton),
            "fields": self._points(QLineEdit),
            "cells": self._cells(),
            "places": self._places(),
            "tabs": self._tabs(),
            "menu": _menu(),
            "hidden": int(session.selection.hidden.sum()),
            "columns": session.own_columns.names(),
            "lasso": _middle(window.docks.views["graph"].panel.strip.buttons["lasso"]),
            "structures": self._structures(),
            "boxes": {box.accessibleName(): _middle(box) for box in self._shown_boxes()},
            "chosen": {box.accessibleName(): box.currentText() for box in self._shown_boxes()},
            "explained": session.explaining.result is not None,
            "atoms": window.docks.views["explanation"].picture.isVisible(),
            "heavy": sorted(_HEAVY & set(sys.modules)),
            "said": self._said,
        }

    def _points(self, kind: type[QWidget]) -> dict[str, list[int]]:
        found = {}
        for widget in self._start.window.findChildren(kind):
            if widget.isVisible() and widget.isEnabled() and not isinstance(widget, StationButton):
                name = widget.text() if isinstance(widget, QAbstractButton) else widget.accessibleName()
                found[name or widget.accessibleName()] = _middle(widget)
        for button in self._start.window.findChildren(StationButton):
            found[f"station {button.text()}"] = _middle(button)
        return found

    def _lit(self, key: str) -> list[int]:
        scene = self._start.window.docks.views[key].panel.canvas.scene
        return [int(i) for i in (scene.state == State.SELECTED).nonzero()[0]] if scene is not None else []

    def _rows(self) -> int:
        view = self._start.window.docks.views["predictions"]
        return len(view.table.selectionModel().selectedRows()) if view.table.selectionModel() else 0

    def _places(self) -> dict[str, list[int]]:
        """Return where the selected nodes are on the graph canvas."""
        canvas = self._start.window.docks.views["graph"].panel.canvas
        if canvas.scene is None or not canvas.isVisible():
            return {}
        found = {}
        for node in self._start.session.selection.indices().tolist()[:500]:
            at = canvas.mapToGlobal(canvas.screen_point(node))
            found[str(node)] = [at.x(), at.y()]
        return found

    def _tabs(self) -> dict[str, list[int]]:
        found = {}
        for bar in self._start.window.findChildren(QTabBar):
            for number in range(bar.count()):
                if bar.isVisible():
                    at = bar.mapToGlobal(bar.tabRect(number).center())
                    found[bar.tabText(number)] = [at.x(), at.y()]
        return found

    def _structures(self) -> dict[str, Any]:
        """Return the order of the grid of structures, how many are drawn, and where its first cells are."""
        grid = self._start.window.docks.views["structures"].grid
        if not grid.isVisible() or not len(grid.order):
            return {"order": [], "drawn": 0, "at": []}
        middles = [grid.viewport().mapToGlobal(grid._rect(place).center()) for place in range(min(6, len(grid.order)))]
        size = self._start.window.docks.views["structures"]._size()
        drawn = [item for item in grid.on_screen() if self._start.session.drawings.get(item, size)]
        return {"order": grid.order.tolist(), "drawn": len(drawn), "at": [[at.x(), at.y()] for at in middles]}

    def _shown_boxes(self) -> list[QComboBox]:
        boxes = self._start.window.findChildren(QComboBox)
        return [box for box in boxes if box.isVisible() and box.isEnabled()]

    def _cells(self) -> dict[str, list[int]]:
        """Return the middle of each confusion cell that holds somebody."""
        view = self._start.window.docks.views["confusion"]
        if not view.grid.isVisible() or getattr(view, "_confusion", None) is None:
            return {}
        counts = view._confusion.counts
        shown = view.grid.visibleRegion().boundingRect()
        found = {}
        for i in range(len(counts)):
            for j in range(len(counts)):
                middle = view.grid.cell_rect(i, j).center().toPoint()
                if counts[i][j] and shown.contains(middle):
                    at = view.grid.mapToGlobal(middle)
                    found[f"{i},{j},{int(counts[i][j])}"] = [at.x(), at.y()]
        return found


def _menu() -> dict[str, list[int]]:
    """Return where the entries of the open menu are, by their texts without marks of letters."""
    menu = QApplication.activePopupWidget()
    if not isinstance(menu, QMenu):
        return {}
    points = {action.text(): menu.mapToGlobal(menu.actionGeometry(action).center()) for action in menu.actions()}
    return {text.replace("&", ""): [at.x(), at.y()] for text, at in points.items() if text}


def _middle(widget: QWidget) -> list[int]:
    at = widget.mapToGlobal(QPoint(widget.width() // 2, widget.height() // 2))
    return [at.x(), at.y()]


def main() -> int:
    """Open the window and stay until it is closed."""
    state, home, *files = sys.argv[1:]
    application = bootstrap.make_application(["kith"])
    settings = Settings(QSettings(str(Path(home) / "settings.ini"), QSettings.Format.IniFormat))
    start = bootstrap.Start([Path(name) for name in files], settings, Path(home))
    onlooker = Onlooker(start, Path(state))
    start.show()
    start.window.setGeometry(0, 0, 1600, 1000)
    code = application.exec()
    onlooker.stop()
    wait_for_background()
    return code


if __name__ == "__main__":
    raise SystemExit(main())
