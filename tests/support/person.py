"""Somebody at the window: looks, aims, clicks and types, on a screen of their own."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.screen import Screen

WATCHED = Path(__file__).resolve().parent / "watched_window.py"


class Person:
    """Looks at the state file, aims, clicks and types."""

    def __init__(self, screen: Screen, home: Path, name: str) -> None:
        self.screen = screen
        self.home = home
        self.name = name
        self._file = home / "state.json"
        self.program = screen.launch(
            sys.executable, WATCHED, self._file, home, environment={"OMP_NUM_THREADS": "1"}, cwd=home
        )
        self.screen.window("Kith", 60)

    def sees(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        return found

    def waits(self, what: str, holds: Callable[[dict[str, Any]], object], seconds: float = 120.0) -> dict[str, Any]:
        def there() -> bool:
            assert self.program.poll() is None, f"the window ended while waiting for {what}"
            return bool(holds(self.sees() or {}))

        self.screen.wait_for(lambda: bool(self.sees()) and there(), seconds, f"{what}; {self.sees().get('said')}")
        return self.sees()

    def presses(self, button: str, seconds: float = 120.0) -> None:
        self.waits(f"the button {button}", lambda s: button in s["buttons"], seconds)
        time.sleep(0.3)  # as a hand would: what has just moved is looked at again
        self.screen.click(*self.sees()["buttons"][button])

    def opens(self, *files: Path) -> None:
        """Choose files in the dialog, by keys, and wait until they are understood."""
        self.screen.key("ctrl+o")
        self.waits("the file dialog", lambda s: s["dialog"])
        time.sleep(1.0)
        self.screen.type(" ".join(f'"{file}"' for file in files))
        self.screen.key("Return")
        self.waits("the preview", lambda s: s["importing"])

    def returns(self) -> None:
        """Have the keyboard back in the window, as a window manager gives it back when a dialog has closed."""
        self.screen.window("Kith", 10)
        time.sleep(0.3)

    def writes(self, field: str, text: str) -> None:
        self.waits(f"the field {field}", lambda s: field in s["fields"])
        self.screen.click(*self.sees()["fields"][field])
        self.screen.key("ctrl+a")
        self.screen.type(text)

    def pictures(self, what: str) -> None:
        time.sleep(1.0)
        self.screen.picture(f"journey-{self.name}-{what}")
