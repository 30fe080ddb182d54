"""Options of the recipe that belong to no component, edited by the catalogue's schema."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from app.bridge.background import wait_for_background
from app.bridge.job_controller import JobController
from app.forms.options_editor import OptionsEditor
from app.kit.settings import Settings
from app.session.session import Session
from engine.learn.options import NoiseOptions
from tests.support.executors import Scripted


@pytest.fixture
def session(qtbot, tmp_path: Path) -> Iterator[Session]:
    settings = Settings(QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat))
    made = Session(JobController(lambda lane: Scripted(lambda spec: [])), settings, tmp_path)
    made.catalogue = {"options": {"noise": NoiseOptions.model_json_schema()}}
    made.draft.load({"encoder": {"type": "gcn"}})
    yield made
    made.jobs.close()
    wait_for_background()
    made.deleteLater()


@pytest.fixture
def editor(qtbot, session) -> OptionsEditor:
    made = OptionsEditor(session, "noise", "Against noise")
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_change_goes_into_the_recipe_and_back_by_undo(session, editor) -> None:
    editor.form.field("drop_edge").edited.emit(0.2)
    assert session.draft.get("noise") == {"drop_edge": 0.2}
    session.undo_stack.undo()
    assert session.draft.get("noise") is None


def test_an_error_unfolds_the_options_and_stands_beside_its_field(editor) -> None:
    assert not editor.fold.is_open
    assert editor.show_error("noise.drop_edge", "It must be below 1.")
    assert editor.fold.is_open
    assert not editor.show_error("after.smooth", "Not mine.")


def test_an_engine_without_these_options_shows_nothing(qtbot, session) -> None:
    made = OptionsEditor(session, "after", "After training")
    qtbot.addWidget(made)
    assert made.isHidden()
