"""How soon does the window stop what goes on? Every stage of the main job is ended some seconds after it began.

`python tests/bench/stopping.py [NODES.csv EDGES.csv …] [--nodes 1000000]`, under an X display or with
QT_QPA_PLATFORM=offscreen. Without files a graph of so many nodes and ten times as many edges is generated, with labels
on one node of a hundred.

What is timed is the call that the buttons make, until the job is over and the window would take the next one: preview,
import, layout, statistics, suggestion, and a run before its training began. Of a training two times are told: Stop
until the training is over (the answers for all nodes come after it, as asked for), and Cancel of those answers. Each
prints one JSON line, kept in resources/help/figures/speed-stopping.jsonl; more than a second is an error.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # in place of this folder, whose statistics.py is not Python's

from PySide6.QtCore import QSettings  # noqa: E402 - the checkout has to be found first

from app import bootstrap  # noqa: E402
from app.bridge.background import wait_for_background  # noqa: E402
from app.bridge.jobs import Job  # noqa: E402
from app.kit.settings import Settings  # noqa: E402
from tests.bench.event_loop import spin, until  # noqa: E402
from tests.bench.pairs import RESULTS, commit  # noqa: E402
from tests.support.make_large import write_large  # noqa: E402

_BAR = 1.0


class Stopping:
    """Ends one piece of work after another in the same window."""

    def __init__(self, application: object, session: object) -> None:
        self._application = application
        self._session = session
        self.lines: list[dict[str, object]] = []

    def wait(self, reached: Callable[[], object], what: str, seconds: float = 1800) -> None:
        """Serve the window until something holds."""
        until(self._application, reached, seconds, what)

    def time(self, work: str, after: float, end: Callable[[], None], over: Callable[[], bool]) -> None:
        """Let the work go on for some seconds, end it, and keep how long that took."""
        spin(self._application, after, lambda: not over())
        if over():
            print(json.dumps({"work": work, "after_s": after, "over": "before it could be ended"}), flush=True)
            return
        asked = time.monotonic()
        end()
        self.wait(over, work, 120)
        line = {"work": work, "after_s": after, "ended_s": round(time.monotonic() - asked, 2)}
        self.lines.append(line)
        print(json.dumps(line), flush=True)

    def cancel(self, work: str, after: float, kind: str) -> None:
        """Cancel the job of a kind that goes on."""
        jobs = self._session.jobs  # type: ignore[attr-defined]
        spin(self._application, 60, lambda: not _active(jobs, kind))
        if not _active(jobs, kind):
            print(json.dumps({"work": work, "over": "before it could be looked at"}), flush=True)
            return
        job = _active(jobs, kind)[-1]
        self.time(work, after, lambda: jobs.cancel(job), lambda: job.is_over)


def _active(jobs: object, kind: str) -> list[Job]:
    return [job for job in jobs.active() if job.kind == kind]  # type: ignore[attr-defined]


def through(stopping: Stopping, session: object, files: list[Path], target: str, window: object) -> None:
    """End each stage of the main job."""
    session.add_files(files)  # type: ignore[attr-defined]
    stopping.wait(lambda: session.importing.is_ready, "the preview")  # type: ignore[attr-defined]
    for after in (1.0, 6.0, 15.0):
        session.preparing.import_all()  # type: ignore[attr-defined]
        stopping.cancel("import", after, "import_data")
    session.preparing.import_all()  # type: ignore[attr-defined]
    stopping.wait(lambda: session.dataset is not None, "the import")  # type: ignore[attr-defined]
    stopping.wait(lambda: session.facts.attributes is not None, "the table")  # type: ignore[attr-defined]
    stopping.cancel("layout", 8.0, "layout")
    keys = {str(entry["key"]) for entry in session.components("statistic")}  # type: ignore[attr-defined]
    out = session.dataset.folder  # type: ignore[attr-defined]
    told = {"folder": str(out), "out": str(Path(out) / "unused.parquet")}
    told["types"] = [key for key in ("betweenness", "clustering", "pagerank") if key in keys]  # type: ignore[assignment]
    for after in (1.0, 8.0):
        session.jobs.submit("statistics", told, title="Statistics")  # type: ignore[attr-defined]
        stopping.cancel("statistics", after, "statistics")
    for after in (2.0, 20.0, 60.0):
        session.preparing.choose_target(target, "recommended")  # type: ignore[attr-defined]
        stopping.cancel("suggestion", after, "suggest")
    session.preparing.choose_target(target, "recommended")  # type: ignore[attr-defined]
    stopping.wait(lambda: session.training.is_suggesting, "the suggestion")  # type: ignore[attr-defined]
    stopping.wait(lambda: not session.training.is_suggesting, "the suggestion")  # type: ignore[attr-defined]
    window.show_station("finetune")  # type: ignore[attr-defined]
    training = session.training  # type: ignore[attr-defined]
    for after in (2.0, 20.0):
        session.running.start()  # type: ignore[attr-defined]
        stopping.wait(lambda: training.is_running, "the run")
        job = training.live.job
        stopping.time("run before its training", after, training.stop, lambda job=job: job.is_over or job.has_trained)
        if not job.is_over:
            training.cancel()
            stopping.wait(lambda job=job: job.is_over, "cancelling", 60)
    session.running.start()  # type: ignore[attr-defined]
    stopping.wait(lambda: training.live.curves and training.live.job.trains, "the first epoch")
    job = training.live.job
    stopping.time("training, Stop", 5.0, training.stop, lambda: job.is_over or not job.trains)
    stopping.time("answers of a stopped run, Cancel", 3.0, training.cancel, lambda: job.is_over)


def main() -> int:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--nodes", type=int, default=1_000_000)
    parser.add_argument("--target", default="label")
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    application = bootstrap.make_application(["kith"])
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        files = [path.resolve() for path in arguments.files]
        if not files:
            write_large(folder / "tables", arguments.nodes, 10 * arguments.nodes)
            files = [folder / "tables" / name for name in ("nodes.csv", "edges.csv")]
        settings = Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
        start = bootstrap.Start([], settings, folder)
        session = start.session
        start.show()
        stopping = Stopping(application, session)
        stopping.wait(lambda: bool(session.catalogue), "the catalogue", 120)
        through(stopping, session, files, arguments.target, start.window)
        nodes, edges = session.dataset.num_nodes, session.dataset.num_edges  # type: ignore[union-attr]
        start.window.close()
        wait_for_background()
    with (arguments.results / "speed-stopping.jsonl").open("w", encoding="utf-8") as file:
        for line in stopping.lines:
            told = {"benchmark": "stopping", "commit": commit(), "nodes": nodes, "edges": edges, **line}
            file.write(json.dumps(told) + "\n")
    return 1 if any(line["ended_s"] > _BAR for line in stopping.lines) else 0  # type: ignore[operator]


if __name__ == "__main__":
    raise SystemExit(main())
