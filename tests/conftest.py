"""What holds for every test: a home of its own, one thread, and nothing left running behind it."""

import faulthandler
import getpass
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from pathlib import Path

import pytest

# Before anything imports torch, numba or Qt: they read their environment once.
_HOME = Path(tempfile.mkdtemp(prefix="kith-test-home-"))
for _variable, _folder in {
    "HOME": ".",
    "XDG_CONFIG_HOME": "config",
    "XDG_CACHE_HOME": "cache",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_RUNTIME_DIR": "runtime",
}.items():
    _path = _HOME / _folder
    _path.mkdir(mode=0o700, exist_ok=True)
    os.environ[_variable] = str(_path)
# Compiled kernels may be shared: numba keys them by source and processor, and compiling takes longer than most tests.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / f"kith-test-numba-{getpass.getuser()}"))
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

_QT = ("PySide6", "shiboken6", "pyqtgraph", "app")


class _NoQt(MetaPathFinder):
    """Refuse Qt and the window, so that a hidden import in the engine's suite is an error."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] in _QT:
            raise ModuleNotFoundError(f"{name} is blocked: this suite runs without Qt", name=name)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    if not pluginmanager.hasplugin("pytest-qt"):
        sys.meta_path.insert(0, _NoQt())
        for name in ("qt_api", "qt_log_level_fail"):
            parser.addini(name, "of pytest-qt, which is switched off")


def pytest_configure(config: pytest.Config) -> None:
    faulthandler.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    count = sum('data set "' in reason for reason in skipped)
    if count:
        terminalreporter.write_line(f"{count} tests did not run because their data set is missing (KITH_TEST_DATA).")


@pytest.fixture(scope="session", autouse=True)
def _home() -> Iterator[None]:
    """Take the session's home away again."""
    yield
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def _no_leaked_threads() -> Iterator[None]:
    """Fail the test that leaves a Python thread running."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 2.0
    while left := [t for t in threading.enumerate() if t not in before and t.is_alive() and not _is_foreign(t)]:
        if time.monotonic() > deadline:
            pytest.fail(f"left running: {', '.join(t.name for t in left)}")
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def _one_torch_thread() -> None:
    """Keep torch on one thread, so that sums come out alike and tests do not fight for cores."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


def _is_foreign(thread: threading.Thread) -> bool:
    """Threads that a library keeps for the whole process: tqdm's monitor, a Qt thread seen from Python."""
    return isinstance(thread, threading._DummyThread) or thread.name.startswith(("tqdm", "ThreadPoolExecutor"))
