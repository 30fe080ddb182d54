"""What a launch costs beside a bare window: `python -m tests.bench.launch [--pairs 7] [--results FOLDER]`.

Both in fresh processes, in turns: `kith` opens the real window with settings of its own and ends at its first paint;
`bare` imports numpy, opens an empty main window of the same toolkit, and ends at its first paint. CPU seconds of the
whole process, user and system together; the median of the paired ratios is what counts (bar 1.3, aim 1.1). Files are in
the page cache and compiled, as those of an installed program are: one round of each comes before and is not counted.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.pairs import ROOT, Variant, main

_WATCH = """
class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            application.exit()
        return False

watch = FirstPaint()
window.installEventFilter(watch)
window.show()
application.exec()
print(json.dumps({"seconds": time.time() - float(sys.argv[2]), "cpu_seconds": time.process_time()}), flush=True)
os._exit(0)
"""
_KITH = (
    """
import gc, json, os, sys, time
from pathlib import Path

gc.disable()  # as `app.__main__` does
from PySide6.QtCore import QEvent, QObject, QSettings
from app import bootstrap
from app.kit.settings import Settings
home = Path(sys.argv[1])
application = bootstrap.make_application(["kith"])
settings = Settings(QSettings(str(home / "settings.ini"), QSettings.Format.IniFormat))
start = bootstrap.Start([], settings, home)
window = start.window
"""
    + _WATCH
)
_BARE = (
    """
import json, os, sys, time
import numpy
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication(["bare"])
window = QMainWindow()
window.resize(1500, 940)
"""
    + _WATCH
)


def started(code: str) -> dict[str, float]:
    """Run one launch. Returns: seconds of the wall and of the processor until the first paint."""
    import json
    import subprocess

    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
        # Compiled modules lie beside the sources of an installed program; here they may not, and then lie apart.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "kith-launch")
        command = [sys.executable, "-c", code, home, str(time.time())]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    if not done.stdout.strip():
        raise SystemExit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    # Ratios are taken of "seconds", and it is the processor's time that does not depend on who else works.
    return {"seconds": found["cpu_seconds"], "cpu_seconds": found["cpu_seconds"], "wall_seconds": found["seconds"]}


def kith() -> dict[str, float]:
    """Open the program."""
    return started(_KITH)


def bare() -> dict[str, float]:
    """Open an empty window."""
    return started(_BARE)


if __name__ == "__main__":
    for warm in (kith, bare):
        warm()
    main("launch", [Variant("bare", bare), Variant("kith", kith)], case=os.environ.get("QT_QPA_PLATFORM", "offscreen"))
