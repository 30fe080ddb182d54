"""Recipe to TOML that a person can read and edit, and back; whatever is unknown is refused with its path."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.core.component import Config, parse_config
from engine.core.errors import OptionError, RecipeError
from engine.data.options import ColumnOptions, DataOptions, TableOptions
from engine.data.roles import ColumnKind, Role
from engine.project.recipe import Recipe

_HEADLINE = (
    "# A Kith recipe: everything that decides a run's numbers. Run it with: python -m engine run THIS_FILE --out RUN"
)
_DATA = ("data", "unlabelled")
_PARTS = ("split", "task", "encoder", "readout", "pretrain", "finetune", "loader", "beside")
_TABLES = ("transfer", "noise", "labels", "after")
_BARE = re.compile(r"[A-Za-z0-9_-]+")

# A role that leaves one way to read the column may stand alone: `id = "node_id"`.
_KIND_OF_ROLE = {
    Role.NODE_ID: ColumnKind.ID,
    Role.EDGE_SOURCE: ColumnKind.ID,
    Role.EDGE_TARGET: ColumnKind.ID,
    Role.EDGE_WEIGHT: ColumnKind.NUMBER,
    Role.GRAPH_ID: ColumnKind.ID,
    Role.SMILES: ColumnKind.TEXT,
    Role.LABEL_TEXT: ColumnKind.TEXT,
    Role.FEATURE_NAME: ColumnKind.CATEGORY,
    Role.FEATURE_VALUE: ColumnKind.NUMBER,
    Role.SPLIT: ColumnKind.CATEGORY,
    Role.FOLD: ColumnKind.CATEGORY,
}


def read_recipe(path: Path) -> Recipe:
    """Read a recipe file; paths inside it that are relative start at the file's folder and become absolute.

    Raises:
        RecipeError: the file is missing, is not text, or is not TOML; the message has the line.
        OptionError: a key is unknown or a value out of range; the message has its path.
    """
    return from_toml(_text_of(path), name=path.name).based_on(path.resolve().parent)


def from_toml(text: str, name: str = "the recipe") -> Recipe:
    """Return the recipe that the text holds, its file paths as written.

    Args: text: TOML. name: what messages call it.
    Raises: RecipeError: it is not TOML. OptionError: a key is unknown or a value out of range.
    """
    if not text.strip():
        raise RecipeError(
            f"{name} is empty.", code="recipe.empty", hint="Make a recipe with the suggest command.", file=name
        )
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(
            f"{name} is not valid TOML: {str(error)[0].lower()}{str(error)[1:]}.",
            code="recipe.syntax",
            hint="Text values stand in quotes, and each [table] and key appears once.",
            file=name,
        ) from error
    return from_plain(plain)


def from_plain(plain: Mapping[str, Any]) -> Recipe:  # Any: TOML or JSON values
    """Return the recipe that plain data describes; short forms are understood.

    Raises: OptionError: a key is unknown or a value out of range, with its path.
    """
    whole = dict(plain)
    for part in _PARTS:
        if isinstance(whole.get(part), str):
            whole[part] = {"type": whole[part]}
    for name in _DATA:
        if isinstance(whole.get(name), Mapping):
            whole[name] = _expanded_data(whole[name], name)
    return parse_config(Recipe, whole, "")


def to_toml(recipe: Recipe, comments: Mapping[str, str] | None = None) -> str:
    """Return the recipe as TOML: what equals its default is left out, except what one would look for.

    Args: comments: table name ("encoder") to a sentence that is written above it.
    """
    notes = comments or {}
    lines = [_HEADLINE]
    lines += _comment(notes.get("", ""))
    lines += [f"version = {recipe.version}"]
    for name in _DATA:
        data = getattr(recipe, name)
        if data is not None:
            lines += ["", *_comment(notes.get(name, "")), f"[{name}]", *_data_lines(data, name)]
    for part in _PARTS:
        value = getattr(recipe, part)
        if value is None or value == Recipe.model_fields[part].default:
            continue
        lines += ["", *_comment(notes.get(part, "")), f"[{part}]"]
        lines += [f"{_key(name)} = {_value(item)}" for name, item in _part_items(value)]
    for name in _TABLES:
        table = getattr(recipe, name)
        changed = _changed(table) if table is not None else {}
        if changed:
            lines += ["", *_comment(notes.get(name, "")), f"[{name}]"]
            lines += [f"{option} = {_value(item)}" for option, item in changed.items()]
    lines += ["", *_comment(notes.get("runtime", "")), "[runtime]"]
    runtime = {"device": recipe.runtime.device, "seeds": list(recipe.runtime.seeds), **_changed(recipe.runtime)}
    lines += [f"{name} = {_value(item)}" for name, item in runtime.items()]
    return "\n".join(lines) + "\n"


def write_recipe(recipe: Recipe, path: Path, comments: Mapping[str, str] | None = None) -> None:
    """Write the recipe with its file paths relative to the folder it lies in."""
    from engine.core.atomic import write_text

    write_text(path, to_toml(recipe.relative_to(path.resolve().parent), comments))


def parse_assignment(text: str) -> tuple[str, Any]:  # Any: a TOML value
    """Split `path.to.option=value`; the value is a TOML literal, and a bare word is text.

    Raises: OptionError: there is no "=" or no path.
    """
    path, sign, value = text.partition("=")
    if not sign or not path.strip():
        raise OptionError(
            f'"{text}" does not set an option.', hint="Write path.to.option=value, for example encoder.width=32."
        )
    try:
        found = tomllib.loads(f"value = {value.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        found = value.strip()
    return path.strip(), found


def _text_of(path: Path) -> str:
    if path.is_dir():
        raise RecipeError(f"{path} is a folder, not a recipe file.", hint="Name the .toml file.", file=str(path))
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise RecipeError(
            f"There is no file {path}.", hint="Make a recipe with the suggest command.", file=str(path)
        ) from error
    except OSError as error:
        raise RecipeError(f"{path} cannot be read: {error.strerror}.", file=str(path)) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecipeError(
            f"{path} is not a recipe: it is not text in UTF-8.", hint="Name the .toml file.", file=str(path)
        ) from error


def _expanded_data(data: Mapping[str, Any], name: str) -> dict[str, Any]:  # Any: TOML values
    tables = data.get("tables")
    if not isinstance(tables, list | tuple):
        return dict(data)
    return {**data, "tables": [_expanded_table(table, f"{name}.tables.{k}") for k, table in enumerate(tables)]}


def _expanded_table(table: Any, place: str) -> Any:  # Any: TOML values, checked by pydantic afterwards
    if not isinstance(table, Mapping) or not isinstance(table.get("columns"), Mapping):
        return table
    columns = {}
    for name, column in table["columns"].items():
        if isinstance(column, str):
            where = f"{place}.columns.{name}"
            columns[name] = {"role": column}
            if column in _KIND_OF_ROLE:
                columns[name]["kind"] = _KIND_OF_ROLE[Role(column)]
            elif column != Role.IGNORE:
                parse_config(ColumnOptions, columns[name], where)
                raise OptionError(
                    f'"{where}" is "{column}", which does not say how the values are read.',
                    hint=f'Write {{ role = "{column}", kind = "number" }}, or category, boolean, date, text.',
                    path=where,
                )
        else:
            columns[name] = column
    return {**table, "columns": columns}


def _data_lines(data: DataOptions, name: str) -> list[str]:
    plain = {"directed": data.directed, **{k: v for k, v in _changed(data).items() if k != "tables"}}
    lines = [f"{key} = {_value(value)}" for key, value in plain.items()]
    for table in data.tables:
        lines += ["", f"[[{name}.tables]]"]
        lines += [f"{key} = {_value(value)}" for key, value in _table_items(table)]
        if table.columns:
            lines.append(f"[{name}.tables.columns]")
            lines += [f"{_key(key)} = {_column(column)}" for key, column in table.columns.items()]
    return lines


def _table_items(table: TableOptions) -> list[tuple[str, Any]]:  # Any: TOML values
    plain = {"path": table.path, "kind": table.kind.value, **_changed(table)}
    plain.pop("columns", None)
    return list(plain.items())


def _column(column: ColumnOptions) -> str:
    natural = ColumnKind.TEXT if column.role is Role.IGNORE else _KIND_OF_ROLE.get(column.role)
    if column.kind is natural:
        return _value(column.role.value)
    return _value({"role": column.role.value, "kind": column.kind.value})


def _part_items(part: Config) -> list[tuple[str, Any]]:  # Any: TOML values
    plain = {"type": part.model_dump(mode="json")["type"], **_changed(part), **(part.model_extra or {})}
    for stage in ("training", "optimiser", "schedule"):
        if stage in plain:
            plain[stage] = plain.pop(stage)
    return [(name, value) for name, value in plain.items() if value is not None]


def _changed(config: Config) -> dict[str, Any]:  # Any: TOML values
    """Return what differs from the defaults; what must be given differs always."""
    extra = set(config.model_extra or {})
    return {
        name: value
        for name, value in config.model_dump(mode="json", exclude_defaults=True, exclude_none=True).items()
        if name not in extra
    }


def _comment(text: str) -> list[str]:
    return [f"# {line}".rstrip() for line in text.splitlines()]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:  # Any: JSON values, as model_dump gives them
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(str(k))} = {_value(v)}" for k, v in value.items() if v is not None)
        return f"{{ {inner} }}" if inner else "{}"
    return "[" + ", ".join(_value(item) for item in value) + "]"


def _text(value: str) -> str:
    # JSON's escapes are TOML's, but for the one control character that JSON leaves alone.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
