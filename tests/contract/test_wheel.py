"""What is installed is what is in the repository: a room or a sample that the wheel forgets is found here."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_SHIPPED = ("app", "engine", "resources")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that a wheel was built from; it lies in `out`."""
    source = tmp_path_factory.mktemp("wheel") / "source"
    for name in _SHIPPED:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "packaging/LICENSE"):
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    # A folder of tests and one of packaging must not become packages, so they have to be there to be left out.
    shutil.copytree(ROOT / "tests/support", source / "tests/support")

    # Without isolation the build takes setuptools from this environment, so the test needs no network.
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        "out",
        ".",
    ]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr

    return source


def _wheel(built: Path) -> zipfile.ZipFile:
    (wheel,) = (built / "out").glob("*.whl")
    return zipfile.ZipFile(wheel)


def test_the_wheel_holds_every_module_and_resource_and_nothing_else(built: Path) -> None:
    expected = {
        str(file.relative_to(built)) for name in _SHIPPED for file in (built / name).rglob("*") if file.is_file()
    }
    with _wheel(built) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == expected


def test_the_wheel_carries_the_readme_that_the_guide_shows(built: Path) -> None:
    with _wheel(built) as wheel:
        (told,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        described = wheel.read(told).decode("utf-8")
    assert described.endswith((ROOT / "README.md").read_text(encoding="utf-8"))
