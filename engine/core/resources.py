"""Find the files that the program brings along: samples, icons, translations, help."""

from __future__ import annotations

from pathlib import Path

from engine.core.errors import EngineError

# `resources` lies beside `engine` in a checkout, and setuptools puts it beside `engine` in an installed wheel.
_ROOT = Path(__file__).resolve().parents[2] / "resources"


def resource(path: str = "") -> Path:
    """Return where a file or folder of `resources/` is on this machine.

    Args: path: relative, with forward slashes ("samples/karate/nodes.csv"); empty for the folder itself.
    Returns: an absolute path that exists.
    Raises: EngineError: the installation is incomplete; the path is in the message.
    """
    found = _ROOT.joinpath(*path.split("/")) if path else _ROOT
    if not found.exists():
        raise EngineError(
            f"The file {found}, which is part of the program, is missing.",
            code="program.resource",
            hint="Install the program again.",
            path=path,
        )
    return found
