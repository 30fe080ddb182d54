"""Does the window stay awake while work goes on at full load? A 1 ms timer in the real window says.

`python tests/bench/event_loop.py [NODES.csv EDGES.csv …]`, under an X display or with QT_QPA_PLATFORM=offscreen.
Without files a graph of 20,000 nodes is generated. Watches the idle window, the preview, the import with the reading of
its result, layout, statistics, the suggestion and training, one after another; prints one JSON line each with p50, p99
and the largest gap between two ticks in milliseconds, and appends it to resources/help/figures/speed-event-loop.jsonl.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # in place of this folder, whose statistics.py is not Python's

import numpy as np  # noqa: E402 - the checkout has to be found first
from PySide6.QtCore import QEventLoop, QObject, QSettings, Qt, QTimer, Slot  # noqa: E402

from app import bootstrap  # noqa: E402
from app.bridge.background import wait_for_background  # noqa: E402
from app.kit.settings import Settings  # noqa: E402
from tests.bench.pairs import RESULTS, commit  # noqa: E402


class Ticker(QObject):
    """A timer that notes when it was called. Args: interval: in milliseconds."""

    def __init__(self, interval: int = 1) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(interval)
        self._timer.timeout.connect(self._on_tick)
        self._last = 0.0
        self.gaps: list[float] = []

    def start(self) -> None:
        self.gaps = []
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> np.ndarray:
        self._timer.stop()
        return np.array(self.gaps) * 1000.0

    @Slot()
    def _on_tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self._last)
        self._last = now


def figures(gaps: np.ndarray) -> dict[str, float]:
    """Return p50, p99, max in milliseconds, and how many ticks there were."""
    return {
        "p50_ms": round(float(np.percentile(gaps, 50)), 2),
        "p99_ms": round(float(np.percentile(gaps, 99)), 2),
        "max_ms": round(float(gaps.max()), 1),
        "ticks": len(gaps),
    }


def generated(folder: Path, nodes: int = 20_000, edges: int = 120_000) -> list[Path]:
    """Write a graph of four groups; three of four edges stay inside their group."""
    draw = random.Random(0)
    with (folder / "nodes.csv").open("w", encoding="utf-8") as file:
        file.write("id,group\n")
        file.writelines(f"n{i},{'abcd'[i % 4]}\n" for i in range(nodes))
    with (folder / "edges.csv").open("w", encoding="utf-8") as file:
        file.write("source,target\n")
        for _ in range(edges):
            a = draw.randrange(nodes)
            step = 4 * draw.randrange(1, nodes // 4) if draw.random() < 0.75 else draw.randrange(1, nodes)
            file.write(f"n{a},n{(a + step) % nodes}\n")
    return [folder / "nodes.csv", folder / "edges.csv"]


def until(application: object, reached: object, seconds: float, what: str) -> None:
    """Serve the event loop until something holds."""
    end = time.monotonic() + seconds
    while not reached():  # type: ignore[operator]
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)  # type: ignore[attr-defined]
        time.sleep(0.002)
        if time.monotonic() > end:
            raise SystemExit(f"{what} took longer than {seconds:.0f} s")


def spin(application: object, seconds: float, busy: object = lambda: True) -> None:
    """Let the event loop run by itself, as in the program."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    watch = QTimer()
    watch.setInterval(100)
    watch.timeout.connect(lambda: None if busy() else loop.quit())  # type: ignore[operator]
    watch.start()
    loop.exec()
    watch.stop()


class Watch:
    """Watches one piece of work after another in the same window."""

    def __init__(self, application: object) -> None:
        self._application = application
        self._ticker = Ticker()
        self.lines: list[dict[str, object]] = []

    def during(self, name: str, busy: object, seconds: float) -> None:
        """Let the window run until the work is over, or for so many seconds."""
        self._ticker.start()
        spin(self._application, seconds, busy)
        line = {"work": name, **figures(self._ticker.stop())}
        self.lines.append(line)
        print(json.dumps(line), flush=True)


def main() -> int:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--target", help="column to predict, where the file does not say")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--seconds", type=float, default=30.0, help="most seconds of one piece of work to watch")
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    application = bootstrap.make_application(["kith"])
    watch = Watch(application)
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        files = [path.resolve() for path in arguments.files] or generated(folder)
        settings = Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
        start = bootstrap.Start([], settings, folder)
        session = start.session
        start.show()
        until(application, lambda: bool(session.catalogue), 120, "the catalogue")
        watch.during("idle", lambda: True, 3.0)
        session.add_files(files)
        watch.during("preview", lambda: not session.importing.is_ready, 120)
        session.preparing.import_all()
        watch.during("import", lambda: session.dataset is None, 900)
        # Attributes are read and the table is filled in the window's own process.
        watch.during("showing", lambda: session.facts.attributes is None, 300)
        watch.during("layout", lambda: any(job.kind == "layout" for job in session.jobs.active()), arguments.seconds)
        for job in session.jobs.active():
            if job.kind == "layout":
                session.jobs.cancel(job)
        keys = ["pagerank", "k_core", "clustering", "components"]
        known = {str(entry["key"]) for entry in session.components("statistic")}
        told = {"folder": str(session.dataset.folder), "types": [key for key in keys if key in known]}  # type: ignore[union-attr]
        told["out"] = str(folder / "statistics.parquet")
        job = session.jobs.submit("statistics", told, title="Statistics")
        watch.during("statistics", lambda: not job.is_over, arguments.seconds)
        session.jobs.cancel(job)
        target = arguments.target or str(session.dataset.nodes.columns[0])  # type: ignore[union-attr]
        session.preparing.choose_target(target, arguments.preset)
        watch.during("suggest", lambda: session.training.is_suggesting, 600)
        start.window.show_station("finetune")
        session.running.start()
        until(application, lambda: bool(session.training.live and session.training.live.curves), 600, "the first epoch")
        watch.during("training", lambda: session.training.is_running, arguments.seconds)
        asked = time.monotonic()
        session.training.stop()
        until(application, lambda: session.training.live.job.state != "running", 30, "the answer to Stop")  # type: ignore[union-attr]
        print(json.dumps({"work": "stop", "answered_s": round(time.monotonic() - asked, 2)}))
        session.training.cancel()
        until(application, lambda: not session.training.is_running, 30, "cancelling")
        nodes, edges = session.dataset.num_nodes, session.dataset.num_edges  # type: ignore[union-attr]
        start.window.close()
        wait_for_background()
    path = arguments.results / "speed-event-loop.jsonl"
    with path.open("a", encoding="utf-8") as file:
        for line in watch.lines:
            file.write(
                json.dumps({"benchmark": "event-loop", "commit": commit(), "nodes": nodes, "edges": edges, **line})
                + "\n"
            )
    late = [line for line in watch.lines if line["p99_ms"] > 16.0 or line["max_ms"] > 100.0]  # type: ignore[operator]
    return 1 if late else 0


if __name__ == "__main__":
    raise SystemExit(main())
