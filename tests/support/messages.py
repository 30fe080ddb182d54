"""Every sentence of the program, read from its source: what a translation has to cover.

    python -m tests.support.messages zh_CN        # prints what the translation lacks, as JSON to fill in

The window's strings are the arguments of `tr` and `tr_n`, and the texts of specs that are translated where they are
shown. The engine's are its sentences, labels and help texts, with `{}` where it puts a value.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "resources" / "translations"
_SPECS = {"ActionSpec", "ViewSpec", "Station", "Preset"}
_WORD = re.compile(r"[A-Za-z]{2,}")
# Patterns, markup, numpy headers, command lines: for machines.
_CODE = re.compile(r"\\\\[sdwb(]|\\[sdwb(]|^\s|://|</|/>|<\?|=\"\{|'descr'|%\(|^--")
_FOR_MACHINES = {"cli", "export"}
_KEYS = re.compile(r"^[a-z0-9_.\-/ ]*$")


def window_strings() -> set[str]:
    """Return what the window hands to `tr`, English."""
    found: set[str] = set()
    for tree in _trees("app"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found.update(_handed(node))
            elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
                # Tables of words by key, such as those of states and of next steps.
                name = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
                if name.upper() == name and "WORDS" in name:
                    found.update(_texts(node.value.values))
    return found | _sample_strings()


def engine_strings() -> set[str]:
    """Return what the engine says, English with `{}` for each value."""
    found: set[str] = set()
    for tree in _trees("engine", without=_FOR_MACHINES | {"words.py"}):
        left_out = set(_unsaid(tree))
        for node in ast.walk(tree):
            if id(node) in left_out:
                continue
            text = _template(node)
            if text is not None and _is_said(text):
                found.add(text)
        found.update(_labels(tree))
    return found


def missing(language: str) -> dict[str, dict[str, str]]:
    """Return what a language lacks: file name to its strings, each with an empty translation."""
    lacking = {}
    for name, strings in ((f"{language}.json", window_strings()), (f"{language}.engine.json", engine_strings())):
        file = TRANSLATIONS / name
        known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        lacking[name] = {text: "" for text in sorted(strings) if text not in known}
    return lacking


def _trees(room: str, without: frozenset[str] | set[str] = frozenset()) -> Iterator[ast.Module]:
    for path in sorted((ROOT / room).rglob("*.py")):
        if not without & set(path.relative_to(ROOT).parts):
            yield ast.parse(path.read_text(encoding="utf-8"))


def _handed(call: ast.Call) -> Iterator[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name in ("tr", "tr_n"):
        yield from _texts(call.args[: 1 if name == "tr" else 2])
    elif name in _SPECS:
        texts = [*call.args, *(word.value for word in call.keywords)]
        yield from (text for text in _texts(texts) if not _KEYS.match(text) or " " in text)


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORD.search(node.value):
            yield node.value


def _sample_strings() -> set[str]:
    found = set()
    for path in (ROOT / "resources" / "samples").glob("*/sample.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        found.update(str(told[key]) for key in ("title", "story") if told.get(key))
    return found


def _template(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def _is_said(text: str) -> bool:
    """Whether a text looks like something for people: two words, or one with a value, and no pattern or path."""
    words = _WORD.findall(text.replace("{}", ""))
    return " " in text and len(words) + ("{}" in text) >= 2 and not _CODE.search(text)


def _unsaid(tree: ast.Module) -> Iterator[int]:
    """Return the ids of what is no message: docstrings, log lines, assertions, parts of longer texts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from (id(part) for part in ast.walk(node) if part is not node)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr):
                yield id(first.value)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("_log.", "warnings.")):
            yield from (id(argument) for argument in node.args)
        elif isinstance(node, ast.Assert) and node.msg is not None:
            yield from (id(part) for part in ast.walk(node.msg))


def _labels(tree: ast.Module) -> Iterator[str]:
    """Return the names and first sentences of components, and the names of options, as forms show them."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        for line in node.body:
            if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "label":
                yield from _texts([line.value])
                yield (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ")
            called = line.value if isinstance(line, ast.AnnAssign) else None
            if isinstance(called, ast.Call) and ast.unparse(called.func) == "option":
                given = [word.value for word in called.keywords if word.arg in ("label", "unit")]
                yield from _texts(given)
                yield ast.unparse(line.target).replace("_", " ").capitalize()  # type: ignore[union-attr]  # a field


if __name__ == "__main__":
    print(json.dumps(missing(sys.argv[1]), ensure_ascii=False, indent=1))
