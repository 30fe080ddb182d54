"""The recipe being edited, and taking changes back."""

from PySide6.QtGui import QUndoStack

from app.session.drafts import RecipeDraft, value_at, with_value


def test_a_dotted_path_reaches_into_the_recipe_and_absent_ones_give_the_default() -> None:
    recipe = {"encoder": {"type": "gcn", "width": 16}}
    assert value_at(recipe, "encoder.width") == 16
    assert value_at(recipe, "encoder.depth", 2) == 2
    assert value_at(recipe, "encoder.width.nothing") is None


def test_changing_a_value_leaves_the_old_recipe_as_it_was() -> None:
    before = {"finetune": {"training": {"epochs": 200}}}
    after = with_value(before, "finetune.training.epochs", 50)
    assert before["finetune"]["training"]["epochs"] == 200
    assert after == {"finetune": {"training": {"epochs": 50}}}
    assert with_value(before, "finetune.training.epochs", None) == {"finetune": {"training": {}}}
    assert with_value({}, "pretrain.type", "dgi") == {"pretrain": {"type": "dgi"}}


def test_every_change_can_be_taken_back_and_typing_in_one_field_is_one_step(qtbot) -> None:
    stack = QUndoStack()
    draft = RecipeDraft(stack)
    draft.load({"encoder": {"width": 16, "layers": 2}})
    for width in (32, 64, 128):
        draft.set("encoder.width", width)
    draft.set("encoder.layers", 3)
    assert stack.count() == 2
    stack.undo()
    assert (draft.get("encoder.width"), draft.get("encoder.layers")) == (128, 2)
    stack.undo()
    assert draft.get("encoder.width") == 16
    stack.redo()
    assert draft.get("encoder.width") == 128


def test_a_preset_that_replaces_the_users_recipe_can_be_undone_with_its_reasons(qtbot) -> None:
    stack = QUndoStack()
    draft = RecipeDraft(stack)
    draft.suggest({"encoder": {"width": 16}}, ["first"], {}, "Preset")
    draft.set("encoder.width", 77)
    draft.suggest({"encoder": {"width": 64}}, ["second"], {"seconds": 8}, "Preset")
    assert (draft.get("encoder.width"), draft.reasons) == (64, ["second"])
    stack.undo()
    assert (draft.get("encoder.width"), draft.reasons) == (77, ["first"])


def test_a_suggestion_is_not_a_step_and_setting_the_same_value_neither(qtbot) -> None:
    stack = QUndoStack()
    draft = RecipeDraft(stack)
    with qtbot.waitSignal(draft.changed):
        draft.load({"task": {"target": "club"}}, ["because"], {"sentence": "About 8 s."})
    draft.set("task.target", "club")
    assert stack.count() == 0
    assert (draft.target, draft.reasons, draft.estimate["sentence"]) == ("club", ["because"], "About 8 s.")
