"""The bytes of a text file, plain or gzipped, with a clear word about what is no text file at all."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.core.errors import ReadError

_MAGIC = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "Save the sheet as CSV, or unpack the archive."),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document", "Save the sheet as CSV."),
    (b"%PDF", "a PDF document", "Export the table behind it as CSV."),
    (b"\x89PNG", "a picture", "Choose the table instead."),
    (b"\xff\xd8\xff", "a picture", "Choose the table instead."),
    (b"SQLite format 3\0", "a SQLite database", "Export its tables as CSV."),
    (b"PAR1", "a Parquet file", "Export it as CSV."),
    (b"ARROW1", "an Arrow file", "Export it as CSV."),
    (b"\x7fELF", "a program", "Choose the table instead."),
    (b"BZh", "a bzip2 archive", "Unpack it, or pack it with gzip."),
    (b"\xfd7zXZ", "an xz archive", "Unpack it, or pack it with gzip."),
)
_GZIP = b"\x1f\x8b"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE = 65536
_PACKED_GAIN = 4


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds.

    Args:
        data: its bytes, unpacked.
        is_whole: False when only the beginning was read.
        size: bytes of the unpacked file; estimated for the beginning of a gzipped one.
    """

    data: bytes
    is_whole: bool
    size: int


def plain_suffix(path: Path) -> str:
    """Return the extension that says what is inside: `.csv` for `nodes.csv.gz`, in lower case."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def unpacked_size(path: Path) -> int:
    """Return the size of a file in bytes; for a gzipped one, what it is likely to hold."""
    return path.stat().st_size * (_PACKED_GAIN if path.suffix.lower() == ".gz" else 1)


def check_file(path: Path) -> None:
    """Return when the path is a file that can be opened and is not empty.

    Raises: ReadError: it is not there, is a folder, is empty, or may not be read.
    """
    name = path.name or str(path)
    if path.is_dir():
        raise ReadError(
            f"{name} is a folder, not a file.",
            code="data.folder",
            hint="Give the table files inside it.",
            file=str(path),
        )
    if not path.exists():
        raise ReadError(
            f"There is no file {path}.", code="data.no_file", hint="Check the name and the folder.", file=str(path)
        )
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise ReadError(
            f"{name} cannot be opened: {error.strerror}.",
            code="data.no_access",
            hint="Check its permissions.",
            file=str(path),
        ) from error
    if size == 0:
        raise _empty(path)


def _empty(path: Path) -> ReadError:
    return ReadError(
        f"{path.name} is empty.", code="data.empty", hint="Check that it was saved completely.", file=str(path)
    )


def read_content(path: Path, most: int | None = None) -> Content:
    """Read a text file, or its beginning.

    Args: path: plain or gzipped, whatever its name. most: bytes to read at most; None for all.
    Returns: the bytes; when only the beginning was read it ends with a complete line.
    Raises: ReadError: there is no such file, it is a folder, empty, no text, or a damaged archive.
    """
    check_file(path)
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    is_packed = head.startswith(_GZIP)
    data = _read_packed(path, most) if is_packed else _read_plain(path, most)
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise _empty(path)
    _check_text(path, data[:_SAMPLE])
    if most is None or len(data) <= most:
        return Content(data, True, len(data))
    data = data[:most]
    size = path.stat().st_size * (_PACKED_GAIN if is_packed else 1)
    last_line = max(data.rfind(b"\n"), data.rfind(b"\r"))
    # The line end of UTF-16 is two bytes; cut there at an even place behind it.
    cut = last_line + 1 + (last_line + 1) % 2 if data[:2] in _UTF16_MARKS else last_line + 1
    return Content(data[:cut] if last_line > 0 else data, False, size)


@contextmanager
def open_content(path: Path) -> Iterator[io.RawIOBase | io.BufferedIOBase]:
    """Open a text file, plain or gzipped, to be read piece by piece; a byte order mark of UTF-8 is left behind.

    Raises: ReadError: the archive turns out to be damaged.
    """
    with path.open("rb") as file:
        is_packed = file.read(2) == _GZIP
    try:
        with gzip.open(path, "rb") if is_packed else path.open("rb", buffering=0) as file:
            if file.read(3) != codecs.BOM_UTF8:
                file.seek(0)
            yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(path, error) from error


def _read_plain(path: Path, most: int | None) -> bytes:
    with path.open("rb") as file:
        return file.read() if most is None else file.read(most + 1)


def _read_packed(path: Path, most: int | None) -> bytes:
    try:
        with gzip.open(path, "rb") as file:
            return file.read() if most is None else file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> ReadError:
    return ReadError(
        f"{path.name} is a damaged gzip archive.",
        code="data.gzip",
        hint="Copy or download it again.",
        file=str(path),
        reason=str(error),
    )


def _check_text(path: Path, head: bytes) -> None:
    for magic, what, hint in _MAGIC:
        if head.startswith(magic):
            raise ReadError(f"{path.name} is {what}, not a text table.", code="data.binary", hint=hint, file=str(path))
    if head[:2] in _UTF16_MARKS or utf16_without_mark(head):
        return
    control = sum(head.count(bytes([code])) for code in range(32) if code not in (9, 10, 12, 13, 27))
    if control > max(3, len(head) // 100):
        raise ReadError(
            f"{path.name} is a binary file, not a text table.",
            code="data.binary",
            hint="Export the data as CSV.",
            file=str(path),
        )


def utf16_without_mark(head: bytes) -> str | None:
    """Return utf-16-le or utf-16-be when every other byte is zero, as in Western UTF-16 text; None otherwise."""
    head = head[: len(head) // 2 * 2]
    if len(head) < 8:
        return None
    even, odd = head[::2].count(0) / (len(head) / 2), head[1::2].count(0) / (len(head) / 2)
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else None
