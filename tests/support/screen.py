"""A screen of its own for tests that drive a real window: Xvfb, real mouse and keys by xdotool, pictures as PNG."""

import os
import shutil
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

ARTEFACTS = Path(__file__).resolve().parents[1] / "artefacts"


def is_available() -> bool:
    """Say whether this machine can give a screen."""
    return shutil.which("Xvfb") is not None and shutil.which("xdotool") is not None


class Screen:
    """One Xvfb server; use as a context manager, programs started on it end with it."""

    def __init__(self, width: int = 1600, height: int = 1000) -> None:
        self.width, self.height = width, height
        self._folder = Path(tempfile.mkdtemp(prefix="kith-screen-"))
        self._programs: list[subprocess.Popen[bytes]] = []
        read, write = os.pipe()
        size = f"{width}x{height}x24"
        self._server = subprocess.Popen(
            [
                "Xvfb",
                "-displayfd",
                str(write),
                "-screen",
                "0",
                size,
                "-fbdir",
                self._folder,
                "-nolisten",
                "tcp",
                "-noreset",
            ],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        self.display = f":{number}"

    def __enter__(self) -> "Screen":
        return self

    def __exit__(self, *error: object) -> None:
        for program in self._programs:
            if program.poll() is None:
                program.terminate()
                try:
                    program.wait(10)
                except subprocess.TimeoutExpired:
                    program.kill()
                    program.wait()
        self._server.terminate()
        self._server.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        """Return the environment in which a program draws on this screen."""
        return {**os.environ, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": ""}

    def launch(
        self, *command: str | Path, cwd: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program on this screen."""
        program = subprocess.Popen([*map(str, command)], cwd=cwd, env={**self.environment(), **(environment or {})})
        self._programs.append(program)
        return program

    def tool(self, *words: object) -> str:
        """Run one xdotool command and return what it prints."""
        command = ["xdotool", *(str(word) for word in words)]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, timeout=60)
        return done.stdout.strip()

    def window(self, title: str, timeout: float = 30.0) -> str:
        """Return the id of the visible window whose title holds the text, given the input focus."""
        found = self.wait_for(lambda: self.tool("search", "--onlyvisible", "--name", title).split(), timeout, title)
        # No window manager runs here, so nobody else hands out the focus.
        self.tool("windowfocus", "--sync", found[0])
        return str(found[0])

    def click(self, x: int, y: int, button: int = 1, *, double: bool = False) -> None:
        """Move the pointer there, as a hand would, and click."""
        self.tool("mousemove", "--sync", x, y)
        self.tool("click", *(["--repeat", 2, "--delay", 80] if double else []), button)

    def drag(self, path: list[tuple[int, int]]) -> None:
        """Press at the first point, move through the others, release at the last."""
        self.tool("mousemove", "--sync", *path[0])
        self.tool("mousedown", 1)
        for x, y in path[1:]:
            self.tool("mousemove", "--sync", x, y)
            time.sleep(0.02)
        self.tool("mouseup", 1)

    def key(self, *keys: str) -> None:
        """Press keys one after another, by their X names (`ctrl+o`, `Return`)."""
        self.tool("key", "--delay", 40, *keys)

    def type(self, text: str) -> None:
        """Type text."""
        self.tool("type", "--delay", 15, text)

    def wait_for(self, found: Callable[[], object], timeout: float, what: str) -> list[str]:
        """Ask until the answer is true.

        Raises: AssertionError: it was not within `timeout` seconds; a picture lies in tests/artefacts.
        """
        deadline = time.monotonic() + timeout
        while not (answer := found()):
            if time.monotonic() > deadline:
                picture = self.picture("timeout")
                raise AssertionError(f"waited {timeout:.0f} s in vain for {what}; see {picture}")
            time.sleep(0.1)
        return answer if isinstance(answer, list) else []

    def picture(self, name: str) -> Path:
        """Write what the screen shows to tests/artefacts/<name>.png."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        target = ARTEFACTS / f"{name}.png"
        target.write_bytes(png_from_xwd((self._folder / "Xvfb_screen0").read_bytes()))
        return target


def png_from_xwd(dump: bytes) -> bytes:
    """Return the PNG of an X window dump of 32 bits a pixel, the form in which Xvfb keeps its screen.

    Source: X11/XWDFile.h (header of 25 big-endian words, then the colour map, then the rows).
    """
    header = struct.unpack(">25I", dump[:100])
    header_size, width, height, bytes_per_line, colours = header[0], header[4], header[5], header[12], header[19]
    pixels = memoryview(dump)[header_size + 12 * colours :]
    rows = bytearray()
    for y in range(height):
        line = pixels[y * bytes_per_line : y * bytes_per_line + 4 * width]
        row = bytearray(3 * width)
        row[0::3], row[1::3], row[2::3] = line[2::4], line[1::4], line[0::4]
        rows += b"\0" + row
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)),
            (b"IDAT", zlib.compress(bytes(rows), 6)),
            (b"IEND", b""),
        )
    )
