"""Does the window stay awake while a run trains at full load? A 1 ms timer in the real window says.

`python tests/bench/event_loop.py [NODES.csv EDGES.csv …]`, under an X display or with QT_QPA_PLATFORM=offscreen.
Without files a graph of 20,000 nodes is generated. Prints one JSON line: p50, p99 and the largest gap between two ticks
in milliseconds, while training and while the window is idle beforehand.
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
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402 - the checkout has to be found first
from PySide6.QtCore import QEventLoop, QObject, QSettings, Qt, QTimer, Slot  # noqa: E402

from app import bootstrap  # noqa: E402
from app.bridge.background import wait_for_background  # noqa: E402
from app.kit.settings import Settings  # noqa: E402


class Ticker(QObject):
    """A 1 ms timer that notes when it was called."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(1)
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


def main() -> int:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0, help="most seconds of training to watch")
    arguments = parser.parse_args()
    application = bootstrap.make_application(["kith"])
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        files = [path.resolve() for path in arguments.files] or generated(folder)
        settings = Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
        start = bootstrap.Start(files, settings, folder)
        session, ticker = start.session, Ticker()
        start.show()
        until(application, lambda: session.importing.is_ready, 120, "the preview")
        session.import_data()
        until(application, lambda: session.dataset is not None, 300, "the import")
        if not session.dataset.columns("target"):  # type: ignore[union-attr]
            session.choose_target(str(session.dataset.nodes.columns[0]))  # type: ignore[union-attr]
        until(application, lambda: not session.draft.is_empty, 300, "the recipe")
        until(application, lambda: not session.jobs.active(), 300, "the layout")
        ticker.start()
        spin(application, 3.0)
        idle = figures(ticker.stop())
        start.window.show_station("finetune")
        session.start_run()
        until(application, lambda: bool(session.training.live and session.training.live.curves), 300, "the first epoch")
        ticker.start()
        spin(application, arguments.seconds, lambda: session.training.is_running)
        training = figures(ticker.stop())
        print(json.dumps({"idle": idle, "training": training}))
        session.training.cancel()
        until(application, lambda: not session.training.is_running, 30, "cancelling")
        start.window.close()
        wait_for_background()
    return 0 if training["p99_ms"] <= 16.0 and training["max_ms"] <= 100.0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
