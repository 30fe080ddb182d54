"""What a JSON schema says about each option, in the words of a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.kit.sayings import said

FieldKind = Literal["integer", "number", "choice", "toggle", "text", "list", "column", "columns"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One option: how it is asked for, and what is accepted.

    `low` and `high` are bounds; `low_open` and `high_open` say that the bound itself is not accepted.
    """

    name: str
    kind: FieldKind
    label: str
    help: str
    default: Any = None  # Any: JSON values
    choices: tuple[Any, ...] = ()  # Any: JSON values
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    unit: str = ""
    advanced: bool = False
    nullable: bool = False
    column_role: str = ""

    def accepts(self, value: float) -> bool:
        """Whether a number lies within the bounds."""
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return False
        return not (self.high is not None and (value > self.high or (self.high_open and value == self.high)))

    def bounds_words(self) -> str:
        """Return the bounds as people write them: "1 … 16", "> 0", empty without bounds."""
        low = None if self.low is None else f"{self.low:g}"
        high = None if self.high is None else f"{self.high:g}"
        if low is not None and high is not None:
            return f"{'> ' if self.low_open else ''}{low} … {'< ' if self.high_open else ''}{high}"
        if low is not None:
            return f"{'>' if self.low_open else '≥'} {low}"
        return f"{'<' if self.high_open else '≤'} {high}" if high is not None else ""


def fields_of(schema: Mapping[str, Any]) -> list[FieldSpec]:  # Any: JSON schema
    """Return the options of a schema in its order; what a form cannot ask for (nested parts) is left out."""
    found = []
    for name, plain in schema.get("properties", {}).items():
        spec = _field(name, _resolved(plain, schema))
        if spec is not None:
            found.append(spec)
    return found


def _resolved(plain: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON schema
    """Follow a reference into `$defs`, and take `anyOf` with null as the other type, nullable."""
    made = dict(plain)
    choices = made.pop("anyOf", None)
    if choices:
        others = [one for one in choices if one.get("type") != "null"]
        made = {**_resolved(others[0], schema), **made, "nullable": len(others) < len(choices)}
    reference = made.pop("$ref", None)
    if reference:
        made = {**schema.get("$defs", {}).get(str(reference).rpartition("/")[2], {}), **made}
    return made


def _field(name: str, plain: dict[str, Any]) -> FieldSpec | None:  # Any: JSON schema
    kind = _kind(plain)
    if kind is None:
        return None
    return FieldSpec(
        name=name,
        kind=kind,
        label=said(str(plain.get("label") or name.replace("_", " ").capitalize())),
        help=said(str(plain.get("description", ""))),
        default=plain.get("default"),
        choices=tuple(plain.get("enum", ())),
        low=plain.get("exclusiveMinimum", plain.get("minimum")),
        high=plain.get("exclusiveMaximum", plain.get("maximum")),
        low_open="exclusiveMinimum" in plain,
        high_open="exclusiveMaximum" in plain,
        unit=said(str(plain.get("unit", ""))),
        advanced=bool(plain.get("advanced")),
        nullable=bool(plain.get("nullable")),
        column_role=str(plain.get("column", "")),
    )


def _kind(plain: dict[str, Any]) -> FieldKind | None:  # Any: JSON schema
    if "enum" in plain:
        return "choice"
    kind = plain.get("type")
    if "column" in plain:
        return "columns" if kind == "array" else "column"
    kinds: dict[str, FieldKind] = {"integer": "integer", "number": "number", "boolean": "toggle", "string": "text"}
    if kind == "array":
        return "list" if plain.get("items", {}).get("type") in ("integer", "number", "string") else None
    return kinds.get(str(kind))
