"""Places of nodes: what is asked for, what is undone, and what is written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from app.bridge.background import wait_for_background
from app.kit import theme
from app.session.pictures import Pictures

XY = np.array([[0, 0], [3, 0], [0, 4]], np.float32)


@dataclass
class Asked:
    """A layout that was asked for."""

    arguments: dict[str, Any]
    state: str = "running"
    error: Any = None

    @property
    def is_over(self) -> bool:
        return self.state != "running"


class Jobs(QObject):
    """Notes what is asked for."""

    job_event = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self.cancelled: list[Asked] = []

    def submit(self, kind: str, arguments: dict[str, Any], **given: Any) -> Asked:
        self.asked.append(Asked(arguments))
        return self.asked[-1]

    def cancel(self, job: Asked) -> None:
        job.state = "cancelled"
        self.cancelled.append(job)


@dataclass
class Scene:
    """Pictures of a graph of three nodes, of which the second is selected."""

    folder: Path
    jobs: Jobs = field(default_factory=Jobs)
    undo: QUndoStack = field(default_factory=QUndoStack)

    def __post_init__(self) -> None:
        selection: Any = SimpleNamespace(mask=np.array([False, True, False]))
        self.pictures = Pictures(self.jobs, self.undo, selection)  # type: ignore[arg-type]  # stands for the controller
        ids = np.array(["a", "b", "c,d"], dtype=object)
        dataset: Any = SimpleNamespace(
            folder=self.folder, fingerprint="f", num_nodes=3, node_ids=ids, is_collection=False
        )
        self.pictures.show_dataset(dataset)
        self.pictures.positions = XY


@pytest.fixture
def scene(qtbot, qapp, tmp_path) -> Iterator[Scene]:
    theme.apply(qapp, "dark")
    made = Scene(tmp_path)
    yield made
    wait_for_background()
    made.pictures.deleteLater()


def test_options_lay_the_graph_out_at_once_and_are_undone(scene: Scene) -> None:
    scene.pictures.set_option("spread", 3.0)
    assert scene.jobs.asked[-1].arguments["options"] == {"spread": 3.0}
    scene.undo.undo()
    assert scene.jobs.asked[-1].arguments["options"] == {}
    scene.undo.redo()
    assert scene.jobs.asked[-1].arguments["options"] == {"spread": 3.0}


def test_going_on_starts_from_the_places_and_holds_what_is_selected(scene: Scene) -> None:
    scene.pictures.go_on()
    arguments = scene.jobs.asked[-1].arguments
    np.testing.assert_array_equal(np.load(arguments["start"]), XY)
    assert np.load(arguments["held"]).tolist() == [False, True, False]
    scene.pictures.positions = XY + 1
    scene.undo.undo()
    np.testing.assert_array_equal(scene.pictures.positions, XY)


def test_stopping_keeps_the_places(scene: Scene) -> None:
    assert scene.pictures.is_placing
    scene.pictures.stop_layout()
    assert scene.jobs.cancelled == scene.jobs.asked
    assert not scene.pictures.is_placing
    np.testing.assert_array_equal(scene.pictures.positions, XY)


def test_places_of_a_file_are_asked_for_and_undone(scene: Scene, tmp_path: Path) -> None:
    scene.pictures.load_places(tmp_path / "places.csv")
    arguments = scene.jobs.asked[-1].arguments
    assert (arguments["type"], arguments["options"]) == ("places", {"file": str(tmp_path / "places.csv")})
    scene.undo.undo()
    assert scene.pictures.layout_type == "force"
    np.testing.assert_array_equal(scene.pictures.positions, XY)


def test_places_of_the_embedding_are_as_wide_as_the_picture_was(scene: Scene) -> None:
    scene.pictures.embedding = np.array([[0, 1], [1, 0], [0, 0]], np.float32)
    scene.pictures.as_embedding()
    found = scene.pictures.positions
    assert found is not None
    assert found.std() == pytest.approx(XY.std(), rel=1e-5)
    assert found[0, 1] == pytest.approx(found[1, 0])
    scene.undo.undo()
    np.testing.assert_array_equal(scene.pictures.positions, XY)


def test_places_are_written_as_a_table_with_ids(qtbot, scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    scene.pictures.save_places(file)
    qtbot.waitUntil(file.exists, timeout=5_000)
    assert file.read_text(encoding="utf-8").splitlines() == ["id,x,y", "a,0,0", "b,3,0", '"c,d",0,4']


def test_a_place_that_cannot_be_written_to_is_told(qtbot, scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with qtbot.waitSignal(scene.pictures.failed, timeout=5_000) as told:
        scene.pictures.save_places(tmp_path / "file" / "out.csv")
    assert "could not be written" in told.args[0]["message"]
