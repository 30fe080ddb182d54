"""Every visible string goes through `tr`: whole sentences, named placeholders, plural forms.

Translations are JSON files `resources/translations/<language>.json` from English text to text. The language
`pseudo` needs no file: it brackets every string and makes it 30 percent longer, so that a test (and an eye) finds
text that was never handed to `tr` and text that does not fit.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

PSEUDO = "pseudo"
SYSTEM = "system"
#: Languages to choose from, each named in itself.
LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
_ACCENTS = str.maketrans("aeiouAEIOUcnsyz", "àéîöûÀÉÎÖÛçñšýž")

_words: dict[str, str] = {}
_language = os.environ.get("KITH_LANGUAGE", "en")


def of_system(locale: str) -> str:
    """Return which of the languages suits a locale best, English where none does.

    Args: locale: such as "zh_CN" or "de_AT".
    """
    if locale in LANGUAGES:
        return locale
    spoken = locale.partition("_")[0]
    return next((name for name in LANGUAGES if name.partition("_")[0] == spoken), "en")


def set_language(language: str, folder: Path | None = None) -> None:
    """Choose the language of strings that are asked for from now on.

    Args: language: "en", "pseudo", or the name of a file in the folder. folder: of the translations.
    """
    global _language, _words
    _language = language
    file = folder / f"{language}.json" if folder else None
    _words = json.loads(file.read_text(encoding="utf-8")) if file is not None and file.exists() else {}


def language() -> str:
    """Return the language in use."""
    return _language


def tr(text: str, /, **values: object) -> str:
    """Return a sentence in the user's language.

    Args: text: English, with `{name}` for each value. values: numbers are grouped by thousands.
    """
    found = _words.get(text, text)
    if _language == PSEUDO:
        found = _pseudo(found)
    if not values:
        return found
    return found.format(**{name: _shown(value) for name, value in values.items()})


def tr_n(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the form for a count, which is also the value `{count}`."""
    return tr(one if count == 1 else many, count=count, **values)


def _shown(value: object) -> object:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value


def _pseudo(text: str) -> str:
    """Accent the letters outside placeholders, pad by 30 percent, bracket."""
    parts, inside = [], False
    for part in text.replace("{", "\0{").replace("}", "}\0").split("\0"):
        inside = part.startswith("{")
        parts.append(part if inside else part.translate(_ACCENTS))
    # In pieces, so that it breaks into lines as words do.
    longer = max(1, round(len(text) * 0.3))
    tail = " ".join("~" * min(7, longer - done) for done in range(0, longer, 7))
    return f"[{''.join(parts)} {tail}]"
