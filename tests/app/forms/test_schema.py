"""What a form understands of a JSON schema made by pydantic."""

from typing import Literal

import pytest

from app.forms.schema import FieldSpec, fields_of
from engine.core.component import Config, option


class Inner(Config):
    """A part of its own."""

    depth: int = option(1, "Never asked for in the outer form.")


class Example(Config):
    """Each kind of option once."""

    layers: int = option(2, "How deep.", ge=1, le=16, unit="layers")
    rate: float = option(0.01, "How fast.", gt=0, le=10, label="Learning rate")
    norm: Literal["none", "batch"] = option("none", "Which.")
    skip: bool = option(False, "Whether.", advanced=True)
    name: str | None = option(None, "What it is called.")
    seeds: tuple[int, ...] = option((0,), "Which seeds.")
    target: str = option(..., "Which column.", column="target")
    columns: tuple[str, ...] = option((), "Which columns.", column="split")
    inner: Inner = option(Inner(), "A part.")


def test_each_option_becomes_a_field_of_its_kind_and_nested_parts_are_left_out() -> None:
    found = {spec.name: spec for spec in fields_of(Example.model_json_schema())}
    kinds = {name: spec.kind for name, spec in found.items()}
    assert kinds == {
        "layers": "integer",
        "rate": "number",
        "norm": "choice",
        "skip": "toggle",
        "name": "text",
        "seeds": "list",
        "target": "column",
        "columns": "columns",
    }
    assert (found["layers"].low, found["layers"].high, found["layers"].unit) == (1, 16, "layers")
    assert (found["rate"].label, found["rate"].low_open, found["rate"].default) == ("Learning rate", True, 0.01)
    assert found["norm"].choices == ("none", "batch")
    assert found["skip"].advanced
    assert found["name"].nullable
    assert (found["target"].column_role, found["columns"].column_role) == ("target", "split")


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"low": 1, "high": 16}, "1 … 16"),
        ({"low": 0, "low_open": True}, "> 0"),
        ({"high": 1, "high_open": True}, "< 1"),
        ({"low": 0, "high": 1, "high_open": True}, "0 … < 1"),
        ({}, ""),
    ],
)
def test_bounds_are_said_as_people_write_them(bounds: dict, words: str) -> None:
    assert FieldSpec("x", "number", "X", "", **bounds).bounds_words() == words


def test_an_open_bound_is_not_accepted_itself() -> None:
    spec = FieldSpec("x", "number", "X", "", low=0, low_open=True, high=1)
    assert [spec.accepts(value) for value in (0, 0.5, 1, 1.5)] == [False, True, True, False]
