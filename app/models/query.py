"""The filter box of a table: words to look for, or comparisons such as `predicted != label and confidence < 0.6`.

    filter     = or-part | words
    or-part    = and-part ("or" and-part)*
    and-part   = not-part ("and" not-part)*
    not-part   = "not" not-part | "(" or-part ")" | operand compare operand
    compare    = "==" | "=" | "!=" | "<>" | "<" | "<=" | ">" | ">=" | "contains"
    operand    = column | number | text in quotes | `column with spaces` | a bare word, meaning itself

The text is read by this grammar alone and never evaluated as a program.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from app.kit.translate import tr

Values = NDArray[np.object_] | NDArray[np.float64]
Mask = NDArray[np.bool_]

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])
        |(?P<text>"[^"]*"|'[^']*')
        |`(?P<column>[^`]*)`
        |(?P<sign>==|!=|<>|<=|>=|=|<|>|\(|\))
        |(?P<word>[^\s()<>=!"'`]+))""",
    re.VERBOSE,
)
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {  # Any: arrays of one kind
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_DEEPEST = 40


class QueryError(ValueError):
    """The filter cannot be understood; the text says why, for the user."""


@dataclass(frozen=True, slots=True)
class Query:
    """A filter that was understood. `words`: what to look for; `test`: or what to compare."""

    text: str
    words: str = ""
    test: Callable[[Mapping[str, Values], int], Mask] | None = None

    def mask(self, columns: Mapping[str, Values], rows: int) -> Mask:
        """Return which rows pass, bool [rows].

        Args: columns: name → float64 [rows] with NaN, or text as object [rows] with None for missing.
        """
        if self.test is not None:
            return self.test(columns, rows)
        if not self.words:
            return np.ones(rows, dtype=bool)
        found = np.zeros(rows, dtype=bool)
        needle = self.words.casefold()
        for values in columns.values():
            if values.dtype == object:
                found |= _contains(values, needle)
        return found


def parse(text: str, names: Mapping[str, str]) -> Query:
    """Read a filter.

    Args: text: what the user typed. names: what may be written → the column it means, in lower case.
    Raises: QueryError: it looks like a comparison and is not a good one.
    """
    text = text.strip()
    tokens = _tokens(text)
    is_comparison = any(kind == "sign" and token not in "()" for kind, token in tokens) or any(
        kind == "word" and token.lower() == "contains" for kind, token in tokens[1:-1]
    )
    if not is_comparison:
        bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
        return Query(text, words=bare)
    reader = _Reader(tokens, names)
    test = reader.either(0)
    if not reader.is_done():
        raise QueryError(tr("“{word}” was not expected here.", word=reader.here()))
    return Query(text, test=test)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at:
            found.append(("word", text[at:].strip()))
            break
        kind = str(match.lastgroup)
        found.append((kind, match.group(kind)))
        at = match.end()
        while at < len(text) and text[at].isspace():
            at += 1
    return found


@dataclass(frozen=True, slots=True)
class _Operand:
    """A column, or what was typed; `number` where it is one."""

    column: str | None = None
    typed: str = ""
    number: float | None = None

    def values(self, columns: Mapping[str, Values]) -> Side:
        return self if self.column is None else columns[self.column]


Side = Values | _Operand
Test = Callable[[Mapping[str, Values], int], Mask]


class _Reader:
    """Reads the tokens from left to right."""

    def __init__(self, tokens: list[tuple[str, str]], names: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._names = names
        self._at = 0

    def is_done(self) -> bool:
        return self._at >= len(self._tokens)

    def here(self) -> str:
        return "" if self.is_done() else self._tokens[self._at][1]

    def either(self, depth: int) -> Test:
        tests = [self.both(depth)]
        while self._take("or"):
            tests.append(self.both(depth))
        return tests[0] if len(tests) == 1 else lambda columns, rows: _any(tests, columns, rows)

    def both(self, depth: int) -> Test:
        tests = [self.negated(depth)]
        while self._take("and"):
            tests.append(self.negated(depth))
        return tests[0] if len(tests) == 1 else lambda columns, rows: _all(tests, columns, rows)

    def negated(self, depth: int) -> Test:
        if depth > _DEEPEST:
            raise QueryError(tr("There are too many brackets."))
        if self._take("not"):
            test = self.negated(depth + 1)
            return lambda columns, rows: ~test(columns, rows)
        if self._take("("):
            test = self.either(depth + 1)
            if not self._take(")"):
                raise QueryError(tr("A closing bracket is missing."))
            return test
        return self._comparison()

    def _comparison(self) -> Test:
        left = self._operand()
        sign = self.here().lower()
        if sign not in _SIGNS and sign != "contains":
            raise QueryError(tr("A comparison is missing, such as == or <, after “{word}”.", word=self._before()))
        self._at += 1
        right = self._operand()
        if left.column is None and right.column is None:
            raise QueryError(
                tr(
                    "“{word}” is not a column. There are: {columns}.",
                    word=left.typed,
                    columns=", ".join(list(dict.fromkeys(self._names))[:12]),
                )
            )
        return lambda columns, rows: _compare(left.values(columns), sign, right.values(columns), rows)

    def _operand(self) -> _Operand:
        if self.is_done():
            raise QueryError(tr("Something is missing at the end."))
        kind, token = self._tokens[self._at]
        if kind == "sign":
            raise QueryError(tr("“{word}” was not expected here.", word=token))
        self._at += 1
        if kind == "number":
            return _Operand(typed=token, number=float(token))
        if kind == "text":
            return _Operand(typed=token[1:-1])
        column = self._names.get(token.lower())
        if column is None and kind == "column":
            raise QueryError(tr("There is no column “{column}”.", column=token))
        return _Operand(column=column) if column is not None else _Operand(typed=token)

    def _take(self, word: str) -> bool:
        if self.is_done():
            return False
        kind, token = self._tokens[self._at]
        if kind in ("word", "sign") and token.lower() == word:
            self._at += 1
            return True
        return False

    def _before(self) -> str:
        return self._tokens[self._at - 1][1] if self._at else ""


def _any(tests: list[Test], columns: Mapping[str, Values], rows: int) -> Mask:
    out = tests[0](columns, rows)
    for test in tests[1:]:
        out = out | test(columns, rows)
    return out


def _all(tests: list[Test], columns: Mapping[str, Values], rows: int) -> Mask:
    out = tests[0](columns, rows)
    for test in tests[1:]:
        out = out & test(columns, rows)
    return out


def _compare(left: Side, sign: str, right: Side, rows: int) -> Mask:
    """Compare as numbers where both sides are, as text otherwise; what is missing passes no comparison.

    Equality with a column of text is of text: the id 007 is not the id 7.
    """
    if sign == "contains":
        if not isinstance(right, _Operand):
            raise QueryError(tr("After “contains” comes a text, not a column."))
        return _contains(_as_text(left, rows), right.typed.casefold())
    is_order = sign in ("<", "<=", ">", ">=")
    if is_order or not (_is_text(left) or _is_text(right)):
        numbers = _as_numbers(left, rows), _as_numbers(right, rows)
        if numbers[0] is not None and numbers[1] is not None:
            with np.errstate(invalid="ignore"):
                known = ~(np.isnan(numbers[0]) | np.isnan(numbers[1]))
                return np.asarray(_SIGNS[sign](numbers[0], numbers[1]), dtype=bool) & known
    a, b = _as_text(left, rows), _as_text(right, rows)
    out = np.zeros(rows, dtype=bool)
    there = np.array([x is not None and y is not None for x, y in zip(a, b, strict=True)], dtype=bool)
    out[there] = np.asarray(_SIGNS[sign](a[there], b[there]), dtype=bool)
    return out


def _is_text(side: Side) -> bool:
    return not isinstance(side, _Operand) and side.dtype == object


def _as_numbers(side: Side, rows: int) -> NDArray[np.float64] | None:
    """Return float64 [rows], or None where the side holds something else."""
    if isinstance(side, _Operand):
        return None if side.number is None else np.full(rows, side.number)
    if side.dtype != object:
        return side.astype(np.float64)
    out = np.full(rows, np.nan)
    for row, value in enumerate(side):
        if value is None or value == "":
            continue
        try:
            out[row] = float(value)
        except ValueError:
            return None
    return out


def _as_text(side: Side, rows: int) -> NDArray[np.object_]:
    out = np.empty(rows, dtype=object)
    if isinstance(side, _Operand):
        out[:] = side.typed
    elif side.dtype == object:
        return cast("NDArray[np.object_]", side)
    else:
        out[:] = [None if np.isnan(value) else f"{value:g}" for value in side]
    return out


def _contains(values: Values, needle: str) -> Mask:
    return np.array([value is not None and needle in str(value).casefold() for value in values], dtype=bool)
