"""What the engine says in English, said in the user's language: whole sentences found again by their pattern.

The engine writes English with the values in it. `resources/translations/<language>.engine.json` maps its patterns,
`{}` for each value, to the same in another language, `{0}`, `{1}` … for the values in the order of the English ones.
A value that is itself something the engine says is translated too. What has no pattern stays English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from app.kit.scores import metric_name
from app.kit.translate import tr

_VALUE = "{}"
_SENTENCES = re.compile(r"(?<=[.!?:;]) +")
_BETWEEN = re.compile(
    r"(?<=.)(?:;|[.!?](?= [A-Z\"\d])) |[.;]$", re.DOTALL
)  # within a value: it is more than one clause
_WIDE_ENDS = {".": "。", ";": "；"}
_COUNTED = re.compile(r"([\d.,]+) ([a-z ]+)")
_COUNTED_WORDS = {
    "node": "{count} nodes",
    "edge": "{count} edges",
    "edge end": "{count} edge ends",
    "edge row": "{count} edge rows",
    "repeated edge row": "{count} repeated edge rows",
    "directed edge": "{count} directed edges",
    "undirected edge": "{count} undirected edges",
    "feature row": "{count} feature rows",
    "row": "{count} rows",
    "graph": "{count} graphs",
    "molecule": "{count} molecules",
    "seed": "{count} seeds",
}
_END = re.compile(r"(.+?)(?: \(([^()]*)\))?([.;]?)", re.DOTALL)

_between: re.Pattern[str] | None = _BETWEEN
_whole: dict[str, str] = {}
_patterns: list[tuple[re.Pattern[str], str]] = []


def load(language: str, folder: Path | None) -> None:
    """Take the patterns of a language; none for English.

    Args: language: the file's name without its endings. folder: of the translations, None for none.
    """
    file = folder / f"{language}.engine.json" if folder else None
    learn(json.loads(file.read_text(encoding="utf-8")) if file is not None and file.exists() else {})


def learn(patterns: Mapping[str, str], *, wide: bool = False) -> None:
    """Replace all patterns.

    Args: patterns: English with `{}` for each value, to the other language with `{0}`, `{1}` and so on. wide: whether
        a value may hold several clauses, as those of a page's paragraphs do.
    """
    global _between
    _between = None if wide else _BETWEEN
    _whole.clear()
    _patterns.clear()
    said.cache_clear()
    # What states more is tried first: "{} nodes of {}" must not swallow "{} nodes of {}, {} of them alone".
    for english in sorted(patterns, key=lambda text: len(text.replace(_VALUE, "")), reverse=True):
        if _VALUE in english:
            _patterns.append((_pattern(english, patterns[english]), patterns[english]))
        else:
            _whole[english] = patterns[english]


def _pattern(english: str, other: str) -> re.Pattern[str]:
    """Return what finds a sentence.

    Right behind a letter stands a plural's ending, another clause, or nothing; right behind another value what
    goes on, or nothing. What the other language leaves out is one word: a verb, an ending.
    """
    first, *others = english.split(_VALUE)
    found, before = re.escape(first), first
    for number, part in enumerate(others):
        if f"{{{number}}}" not in other:
            value = r"(\w*)"
        elif before[-1:].isalpha():
            value = r"(\w*|[;,:].*?)"
        elif number and not before:
            value = r"(|[;,:(].*?| \(.*?)"
        else:
            value = "(.+?)"
        found += value + re.escape(part)
        before = part
    return re.compile(found, re.DOTALL)


@lru_cache(maxsize=4096)
def said(text: str) -> str:
    """Return what the engine says in the user's language; text without a pattern comes back as it is."""
    if not _whole and not _patterns:
        return text
    found = _clause(text)
    if found is not None:
        return found
    parts = _SENTENCES.split(text)
    shown: list[str] = []
    while parts:
        # Clauses that belong together are one pattern: what joins most of them is tried first.
        for count in range(len(parts), 0, -1):
            found = _clause(" ".join(parts[:count]))
            if found is not None:
                break
        shown.append(parts[0] if found is None else found)
        del parts[:count]
    return _joined(shown)


def _joined(parts: list[str]) -> str:
    """Join sentences; square letters and their marks need no space between."""
    text = ""
    for part in parts:
        text += part if not text or text[-1] in _WIDE_ENDS.values() else f" {part}"
    return text


def _clause(text: str) -> str | None:
    """Return a clause in the user's language, its end and what stands in brackets behind it apart; None: unknown."""
    if text in _whole:
        return _whole[text]
    match = _END.fullmatch(text)
    if match is None:
        return _one(text)
    clause, aside, end = match.groups(default="")
    if clause not in _whole:
        # A pattern that ends with a value would take all of this for it.
        if (found := _one(text)) is not None:
            return found
        if end and (found := _one(text.removesuffix(end))) is not None:
            return _ended(found, end)
    found = _one(clause)
    if found is None:
        return None
    return _ended(f"{found}{_aside(_one(aside) or aside, found)}" if aside else found, end)


def _aside(text: str, before: str) -> str:
    return f"（{text}）" if _is_wide(before) else f" ({text})"


def _ended(text: str, end: str) -> str:
    """Return a clause with its end as the language writes it."""
    return text + (_WIDE_ENDS[end] if end and _is_wide(text) else end)


def _is_wide(text: str) -> bool:
    """Whether a text is written in the square letters that bring their own space along."""
    return any("\u3000" <= letter <= "\u9fff" for letter in text)


def _one(text: str) -> str | None:
    if text in _whole:
        return _whole[text]
    for pattern, other in _patterns:
        match = pattern.fullmatch(text)
        if match is not None and not (_between and any(_between.search(value) for value in match.groups())):
            return other.format(*(_value(value) for value in match.groups()))
    return None


def _value(text: str) -> str:
    """Return a value in the user's language: a count of something, a metric, or something said itself."""
    counted = _COUNTED.fullmatch(text)
    if counted is not None and (words := _COUNTED_WORDS.get(counted[2].removesuffix("s"))) is not None:
        return tr(words, count=counted[1])
    named = metric_name(text.replace(" ", "_"))
    if named != text.replace(" ", "_"):
        return named
    found = said(text)
    if found != text:
        return found
    for start, end, wide in ((" (", ")", "（{}）"), (", ", "", "，{}")):
        if text.startswith(start) and text.endswith(end):
            inner = _value(text[len(start) : len(text) - len(end)])
            return wide.format(inner) if _is_wide(inner) else text
    return text
