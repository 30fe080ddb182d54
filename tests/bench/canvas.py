"""How fast the canvas draws, beside pyqtgraph: `python -m tests.bench.canvas [--pairs 5] [--case 100k|million]`.

The graph: 100,000 nodes and 400,000 edges (or 1M and 3M) in 60 clouds whose middles are normal with deviation 6 and
whose own deviations lie between 0.3 and 0.9; 92 % of the edges lead to one of the 30 nodes that follow in the cloud
from left to right, 8 % anywhere. Nodes have one of eight colours. The widget is 1000 by 800 pixels, offscreen, one
pixel a device-independent one, no names and no legend. Every variant runs in a process of its own, in turns.

- *true full frame*: from a change of the view (a small move and a zoom, so that nothing can be used again) until the
  widget has painted the true picture of it. Ours draws in another process and is waited for with the event loop
  running; the peers draw inside `repaint`.
  `cpu_frame_s` is the processor time of one, that of our drawing process included: where other work goes on beside a
  measurement, it is what can be compared.
- *recolour all*: every node gets another colour, in turns, and edges follow where they have one; until painted.
- *moving*: 2 s of one pan of some pixels every 16 ms, as a hand does it. `seconds` is the time of a whole paint event,
  which shows the last true picture moved (the median; `paint_p95_ms`); `true_every_ms` the longest time between two
  true frames; `settled_ms` how long after the last pan the true one was there.
- *event loop*: the largest gap between two ticks of a 1 ms timer while the graph is opened, and while it moves.
- *click, lasso*: a click at a random node, and a circle of 60 points around half of the nodes, with the index there;
  the time until the nodes are known. `index_s` is how long the index takes, in a thread.

Peers: pyqtgraph's GraphItem, and its ScatterPlotItem with a PlotCurveItem that connects pairs, colours shared among
brushes. GraphItem takes one brush for its first drawing, since one for each node takes it seconds more.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bench.bars import Bar, Lines
from tests.bench.pairs import RESULTS, Variant, compare, measured

SIZES = {"100k": (100_000, 400_000), "million": (1_000_000, 3_000_000)}
_WIDTH, _HEIGHT = 1000, 800
_FRAMES = 12
_COMMAND = "python -m tests.bench.canvas"
_STEPS = ((6.0, 2.0), (-2.0, 5.0), (-6.0, -2.0), (2.0, -5.0))  # pixels
_MOVING_S, _EVERY_S = 2.0, 0.016
_LASSO = 190.0  # radius in pixels
_COLOURS = (
    (86, 156, 214),
    (255, 159, 67),
    (46, 204, 113),
    (231, 76, 60),
    (155, 89, 182),
    (241, 196, 15),
    (26, 188, 156),
    (236, 112, 160),
)


def _than(work: str, case: str, variant: str, must: float, aim: float) -> Bar:
    return Bar(work, must, aim, lambda lines: lines.faster("canvas", case, variant), _COMMAND, "canvas")


def _less_work(work: str, case: str, variant: str, must: float, aim: float) -> Bar:
    """Return a bar for the processor time of a frame, which other work beside a measurement changes less."""

    def measure(lines: Lines) -> float | None:
        return lines.share("canvas", case, variant, "kith", "cpu_frame_s")

    return Bar(work, must, aim, measure, _COMMAND, "canvas")


def _at_most(work: str, case: str, name: str, must: float, aim: float, unit: str = "ms", times: float = 1.0) -> Bar:
    def measure(lines: Lines) -> float | None:
        found = lines.get("canvas", case, "kith", name)
        return None if found is None else times * found

    return Bar(work, must, aim, measure, _COMMAND, "canvas", unit, is_least=False)


_SMALL, _RECOLOUR, _MOVING = (f"100k, {work}" for work in ("frame", "recolour", "moving"))
BARS = (
    _than("100k nodes, 400k edges, true full frame against GraphItem: times faster", _SMALL, "GraphItem", 3.5, 6),
    _than("the same against scatter and pairs: times faster", _SMALL, "scatter and pairs", 1.4, 2.5),
    _less_work("a frame's processor time, all processes, by GraphItem's: times less", _SMALL, "GraphItem", 3.5, 6),
    _less_work("the same by that of scatter and pairs: times less", _SMALL, "scatter and pairs", 1.4, 2.5),
    _than("recolour all, against GraphItem: times faster", _RECOLOUR, "GraphItem", 80, 100),
    _than("the same against scatter and pairs: times faster", _RECOLOUR, "scatter and pairs", 4, 6),
    _at_most("100k, while moving: a frame (the last picture moved)", _MOVING, "seconds", 10, 10, times=1000),
    _at_most("the same: longest time between true frames", _MOVING, "true_every_ms", 120, 60),
    _at_most("the same: true frame after the last input", _MOVING, "settled_ms", 100, 100),
    _at_most("1M nodes, 3M edges, true frame", "million, frame", "seconds", 1.3, 0.7, "s"),
    _at_most("the same, while moving: a frame", "million, moving", "seconds", 16, 16, times=1000),
    _at_most("the same: longest gap in the event loop while it opens", "million, moving", "gap_opening_ms", 50, 50),
    _at_most("the same: longest gap while it moves", "million, moving", "gap_moving_ms", 50, 50),
    _at_most("a click at 1M nodes (the slowest of 50)", "million, moving", "click_ms", 5, 5),
    _at_most("a lasso of 60 points at 1M nodes", "million, moving", "lasso_ms", 100, 100),
)


def main() -> None:
    """Compare both sizes, or the one that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--case", choices=[*SIZES, "both"], default="both")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    offscreen = {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": "1"}
    for case in SIZES if given.case == "both" else (given.case,):
        nodes, edges = SIZES[case]
        size = {"nodes": nodes, "edges": edges}
        for work in ("frame", "recolour"):
            variants = [Variant("kith", ours, size | {"work": work}, offscreen)]
            if case == "100k":
                for peer in ("GraphItem", "scatter and pairs"):
                    # One recolouring by GraphItem takes ten seconds: it is measured in the first round.
                    often = peer != "GraphItem" or work == "frame"
                    variants.append(Variant(peer, theirs, size | {"work": work, "peer": peer}, offscreen, often))
            compare("canvas", variants, case=f"{case}, {work}", pairs=given.pairs, results=given.results)
        moving = [Variant("kith", ours, size | {"work": "moving"}, offscreen)]
        compare("canvas", moving, case=f"{case}, moving", pairs=given.pairs, results=given.results)


