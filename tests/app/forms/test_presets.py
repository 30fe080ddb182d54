"""What the program says for a recipe stands beside the presets; a leak is never folded away."""

from pathlib import Path

from app.bridge.job_controller import JobController
from app.forms.presets import Presets
from app.kit.settings import Settings
from app.session.session import Session


def _no_executor(lane: str) -> object:
    raise AssertionError(f"this test must not start work, and asked for the lane {lane}")


def test_a_feature_that_knows_the_answer_is_warned_of_in_the_open(qtbot, tmp_path: Path) -> None:
    session = Session(JobController(_no_executor), Settings(), tmp_path)
    presets = Presets(session)
    qtbot.addWidget(presets)
    leak = '"cost_centre" names "department" for 100% of the nodes where both are known.'
    recipe = {"task": {"type": "node_class", "target": "department"}}
    session.draft.load(recipe, [leak, "Random split."], {"sentence": "About 20 s.", "warnings": [leak]})
    session.recipe_changed.emit()
    assert presets._warning.text() == leak
    assert not presets._warning.isHidden()
    assert presets._reasons.text() == "• Random split."
    session.draft.load(recipe, ["Random split."], {"sentence": "About 20 s."})
    session.recipe_changed.emit()
    assert presets._warning.isHidden()
    session.jobs.close()
