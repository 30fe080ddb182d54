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

_VALUE = "{}"
_SENTENCES = re.compile(r"(?<=[.!?:;]) +")
_END = re.compile(r"(.+?)(?: \(([^()]*)\))?([.;]?)", re.DOTALL)

_whole: dict[str, str] = {}
_patterns: list[tuple[re.Pattern[str], str]] = []


def load(language: str, folder: Path | None) -> None:
    """Take the patterns of a language; none for English.

    Args: language: the file's name without its endings. folder: of the translations, None for none.
    """
    file = folder / f"{language}.engine.json" if folder else None
    learn(json.loads(file.read_text(encoding="utf-8")) if file is not None and file.exists() else {})


def learn(patterns: Mapping[str, str]) -> None:
    """Replace all patterns.

    Args: patterns: English with `{}` for each value, to the other language with `{0}`, `{1}` and so on.
    """
    _whole.clear()
    _patterns.clear()
    said.cache_clear()
    # What states more is tried first: "{} nodes of {}" must not swallow "{} nodes of {}, {} of them alone".
    for english in sorted(patterns, key=lambda text: len(text.replace(_VALUE, "")), reverse=True):
        if _VALUE in english:
            _patterns.append((_pattern(english), patterns[english]))
        else:
            _whole[english] = patterns[english]


def _pattern(english: str) -> re.Pattern[str]:
    """Return what finds a sentence. Right behind a letter stands a plural's ending, another clause, or nothing."""
    first, *others = english.split(_VALUE)
    found, before = re.escape(first), first
    for part in others:
        found += (r"(\w*|[;,:].*?)" if before[-1:].isalpha() else "(.+?)") + re.escape(part)
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
    return " ".join(shown)


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
            return f"{found}{end}"
    found = _one(clause)
    if found is None or not aside:
        return None if found is None else f"{found}{end}"
    return f"{found} ({_one(aside) or aside}){end}"


def _one(text: str) -> str | None:
    if text in _whole:
        return _whole[text]
    for pattern, other in _patterns:
        match = pattern.fullmatch(text)
        if match is not None:
            return other.format(*(said(value) for value in match.groups()))
    return None
