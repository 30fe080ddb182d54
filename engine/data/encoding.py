"""Find the text encoding of a file: certain, or a list of candidates for the user to choose from."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.core.errors import ReadError
from engine.data.content import read_content, utf16_without_mark

# What untidy tables are written in where UTF-8 is not. East Asian ones first: most bytes are no valid text in them,
# so one that reads the file without a fault is worth more than a Western one, which reads nearly everything.
_CANDIDATES = (
    "gb18030",
    "big5",
    "cp932",
    "cp949",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_LINES = 200
_SAMPLE_TEXT = 160


@dataclass(frozen=True, slots=True)
class Candidate:
    """An encoding in which the bytes are text, with some of that text to judge it by."""

    name: str
    sample: str


@dataclass(frozen=True, slots=True)
class Encoding:
    """What a file is written in.

    Args:
        name: the encoding, or the likeliest candidate.
        certain: whether no choice is needed: a byte order mark, or bytes that only UTF-8 explains.
        candidates: likeliest first; empty when certain.
    """

    name: str
    certain: bool
    candidates: tuple[Candidate, ...] = ()


def detect(path: Path, most: int | None = None) -> Encoding:
    """Find the encoding of a file from its bytes.

    Args: path: plain or gzipped. most: bytes to look at; None for all.
    Raises: ReadError: the file cannot be read, or is no text.
    """
    return detect_bytes(read_content(path, most).data)


def detect_bytes(data: bytes) -> Encoding:
    """Find the encoding of these bytes; see `detect`."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Encoding(name, True)
    wide = utf16_without_mark(data[:65536])
    if wide:
        return Encoding(wide, True)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _choose(data)
    return Encoding("utf-8", True)


def decode(data: bytes, name: str, file: str) -> str:
    """Return the text of bytes in an encoding that was chosen.

    Bytes that are no text in it become lone surrogates, which the reader reports row by row.

    Raises: ReadError: Python knows no encoding of that name.
    """
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise ReadError(
            f'"{name}" is not an encoding that is known.',
            code="data.encoding.unknown",
            hint="Use a name such as utf-8, gb18030, big5, shift_jis or cp1252.",
            file=file,
        ) from error
    try:
        text = data.decode(name, errors="surrogateescape")
    except UnicodeDecodeError:
        # Only bytes from 128 up can be escaped; others stand in wide encodings, cut short.
        text = data.decode(name, errors="replace").replace("\ufffd", "\udcff")
    return text.removeprefix("\ufeff")


def ask_for_encoding(path: Path, encoding: Encoding) -> ReadError:
    """Return the error that asks the user to choose; the candidates are in its details."""
    names = ", ".join(candidate.name for candidate in encoding.candidates[:4])
    return ReadError(
        f"{path.name} is not UTF-8, and its bytes do not say what else it is. It could be {names}.",
        code="data.encoding",
        hint=f"Name the encoding, for example --encoding {encoding.name}, after looking at the samples.",
        file=str(path),
        candidates=[{"name": c.name, "sample": c.sample} for c in encoding.candidates],
    )


def _choose(data: bytes) -> Encoding:
    lines = [line for line in re.split(rb"[\r\n]+", data) if not line.isascii()]
    sample = b"\n".join(lines[:_SAMPLE_LINES])
    names = [name for name in _CANDIDATES if _reads(data, name)]
    names = [*(name for name in _by_language(sample, names) if name in names), *names]
    # Half-width kana in a row is what other East Asian text looks like in a Japanese code page.
    names.sort(key=lambda name: _kana_share(sample, name) > 0.3)
    if "cp1252" in names and _excerpt(lines, names[0]) == _excerpt(lines, "cp1252"):
        names.insert(0, "cp1252")
    if _is_damaged_utf8(lines):
        names.insert(0, "utf-8")
    # The Arabic code page gives every byte a meaning, so there is always something to choose.
    names = list(dict.fromkeys(names))
    candidates = tuple(Candidate(name, _excerpt(lines, name)) for name in names)
    return Encoding(names[0], False, candidates)


def _reads(data: bytes, name: str) -> bool:
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return False
    # Control characters of the C1 block and private characters are no text anybody types.
    return not re.search("[\x80-\x9f\ue000-\uf8ff]", text)


def _kana_share(sample: bytes, name: str) -> float:
    text = [mark for mark in sample.decode(name, errors="ignore") if not mark.isascii()]
    return sum("\uff61" <= mark <= "\uff9f" for mark in text) / max(len(text), 1)


def _by_language(sample: bytes, names: Sequence[str]) -> list[str]:
    """Order encodings by how much the text resembles a language, as charset-normalizer measures it."""
    if len(names) < 2:
        return list(names)
    from charset_normalizer import from_bytes

    matches = from_bytes(sample, cp_isolation=list(names), enable_fallback=False)
    return [match.encoding for match in matches]


def _is_damaged_utf8(lines: Sequence[bytes]) -> bool:
    """Say whether most lines that are not ASCII are good UTF-8: then a few rows are broken, not the encoding wrong."""
    good = sum(_is_utf8(line) for line in lines)
    return good > len(lines) / 2


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _excerpt(lines: Sequence[bytes], name: str) -> str:
    return " / ".join(line.decode(name, errors="replace").strip() for line in lines[:3])[:_SAMPLE_TEXT]
