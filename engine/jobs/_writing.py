"""Write what a job was asked for in the format that was asked for."""

from __future__ import annotations

from pathlib import Path

from engine.core.errors import ExportError, WriteError
from engine.core.events import ArtefactWritten, EventSink
from engine.export import EXPORTERS
from engine.export._base import Content, Exporter


def exporter_for(path: Path, what: str, to: str | None = None) -> Exporter:
    """Return the exporter of a format, or the one that a file name asks for.

    Raises: UnknownComponentError: there is no such format. ExportError: it cannot hold what is to be written.
    """
    if to is not None:
        kind = EXPORTERS.get(to, "to")
    else:
        found = [one for one in EXPORTERS if one.extension == path.suffix.lower()]
        if not found:
            known = ", ".join(one.extension for one in EXPORTERS if what in one.takes)
            raise ExportError(
                f"{path.name} does not say which format to write.", hint=f"End its name in one of: {known}."
            )
        kind = found[0]
    if what not in kind.takes:
        able = ", ".join(one.key for one in EXPORTERS if what in one.takes)
        raise ExportError(f"{kind.label} cannot hold {what}.", hint=f"Choose one of: {able}.", what=what, to=kind.key)
    return kind()


def write(content: Content, path: Path, sink: EventSink, to: str | None = None) -> int:
    """Write content to a file and tell of it.

    Returns: rows written.
    Raises: ExportError: the format cannot hold it, or the file cannot be written.
    """
    exporter = exporter_for(path, content.what, to)
    if path.is_dir():
        raise ExportError(f"{path} is a folder.", hint="Name a file to write.")
    try:
        rows = exporter.write(content, path, sink)
    except WriteError as error:
        raise ExportError(error.message, hint=error.hint, **error.details) from error
    sink(ArtefactWritten(content.what, str(path)))
    return rows