def graph(nodes: int, edges: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.uint8]]:
    """Return places [N, 2], edges [M, 2] and the colour of each node [N]; see the module."""
    rng = np.random.default_rng(seed)
    clouds = 60
    middle = rng.normal(size=(clouds, 2)) * 6
    cloud = rng.choice(clouds, nodes, p=rng.dirichlet(np.full(clouds, 3.0)))
    spread = rng.uniform(0.3, 0.9, clouds)[cloud, None]
    xy = (middle[cloud] + rng.normal(size=(nodes, 2)) * spread).astype(np.float32)
    order = np.lexsort((xy[:, 0], cloud))
    source = rng.integers(0, nodes, edges)
    target = np.clip(source + rng.integers(1, 30, edges), 0, nodes - 1)
    ends = np.stack([order[source], order[target]], axis=1)
    far = rng.random(edges) < 0.08
    ends[far, 1] = rng.integers(0, nodes, int(far.sum()))
    return xy, np.ascontiguousarray(ends[ends[:, 0] != ends[:, 1]].astype(np.int32)), (cloud % 8).astype(np.uint8)


def ours(nodes: int, edges: int, work: str) -> dict[str, Any]:
    """Measure our canvas."""
    from app.bridge.array_process import ArrayProcess
    from app.bridge.background import wait_for_background
    from app.canvas.graph_canvas import GraphCanvas
    from app.canvas.scene import Scene

    loop = Loop()
    xy, ends, colour = graph(nodes, edges)
    process = ArrayProcess("app.canvas.raster")
    process.warm()
    canvas = GraphCanvas(process=process)
    canvas.set_labels(False)
    canvas.set_legend(False)
    canvas.resize(_WIDTH, _HEIGHT)
    canvas.show()
    both = [_colouring(colour), _colouring((np.arange(nodes) % 10 == 0).astype(np.uint8))]
    scene = Scene(xy, both[0], np.zeros(nodes, np.uint8), np.arange(nodes).astype(object), ends)
    loop.watch()
    began = time.perf_counter()
    canvas.set_scene(scene, fit=True)
    loop.until(canvas.is_settled)
    figures: dict[str, Any] = {"opened_s": time.perf_counter() - began, "gap_opening_ms": loop.longest_gap_ms()}
    if work == "moving":
        figures |= _moving(canvas, loop) | _picking(canvas, loop, nodes)
    else:

        def change(number: int) -> None:
            if work == "recolour":
                canvas.set_scene(replace(scene, colouring=both[(number + 1) % 2]))
            else:
                canvas.zoom(1.02 if number % 2 else 1 / 1.02)
                canvas.pan(*_STEPS[number % 4])
            loop.until_settled(canvas)
            canvas.repaint()

        figures |= _timed(change, cpu=lambda: time.process_time() + _cpu_of(process.pid))
    process.close()
    wait_for_background()
    return figures


