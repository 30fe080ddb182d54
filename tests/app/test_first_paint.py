"""The window is quick to appear, because only Qt is loaded before its first paint."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_OPEN = """
import sys

of_python_itself = {name.partition(".")[0] for name in sys.modules}
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSettings

from app import bootstrap
from app.kit.settings import Settings

home = Path(sys.argv[1])


class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not hasattr(self, "loaded"):
            self.loaded = {name.partition(".")[0] for name in sys.modules}
            watched.removeEventFilter(self)
            application.exit()
        return False


application = bootstrap.make_application(["kith"])
settings = Settings(QSettings(str(home / "settings.ini"), QSettings.Format.IniFormat))
start = bootstrap.Start([], settings, home)
watch = FirstPaint()
start.window.installEventFilter(watch)
start.window.show()
application.exec()
print(*sorted(watch.loaded - of_python_itself - sys.stdlib_module_names))
"""

# PySide6 brings the last two along.
_ALLOWED = {"PySide6", "app", "engine", "shiboken6", "shibokensupport", "signature_bootstrap"}


def test_only_qt_is_loaded_before_the_first_paint(tmp_path: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, tmp_path], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout, done.stderr
    # Names with an underscore are Python's and the installation's own.
    loaded = {name for name in done.stdout.split() if not name.startswith("_")}
    assert {"PySide6", "app"} <= loaded
    assert sorted(loaded - _ALLOWED) == []
