"""What is installed is what is in the repository: a room or a sample that the wheel forgets is found here."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SHIPPED = ("app", "engine", "resources")


def test_the_wheel_holds_every_module_and_resource_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in _SHIPPED:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "packaging/LICENSE"):
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    # A folder of tests and one of packaging must not become packages, so they have to be there to be left out.
    shutil.copytree(ROOT / "tests/support", source / "tests/support")

    expected = {
        str(file.relative_to(source)) for name in _SHIPPED for file in (source / name).rglob("*") if file.is_file()
    }

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

    (wheel,) = (source / "out").glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == expected