def theirs(nodes: int, edges: int, work: str, peer: str) -> dict[str, Any]:
    """Measure a way to draw with pyqtgraph."""
    import pyqtgraph

    loop = Loop()
    xy, ends, colour = graph(nodes, edges)
    window = pyqtgraph.GraphicsLayoutWidget()
    window.resize(_WIDTH, _HEIGHT)
    box = window.addViewBox(lockAspect=True)
    brushes = np.array([pyqtgraph.mkBrush(*rgb) for rgb in _COLOURS], dtype=object)
    pen = pyqtgraph.mkPen(150, 160, 180, 40)
    dots: Any = {"size": 5, "pen": None}
    if peer == "GraphItem":
        item = pyqtgraph.GraphItem()
        box.addItem(item)
        item.setData(pos=xy, adj=ends.astype(int), pen=pen, size=5, symbolPen=None, symbolBrush=brushes[0])
        scatter = item.scatter
    else:
        ordered = xy[ends.ravel()].astype(float)
        box.addItem(pyqtgraph.PlotCurveItem(x=ordered[:, 0], y=ordered[:, 1], connect="pairs", pen=pen))
        scatter = pyqtgraph.ScatterPlotItem(x=xy[:, 0].astype(float), y=xy[:, 1].astype(float), **dots)
        scatter.setBrush(list(brushes[colour]))
        box.addItem(scatter)
    both = [colour, (np.arange(nodes) % 10 == 0).astype(np.uint8)]
    window.show()
    loop.spin(0.3)
    middle, half = (xy.min(axis=0) + xy.max(axis=0)) / 2, float(np.ptp(xy, axis=0).max()) / 2

    def change(number: int) -> None:
        if work == "recolour" and peer == "GraphItem":
            # One brush for each node, as its documentation has it.
            scatter.setBrush([pyqtgraph.mkBrush(*_COLOURS[code]) for code in both[(number + 1) % 2].tolist()])
        elif work == "recolour":
            scatter.setBrush(list(brushes[both[(number + 1) % 2]]))
        else:
            x, y = middle + np.array(_STEPS[number % 4]) * half / 500
            wide = half * (1.02 if number % 2 else 1.0)
            box.setRange(xRange=(x - wide, x + wide), yRange=(y - 0.8 * wide, y + 0.8 * wide), padding=0)
        window.viewport().repaint()

    change(0)
    return _timed(change, most=4 if work == "recolour" and peer == "GraphItem" else _FRAMES)


def _timed(
    change: Callable[[int], None], most: int = _FRAMES, cpu: Callable[[], float] = time.process_time
) -> dict[str, Any]:
    change(0)
    times = []
    before = cpu()
    with measured() as figures:
        for number in range(1, most + 1):
            began = time.perf_counter()
            change(number)
            times.append(time.perf_counter() - began)
    return figures | {"seconds": statistics.median(times), "cpu_frame_s": (cpu() - before) / most}


