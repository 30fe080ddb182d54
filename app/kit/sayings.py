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
            parts = (re.escape(part) for part in english.split(_VALUE))
            _patterns.append((re.compile("(.+?)".join(parts), re.DOTALL), patterns[english]))
        else:
            _whole[english] = patterns[english]


@lru_cache(maxsize=4096)
def said(text: str) -> str:
    """Return what the engine says in the user's language; text without a pattern comes back as it is."""
    if not _whole and not _patterns:
        return text
    found = _one(text)
    if found is not None:
        return found
    parts = _SENTENCES.split(text)
    return text if len(parts) == 1 else " ".join(_one(part) or part for part in parts)


def _one(text: str) -> str | None:
    if text in _whole:
        return _whole[text]
    for pattern, other in _patterns:
        match = pattern.fullmatch(text)
        if match is not None:
            return other.format(*(_one(value) or value for value in match.groups()))
    return None
