"""Say what was understood of files, and what is wrong with them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from engine.cli.terminal import BAD_INPUT, Terminal
from engine.jobs._base import inputs

_ISSUES_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="tables of edges, nodes and features")
    parser.add_argument("--target", metavar="COLUMN", help="column to predict")
    parser.add_argument("--encoding", metavar="E", help="text encoding of files that do not say, such as gb18030")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Read the files whole and print tables, roles with reasons, issues and the join."""
    encodings = {"": arguments.encoding} if arguments.encoding else None
    given = inputs(files=arguments.files, encodings=encodings, target=arguments.target)
    done = terminal.job("preview", given)
    if done.result is None:
        return terminal.code(done)
    result = done.result
    trouble = _undecided(result) or _no_graph(result)
    for table in result["tables"]:
        _print_table(table, terminal)
    _print_issues(result, terminal)
    for sentence in (result["join"] or {}).get("sentences", []):
        terminal.say(sentence)
    if trouble:
        terminal.complain(trouble)
        return BAD_INPUT
    terminal.give(result)
    return terminal.code(done)


def _undecided(result: Mapping[str, Any]) -> Mapping[str, Any] | None:  # Any: JSON values
    """Return the error of the first file whose encoding must be chosen."""
    return next((table["error"] for table in result["tables"] if table.get("error")), None)


def _no_graph(result: Mapping[str, Any]) -> Mapping[str, Any] | None:  # Any: JSON values
    """Return why the tables make no graph; of a large file only the first rows were looked at, which is no fault."""
    error: Mapping[str, Any] | None = result["join_error"]  # Any: JSON values
    return None if error is None or error["code"] == "data.preview_partial" else error


def _print_table(table: Mapping[str, Any], terminal: Terminal) -> None:  # Any: JSON values
    about = "" if table["rows_complete"] else "about "
    form = [f"{about}{table['rows']:,} rows"]
    if table["format"] == "delimited":
        form.append(table["encoding"] or "encoding not known")
    if table["delimiter"]:
        form.append(f"delimiter {table['delimiter']!r}")
    terminal.say(f"{table['name']}: {table['kind']} ({', '.join(form)})")
    for column in table["columns"]:
        terminal.say(f"  {column['name']}: {column['role']}, {column['kind']} – {column['reason']}")
    for candidate in table["encoding_candidates"]:
        terminal.say(f"  {candidate['name']}: {candidate['sample']}")
    terminal.say()


def _print_issues(result: Mapping[str, Any], terminal: Terminal) -> None:  # Any: JSON values
    total = sum(result["issue_counts"].values())
    if total:
        terminal.say(f"{total:,} issue{'' if total == 1 else 's'}:")
    for issue in result["issues"][:_ISSUES_SHOWN]:
        place = [issue["file"]] if issue["file"] else []
        if issue["line"] is not None:
            place.append(f"line {issue['line']}")
        if issue["column"]:
            place.append(f"column {issue['column']}")
        terminal.say(f"  {', '.join(place)}: {issue['text']}" if place else f"  {issue['text']}")
    unseen = len(result["issues"]) - _ISSUES_SHOWN
    if unseen > 0:
        terminal.say(f"  … and {unseen:,} more; --json lists them.")
    if total:
        terminal.say()