def _cpu_of(pid: int) -> float:
    """Return the processor time that another process has used, in seconds; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _moving(canvas: Any, loop: Loop) -> dict[str, Any]:  # Any: the canvas, imported where Qt may be
    """Pan every 16 ms for two seconds."""
    painted: list[float] = []
    true: list[float] = []
    paint = canvas.paintEvent

    def timed(event: object) -> None:
        began, frames = time.perf_counter(), canvas.frames_drawn
        paint(event)
        painted.append(time.perf_counter() - began)
        if not true_frames or frames != true_frames[-1]:
            true_frames.append(frames)
            true.append(time.perf_counter())

    true_frames: list[int] = []
    canvas.paintEvent = timed
    loop.watch()
    end = time.perf_counter() + _MOVING_S
    number = 0
    while time.perf_counter() < end:
        canvas.pan(*_STEPS[number // 8 % 4])
        number += 1
        loop.spin(_EVERY_S)
    last = time.perf_counter()
    loop.until(canvas.is_settled)
    settled = time.perf_counter() - last
    gap = loop.longest_gap_ms()
    canvas.paintEvent = paint
    return {
        "seconds": statistics.median(painted),
        "paint_p95_ms": 1000 * float(np.percentile(painted, 95)),
        "true_every_ms": 1000 * float(np.diff(true).max()) if len(true) > 1 else math.nan,
        "settled_ms": 1000 * settled,
        "gap_moving_ms": gap,
        "paints": len(painted),
    }


def _picking(canvas: Any, loop: Loop, nodes: int) -> dict[str, Any]:  # Any: see _moving
    from PySide6.QtCore import QPointF

    from app.canvas.pick_index import PickIndex

    began = time.perf_counter()
    PickIndex(canvas.scene.xy)
    index = time.perf_counter() - began
    loop.until(lambda: canvas._picker.index is not None)
    clicks = []
    for node in np.random.default_rng(1).integers(0, nodes, 50).tolist():
        at = QPointF(canvas.screen_point(node))
        began = time.perf_counter()
        canvas.node_at(at)
        clicks.append(time.perf_counter() - began)
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    middle = np.array([_WIDTH / 2, _HEIGHT / 2])
    circle = middle + _LASSO * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lassos, caught = [], np.zeros(0)
    for _ in range(5):
        began = time.perf_counter()
        caught = canvas.nodes_inside(circle)
        lassos.append(time.perf_counter() - began)
    return {
        "click_ms": 1000 * max(clicks),
        "lasso_ms": 1000 * statistics.median(lassos),
        "lasso_share": len(caught) / nodes,
        "index_s": index,
    }


def _colouring(colour: NDArray[np.uint8]) -> Any:  # Any: a Colouring, imported where Qt may be
    from app.canvas.scene import Colouring

    palette = np.array([[*rgb, 255] for rgb in _COLOURS], dtype=np.uint8)
    return Colouring("", colour.astype(np.uint16), palette, np.zeros(len(palette), np.uint8))


class Loop:
    """The event loop of this process, and the gaps in it."""

    def __init__(self) -> None:
        from PySide6.QtCore import QEventLoop, QTimer
        from PySide6.QtWidgets import QApplication

        from app.kit import theme
        from tests.bench.event_loop import Ticker

        self.application = QApplication.instance() or QApplication([])
        theme.apply(self.application, "dark")
        self._loop, self._timer = QEventLoop(), QTimer()
        self._timer.timeout.connect(self._look)
        self._ticker = Ticker()
        self._is_done: Callable[[], bool] = lambda: True

    def until(self, is_done: Callable[[], bool], seconds: float = 60.0) -> None:
        """Run until something holds."""
        if is_done():
            return
        self._is_done, self._end = is_done, time.perf_counter() + seconds
        self._timer.start(1)
        self._loop.exec()
        self._timer.stop()

    def until_settled(self, canvas: Any) -> None:  # Any: the canvas, imported where Qt may be
        """Run until a true frame is there, which the canvas tells: looking for it again and again would be measured."""
        from PySide6.QtCore import QTimer

        patience = QTimer()
        patience.setSingleShot(True)
        patience.timeout.connect(self._loop.quit)
        patience.start(60_000)
        canvas.frame_settled.connect(self._loop.quit)
        self._loop.exec()
        canvas.frame_settled.disconnect(self._loop.quit)
        if not canvas.is_settled():
            raise SystemExit("it takes too long")

    def spin(self, seconds: float) -> None:
        """Run for so long."""
        end = time.perf_counter() + seconds
        self.until(lambda: time.perf_counter() >= end)

    def watch(self) -> None:
        """Look for gaps from now on."""
        self._ticker.start()

    def longest_gap_ms(self) -> float:
        """Stop looking, and return the longest one."""
        self.spin(0.005)
        return float(self._ticker.stop().max())

    def _look(self) -> None:
        if self._is_done():
            self._loop.quit()
        elif time.perf_counter() > self._end:
            raise SystemExit("it takes too long")


if __name__ == "__main__":
    main()
