"""A part of the recipe edited by the catalogue, and what the engine says beside the field it means."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt

from app.bridge.background import wait_for_background
from app.bridge.job_controller import JobController
from app.forms.part_editor import PartEditor
from app.forms.runtime_editor import RuntimeEditor
from app.kit.settings import Settings
from app.session.session import Session
from app.views.pretrain_form import PretrainForm
from tests.support.executors import Scripted

CATALOGUE = Path(__file__).parents[1] / "recorded" / "catalogue.json"
RECIPE = {
    "encoder": {"type": "gcn", "layers": 2, "width": 16},
    "finetune": {"type": "full", "training": {"epochs": 200}},
    "runtime": {"device": "auto", "seeds": [0]},
}


@pytest.fixture
def session(qtbot, tmp_path: Path) -> Iterator[Session]:
    settings = Settings(QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat))
    made = Session(JobController(lambda lane: Scripted(lambda spec: [])), settings, tmp_path)
    made.catalogue = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    made.draft.load(RECIPE)
    yield made
    made.jobs.close()
    wait_for_background()
    made.deleteLater()


@pytest.fixture
def encoder(qtbot, session) -> PartEditor:
    editor = PartEditor(session, "encoder", "encoder", "Encoder")
    qtbot.addWidget(editor)
    editor.show()
    return editor


def _choose(qtbot, editor: PartEditor, key: str) -> None:
    box = editor.choice
    box.setFocus()
    while box.currentData() != key:
        before = box.currentIndex()
        qtbot.keyClick(box, Qt.Key.Key_Down if box.findData(key) > before else Qt.Key.Key_Up)
        assert box.currentIndex() != before


def test_the_form_is_that_of_the_component_and_shows_the_drafts_values(encoder) -> None:
    assert encoder.form().field("width").editor().text() == "16"
    assert encoder.choice.currentText() == "GCN"


def test_another_component_brings_its_own_options_and_can_be_undone(qtbot, session, encoder) -> None:
    _choose(qtbot, encoder, "linear")
    assert session.draft.get("encoder") == {"type": "linear"}
    assert encoder.form().field("width").editor().text() == "64", "the default of the linear encoder"
    session.undo_stack.undo()
    assert session.draft.get("encoder") == RECIPE["encoder"]
    assert encoder.choice.currentData() == "gcn"


def test_a_stage_keeps_how_it_trains_when_its_component_changes(qtbot, session) -> None:
    editor = PartEditor(session, "strategy", "finetune", "Strategy", stage=True)
    qtbot.addWidget(editor)
    editor.show()
    _choose(qtbot, editor, "head_only")
    assert session.draft.get("finetune") == {"type": "head_only", "training": {"epochs": 200}}
    assert editor.form("training").field("epochs").editor().text() == "200"


def test_what_may_be_absent_can_be_taken_away_and_comes_back_by_undo(qtbot, session) -> None:
    session.draft.load({**RECIPE, "pretrain": {"type": "dgi", "training": {"epochs": 50}}})
    editor = PartEditor(session, "objective", "pretrain", "Objective", optional="None", stage=True)
    qtbot.addWidget(editor)
    editor.show()
    _choose(qtbot, editor, None)
    assert session.draft.get("pretrain") is None
    session.undo_stack.undo()
    assert session.draft.get("pretrain.training.epochs") == 50


def test_what_the_engine_says_stands_beside_the_field_that_it_means(session, encoder) -> None:
    assert encoder.show_error("encoder.width", "It is 0.")
    assert encoder.form()._problems["width"].isVisible()
    assert not encoder.show_error("finetune.training.epochs", "Not mine.")
    assert not encoder.show_error("encoder.unheard_of", "No such field.")
    encoder.clear_errors()
    assert not encoder.form()._problems["width"].isVisible()


def test_device_and_seeds_go_into_the_recipe(qtbot, session) -> None:
    editor = RuntimeEditor(session)
    qtbot.addWidget(editor)
    editor.show()
    assert "12.0 GB free" in editor.device.itemText(editor.device.findData("cpu"))
    qtbot.keyClick(editor.device, Qt.Key.Key_Down)
    assert session.draft.get("runtime.device") == "cpu"
    editor.seeds.setValue(3)
    assert session.draft.get("runtime.seeds") == [0, 1, 2]
    assert editor.show_error("runtime.device", "There is no GPU.")
    assert editor.problem.text() == "There is no GPU."


def test_to_pretrain_is_to_fine_tune_and_without_it_nothing_but_scratch_is_left(qtbot, session) -> None:
    session.draft.load({**RECIPE, "finetune": {"type": "scratch", "training": {"epochs": 200}}})
    form = PretrainForm(session)
    qtbot.addWidget(form)
    form.show()
    _choose(qtbot, form.objective, "dgi")
    assert session.draft.get("finetune") == {"type": "full", "training": {"epochs": 200}}
    _choose(qtbot, form.objective, None)
    assert session.draft.get("finetune.type") == "scratch"
    session.undo_stack.undo()
    assert (session.draft.get("pretrain.type"), session.draft.get("finetune.type")) == ("dgi", "full")
