"""A form by keys and mouse: values in, edits out, problems beside their field."""

from typing import Literal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

from app.forms.form_builder import Form
from engine.core.component import Config, option


class Example(Config):
    """Options of an example."""

    width: int = option(16, "Numbers per node.", ge=1, le=4096)
    rate: float = option(0.01, "How fast.", gt=0, le=10)
    dropout: float = option(0.5, "Share.", ge=0, lt=1)
    norm: Literal["none", "batch"] = option("none", "Which.")
    seeds: tuple[int, ...] = option((0,), "Which seeds.")
    skip: bool = option(False, "Whether.", advanced=True)
    target: str = option("club", "Which column.", column="target")


@pytest.fixture
def form(qtbot) -> Form:
    made = Form(Example.model_json_schema(), {"target": ["club", "age"]})
    qtbot.addWidget(made)
    made.show_values({"width": 64})
    made.show()
    return made


def _type(qtbot, form: Form, name: str, text: str) -> QLineEdit:
    editor = form.field(name).editor()
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    return editor


def test_a_given_value_is_shown_and_a_missing_one_shows_the_default(form) -> None:
    assert form.field("width").editor().text() == "64"
    assert form.field("rate").editor().text() == "0.01"
    assert form.field("norm").editor().currentData() == "none"


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [("width", "128", 128), ("rate", "5e-4", 5e-4), ("rate", "0,02", 0.02), ("seeds", "0, 1,2", [0, 1, 2])],
)
def test_what_is_typed_comes_out_as_a_value(qtbot, form, name: str, typed: str, value: object) -> None:
    with qtbot.waitSignal(form.edited, timeout=1000) as told:
        _type(qtbot, form, name, typed)
    assert told.args[0] == (name, value)


@pytest.mark.parametrize(("name", "typed"), [("width", "0"), ("width", "12.5"), ("rate", "fast"), ("dropout", "1")])
def test_what_is_not_accepted_is_said_beside_the_field_and_changes_nothing(qtbot, form, name: str, typed: str) -> None:
    with qtbot.assertNotEmitted(form.edited):
        editor = _type(qtbot, form, name, typed)
    assert editor.property("invalid")
    problem = form._problems[name]
    assert problem.isVisible()
    assert typed in problem.text()
    _type(qtbot, form, name, "0.5" if name != "width" else "32")
    assert not problem.isVisible()


def test_arrow_keys_step_a_number_within_its_bounds(qtbot, form) -> None:
    editor = form.field("width").editor()
    with qtbot.waitSignal(form.edited, timeout=1000) as told:
        qtbot.keyClick(editor, Qt.Key.Key_Up)
    assert told.args[0] == ("width", 65)
    form.show_values({"dropout": 0.95})
    with qtbot.assertNotEmitted(form.edited):
        qtbot.keyClick(form.field("dropout").editor(), Qt.Key.Key_Up)


def test_a_choice_a_toggle_and_a_column_are_picked_by_keys(qtbot, form) -> None:
    norm: QComboBox = form.field("norm").editor()
    with qtbot.waitSignal(form.edited, timeout=1000) as told:
        qtbot.keyClick(norm, Qt.Key.Key_Down)
    assert told.args[0] == ("norm", "batch")
    form._fold.set_open(True)
    skip: QCheckBox = form.field("skip").editor()
    with qtbot.waitSignal(form.edited, timeout=1000) as told:
        qtbot.keyClick(skip, Qt.Key.Key_Space)
    assert told.args[0] == ("skip", True)
    with qtbot.waitSignal(form.edited, timeout=1000) as told:
        qtbot.keyClick(form.field("target").editor(), Qt.Key.Key_Down)
    assert told.args[0] == ("target", "age")


def test_showing_values_is_not_an_edit(qtbot, form) -> None:
    with qtbot.assertNotEmitted(form.edited):
        form.show_values({"width": 8, "norm": "batch", "skip": True, "seeds": [1, 2], "target": "age"})


def test_advanced_options_are_folded_until_the_engine_complains_about_one(form) -> None:
    assert not form.field("skip").isVisible()
    assert form.show_problem("skip", "That cannot be.")
    assert form.field("skip").isVisible()
    assert not form.show_problem("nothing", "That cannot be.")


def test_every_field_has_a_name_for_screen_readers(form) -> None:
    for name in ("width", "rate", "norm", "seeds", "skip", "target"):
        assert form.field(name).editor().accessibleName()
