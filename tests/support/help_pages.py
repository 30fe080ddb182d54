"""The generated pages of the help in every language: `python -m tests.support.help_pages` translates them anew.

A page is made once, in English. `resources/translations/<language>.help.json` holds its texts, `{}` for each figure, as
the texts of the engine are held, so that figures are never written twice. What has no translation stays English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from app.kit import sayings
from app.kit.translate import LANGUAGES
from tests.support.messages import ROOT, TRANSLATIONS

HELP = ROOT / "resources" / "help"
PAGES = ("results.md", "speed.md", "drawing.md")
OTHERS = tuple(name for name in LANGUAGES if name != "en")
_CODE = re.compile(r"`[^`]*`")
_CELL = re.compile(r"(?<=\| )[^|]+(?= \|)")
_HEADING = re.compile(r"(#+ )(.*)")
# Between Chinese sentences stands no blank, and their ends have a width of their own.
_ENDS = str.maketrans(".;", "。；")
_END = re.compile(r"(?<=[\u4e00-\u9fff）])([.;])(?= |$)")
_BLANK = re.compile(r"(?<=[。；：，）]) ")
# A name and its version, or the short name of a commit, is the same in every language.
_VERSION = re.compile(r"\w+ \d+(\.\d+)+\S*")
_WORD = re.compile(r"[^\W\d_][\w'+-]*")


def write(name: str, page: str) -> None:
    """Write a page in English and, beside it, in every other language. Args: name: of the file. page: English."""
    (HELP / name).write_text(page, encoding="utf-8")
    for language in OTHERS:
        target = HELP / language / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(translated(page, language), encoding="utf-8")


def translated(page: str, language: str) -> str:
    """Return a page in another language, text by text: a heading, a paragraph, or a cell of a table."""
    sayings.learn(_texts(language), wide=True)
    try:
        return "".join(f"{_line(line)}\n" for line in page.splitlines())
    finally:
        sayings.learn({})


def left_in_english(page: str, language: str) -> set[str]:
    """Return the words of a translated page that are English still: those that no translation uses itself."""
    meant = {word for text in _texts(language).values() for word in _words(text)}
    return set(_words(translated(page, language))) - meant


def _texts(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((TRANSLATIONS / f"{language}.help.json").read_text(encoding="utf-8"))
    return found


def _line(line: str) -> str:
    if line.startswith("|"):
        return _CELL.sub(lambda cell: _said(cell[0]), line)
    heading = _HEADING.fullmatch(line)
    return f"{heading[1]}{_said(heading[2])}" if heading else _said(line)


def _said(text: str) -> str:
    said = sayings.said(text)
    return text if said == text else _BLANK.sub("", _END.sub(lambda end: end[0].translate(_ENDS), said))


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(_VERSION.sub("", _CODE.sub("", text))):
        if len(word) > 1 and word.isascii() and not any(letter.isdigit() for letter in word):
            yield word


if __name__ == "__main__":
    for name in PAGES:
        write(name, (HELP / name).read_text(encoding="utf-8"))
