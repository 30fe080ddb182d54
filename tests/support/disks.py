"""A disk of a few hundred kilobytes that tests can fill up and make read-only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


class SmallDisk:
    """A file system of its own in memory, mounted at `place`; needs root on Linux, and the test skips without."""

    def __init__(self, place: Path, kilobytes: int) -> None:
        self.place = place
        self._filler = place / "filler"
        self._options = f"size={kilobytes}k,mode=777"
        place.mkdir()
        if not sys.platform.startswith("linux") or os.geteuid() != 0 or shutil.which("mount") is None:
            pytest.skip("a disk of its own needs root on Linux")
        if not self._mount(f"{self._options}"):
            pytest.skip("this machine does not let a disk be mounted")

    def fill(self) -> None:
        """Leave not one byte."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while file.write(b"\0" * size):
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        """Make room again."""
        self._filler.unlink(missing_ok=True)

    def allow_writing(self, allowed: bool) -> None:
        """Make it read-only, or not."""
        assert self._mount(f"remount,{'rw' if allowed else 'ro'},{self._options}")

    def close(self) -> None:
        """Take it away."""
        subprocess.run(["umount", "--lazy", str(self.place)], check=False, capture_output=True)

    def _mount(self, options: str) -> bool:
        command = ["mount", "-t", "tmpfs", "-o", options, "kith-test", str(self.place)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
