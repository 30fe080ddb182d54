"""What can come next in a query, completed as it is typed: columns, comparisons, values, and how to go on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.session.attributes import Attributes

_TYPED = re.compile(r"[^\s()<>=!]*$")
_BEFORE = re.compile(r"""(`[^`]*`|"[^"]*"|'[^']*'|<=|>=|==|!=|<>|=|<|>|\(|\)|[^\s()<>=!"'`]+)""")
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "contains")
_OF_WORDS = ("==", "!=", "contains")
_JOINERS = ("and", "or", "not")
_MOST = 60


@dataclass(frozen=True, slots=True)
class Column:
    """What may be written for a column, whether it holds numbers, and the values that are worth offering."""

    name: str
    is_number: bool
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """What may take the place of what is being typed. Args: start: where that begins in the text."""

    start: int
    words: tuple[str, ...]


def columns_of(attributes: Attributes) -> dict[str, Column]:
    """Return every name that a query knows, in lower case, each with its column."""
    found = {}
    for name, key in attributes.names_in_queries().items():
        one = attributes.get(key)
        values = one.categories if one is not None else ()
        found[name] = Column(name, one is not None and one.kind == "number", values)
    return found


def complete(text: str, columns: Mapping[str, Column]) -> Completion:
    """Return what may come next.

    Args: text: what stands before the cursor. columns: by name in lower case.
    """
    typed = _typed(text)
    start = len(text) - len(typed)
    before = _BEFORE.findall(text[:start])
    offered = _next(before, columns)
    plain = typed.strip("\"'`").casefold()
    words = [word for word in offered if plain in word.strip("\"'`").casefold()]
    # What begins with it comes before what only holds it.
    words.sort(key=lambda word: not word.strip("\"'`").casefold().startswith(plain))
    done = len(words) == 1 and words[0].casefold() == typed.casefold()
    return Completion(start, () if done else tuple(words[:_MOST]))


def _typed(text: str) -> str:
    quote, since = "", 0
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'`":
            quote, since = letter, at
    if quote:
        return text[since:]
    match = _TYPED.search(text)
    return match.group(0) if match is not None else ""


def _next(before: Sequence[str], columns: Mapping[str, Column]) -> list[str]:
    if not before or before[-1].lower() in _JOINERS or before[-1] == "(":
        return [*(_written(name) for name in columns), "not"]
    last = columns.get(before[-1].strip("`").lower())
    if before[-1].lower() in _COMPARISONS or before[-1] in ("=", "<>"):
        of = columns.get(before[-2].strip("`").lower()) if len(before) > 1 else None
        others = [_written(name) for name, one in columns.items() if of is not None and one is not of]
        return [*(_quoted(value) for value in of.values), *others] if of is not None else others
    is_left = len(before) == 1 or before[-2].lower() in (*_JOINERS, "(")
    if last is not None and is_left:
        return list(_COMPARISONS if last.is_number else _OF_WORDS)
    return ["and", "or"]


def _written(name: str) -> str:
    return name if re.fullmatch(r"[^\s()<>=!\"'`]+", name) else f"`{name}`"


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"[\w.-]+", value) else f'"{value}"'
