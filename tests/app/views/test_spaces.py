"""Two spaces side by side: what is asked for and when, one selection and one pointer, the sentence, the empty page."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.canvas.scene import State
from app.session.runs import RunInfo
from app.views.spaces import SpacesView
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from tests.support.pictures import IDS, XY

SHARED = np.array([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0], np.float32)  # on average 2/3


class Asked:
    """A comparison that was asked for."""

    def __init__(self, arguments: dict[str, Any], then: Any) -> None:
        self.arguments, self.then = arguments, then
        self.state, self.result, self.error = "running", None, None

    @property
    def is_over(self) -> bool:
        return self.state != "running"

    def ends(self, state: str, **what: Any) -> None:
        self.state = state
        self.result, self.error = what.get("result"), what.get("error")
        self.then(self)


@pytest.fixture
def asked(given, monkeypatch) -> list[Asked]:
    found: list[Asked] = []

    def submit(kind: str, arguments: dict[str, Any], **more: Any) -> Asked:
        assert kind == "spaces"
        found.append(Asked(arguments, more["then"]))
        return found[-1]

    monkeypatch.setattr(given.session.jobs, "submit", submit)
    monkeypatch.setattr(given.session.jobs, "cancel", lambda job: job.ends("cancelled"))
    return found


@pytest.fixture
def view(qtbot, given, asked) -> SpacesView:
    given.dataset()
    made = SpacesView(given.session)
    qtbot.addWidget(made)
    made.resize(900, 420)
    made.show()
    qtbot.waitExposed(made)
    return made


def runs(given, *names: str, without: tuple[str, ...] = ()) -> None:
    """Have these runs, the newest first."""
    given.session.runs.all = [
        RunInfo(name, Path("runs") / name, "finished", "team", "gcn", "", "accuracy", 0.5, 0.0, 1, True, False,
                has_embeddings=name not in without)
        for name in names
    ]  # fmt: skip
    given.session.runs.changed.emit()


def finish(qtbot, given, job: Asked, folder: Path, shared: np.ndarray = SHARED) -> None:
    result: dict[str, Any] = {"k": 4, "mean": float(shared.mean())}
    for name, values in (("first", XY), ("second", XY[:, ::-1]), ("shared", shared)):
        np.save(folder / f"{name}.npy", values)
        result[name] = str(folder / f"{name}.npy")
    with qtbot.waitSignal(given.session.spaces.changed, timeout=5_000):
        job.ends("finished", result=result)


def test_the_empty_page_says_what_is_missing(given, view, asked) -> None:
    assert "Finish a run" in texts(view)
    runs(given, "a")
    assert "Finish a second run" in texts(view)
    runs(given, "b", "a", without=("b",))
    assert "Finish a second run" in texts(view)
    assert asked == []
    runs(given, "b", "a")
    assert "Comparing two spaces" in texts(view)
    assert len(asked) == 1


def texts(view: SpacesView) -> str:

    assert view._pages.currentWidget() is view.empty
    return " ".join(one.text() for one in view.empty.findChildren(QLabel))


def test_the_older_of_the_two_newest_runs_is_on_the_left(given, view, asked) -> None:
    runs(given, "c", "b", "a")
    assert given.session.spaces.chosen == ("b", "c")
    arguments = asked[-1].arguments
    assert (arguments["first"], arguments["second"], arguments["k"]) == ("runs/b", "runs/c", 15)
    assert (view.first.currentData(), view.second.currentData()) == ("b", "c")


def test_nothing_is_computed_before_somebody_looks(qtbot, given, asked) -> None:
    given.dataset()
    made = SpacesView(given.session)
    qtbot.addWidget(made)
    runs(given, "b", "a")
    assert asked == []
    made.show()
    qtbot.waitExposed(made)
    assert len(asked) == 1
    made.hide()
    made.show()
    assert len(asked) == 1


def test_both_pictures_and_the_share_in_words(qtbot, given, view, asked, tmp_path) -> None:
    runs(given, "b", "a")
    finish(qtbot, given, asked[-1], tmp_path)
    np.testing.assert_array_equal(view.left.canvas.scene.xy, XY)
    np.testing.assert_array_equal(view.right.canvas.scene.xy, XY[:, ::-1])
    np.testing.assert_array_equal(view.left.canvas.scene.colouring.codes, view.right.canvas.scene.colouring.codes)
    # 6 of 9 by the mean; by chance 4 neighbours of 8 others.
    assert view.words.text() == (
        "Of a node's 4 nearest neighbours, 67 % are the same in both spaces; by chance it would be 50 %."
    )
    given.session.selection.select([4, 8])
    assert view.words.text().endswith("Of the 2 selected nodes: 25 %.")
    given.session.selection.select([8])
    assert view.words.text().endswith("Of the selected node: 0 %.")


def test_a_selection_of_a_large_graph_is_measured_by_itself(qtbot, given, view, asked, tmp_path) -> None:
    runs(given, "b", "a")
    drawn = SHARED.copy()
    drawn[4:] = np.nan
    finish(qtbot, given, asked[-1], tmp_path, drawn)
    assert view.words.text().endswith("Measured on 4 nodes drawn at random.")
    given.session.selection.select([0, 1])  # both were measured
    assert "Of the 2 selected nodes: 100 %." in view.words.text()
    assert len(asked) == 1
    given.session.selection.select([3, 8])
    assert "Of the 2 selected nodes: being measured." in view.words.text()
    assert asked[-1].arguments["nodes"] == [3, 8]
    late = asked[-1]
    given.session.selection.select([8])
    late.ends("finished", result={"k": 4, "mean": 0.9})  # what it is about is selected no longer
    assert "Of the selected node: being measured." in view.words.text()
    asked[-1].ends("finished", result={"k": 4, "mean": 0.25})
    assert "Of the selected node: 25 %." in view.words.text()
    assert len(asked) == 3
    given.session.selection.select([5])
    asked[-1].ends("failed", error={"message": "No room."})
    assert "Of the selected node: not measured." in view.words.text()
    view.hide()
    given.session.selection.select([6])
    assert len(asked) == 4
    view.show()
    assert asked[-1].arguments["nodes"] == [6]


def test_a_click_in_one_picture_selects_in_both(qtbot, given, view, asked, tmp_path) -> None:
    runs(given, "b", "a")
    finish(qtbot, given, asked[-1], tmp_path)
    canvas = view.right.canvas
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.screen_point(6))
    assert given.selected() == [6]
    for one in (view.left.canvas, view.right.canvas):
        assert np.flatnonzero(one.scene.state == State.SELECTED).tolist() == [6]


def test_the_node_under_the_pointer_is_marked_in_the_other_picture(qtbot, given, view, asked, tmp_path) -> None:
    runs(given, "b", "a")
    finish(qtbot, given, asked[-1], tmp_path)
    left, right = view.left.canvas, view.right.canvas
    QTest.mouseMove(left, left.screen_point(7))
    qtbot.waitUntil(lambda: left.pointer.hover == 7, timeout=5_000)
    assert right.pointer.marked == 7
    marked, at = right.grab().toImage(), right.screen_point(7)
    left.pointer.leave()
    assert right.pointer.marked is None
    bare = right.grab().toImage()
    assert marked.size() == bare.size()
    differs = [
        (x, y) for x in range(bare.width()) for y in range(bare.height()) if bare.pixel(x, y) != marked.pixel(x, y)
    ]
    assert differs  # a ring around the same node, and its name
    assert min(abs(x - at.x()) + abs(y - at.y()) for x, y in differs) < 20


def test_the_tools_leave_a_low_view_to_the_pictures(qtbot, given, view, asked, tmp_path) -> None:
    runs(given, "b", "a")
    finish(qtbot, given, asked[-1], tmp_path)
    assert view.left.strip.isVisible()
    view.resize(900, 220)
    assert not view.left.strip.isVisible()
    assert not view.right.strip.isVisible()
    qtbot.keyClick(view.left.canvas, Qt.Key.Key_L)  # the lasso is there all the same
    assert view.left.canvas.tool.value == "lasso"


def test_choosing_the_run_of_the_other_side_swaps_them(qtbot, given, view, asked) -> None:
    runs(given, "c", "b", "a")
    qtbot.keyClick(view.first, Qt.Key.Key_Up)  # from b to c, which is on the right
    assert given.session.spaces.chosen == ("c", "b")
    assert asked[0].state == "cancelled"
    assert asked[-1].arguments["first"] == "runs/c"
    runs(given, "c", "a")  # b was deleted
    assert given.session.spaces.chosen == ("a", "c")


def test_a_failure_and_a_foreign_answer_are_told_in_place(qtbot, given, view, asked, tmp_path) -> None:
    runs(given, "b", "a")
    asked[-1].ends("failed", error={"message": "No room.", "hint": "Make some."})
    assert "No room." in texts(view)
    assert "Make some." in texts(view)
    given.session.spaces.choose("a", "b")
    assert len(asked) == 2
    finish(qtbot, given, asked[-1], tmp_path, SHARED[:5])
    assert "other nodes" in texts(view)


def test_the_job_itself_fills_the_view(qtbot, given, view, asked, tmp_path) -> None:
    points = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    for name, space in (("a", points), ("b", points[:, ::-1])):
        (tmp_path / "runs" / name).mkdir(parents=True)
        frame = pd.DataFrame({"node_id": IDS, **{f"e{i}": column for i, column in enumerate(space.T)}})
        frame.to_parquet(tmp_path / "runs" / name / "embeddings.parquet")
    given.session.pictures.projection_type = "pca"
    runs(given, "b", "a")
    done = run_inline(JobSpec("spaces", asked[-1].arguments), folder=tmp_path)
    assert done.status == "finished", done.error
    with qtbot.waitSignal(given.session.spaces.changed, timeout=5_000):
        asked[-1].ends("finished", result=done.result)
    # The same space with its axes in another order: turned, it lies on the first, and every neighbour is shared.
    np.testing.assert_allclose(view.right.canvas.scene.xy, view.left.canvas.scene.xy, atol=1e-4)
    assert "Of a node's 8 nearest neighbours, 100 % are the same" in view.words.text()


def test_another_projection_is_compared_anew(qtbot, given, view, asked, tmp_path) -> None:
    runs(given, "b", "a")
    finish(qtbot, given, asked[-1], tmp_path)
    given.session.embedding_changed.emit()
    assert len(asked) == 1
    given.session.pictures.projection_type = "pca"
    given.session.embedding_changed.emit()
    assert asked[-1].arguments["type"] == "pca"
    assert len(asked) == 2
