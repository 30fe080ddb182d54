"""One file for each format that can be opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.core.errors import ReadError
from engine.core.registry import Registry
from engine.data.content import check_file, plain_suffix
from engine.data.importers._base import Importer

IMPORTERS = Registry("importer", __name__, Importer)  # type: ignore[type-abstract]  # the registry never calls it


def with_companions(path: Path, format: str) -> tuple[Path, ...]:
    """Return a file and the others that are read with it. Args: path: the file. format: key of its importer."""
    return path, *(IMPORTERS.get(format)().companions(path) if format in IMPORTERS else ())


def without_companions(paths: Sequence[Path]) -> list[Path]:
    """Return the files without those that another of them stands for."""
    stood_for = {other for path in paths for kind in IMPORTERS for other in kind().companions(path)}
    return [path for path in paths if path not in stood_for]


def importer_for(path: Path, format: str | None = None) -> Importer:
    """Return what reads a file.

    Args: path: the file. format: key of the importer, None to find it by the extension, then by the content.
    Raises:
        UnknownComponentError: there is no importer of that key.
        ReadError: there is no such file, or nothing can read it.
    """
    check_file(path)
    if format is not None:
        return IMPORTERS.get(format)()
    suffix = plain_suffix(path)
    # What is known by more of its name than an extension is asked first.
    for kind in IMPORTERS:
        if path.name.endswith(tuple(end for end in kind.extensions if not end.startswith("."))) and kind().sniff(path):
            return kind()
    for kind in IMPORTERS:
        if suffix in kind.extensions:
            return kind()
    # A table of text is what is left when a file is nothing else.
    for kind in sorted(IMPORTERS, key=lambda kind: kind.key == "delimited"):
        importer = kind()
        if importer.sniff(path):
            return importer
    known = sorted({extension for kind in IMPORTERS for extension in kind.extensions})
    raise ReadError(
        f"{path.name} is of no format that can be read.",
        code="data.format",
        hint=f"Known are {', '.join(known)}, and .gz of the text tables.",
        file=str(path),
    )
