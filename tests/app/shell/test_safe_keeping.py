"""What the window says and does when a project is locked, or its disk is full."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.kit import settings as keys
from engine.project.bundle import Project
from tests.support.disks import SmallDisk


def _state(folder: Path) -> Any:
    return json.loads((folder / "project.json").read_text(encoding="utf-8"))["state"]


class _Answers:
    """Answers every question alike, and notes it."""

    def __init__(self, answer: bool) -> None:
        self._answer = answer
        self.asked: list[str] = []

    def confirm(self, title: str, text: str) -> bool:
        self.asked.append(f"{title} {text}")
        return self._answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = Project.create(tmp_path / "mine.kith")
    project.store({"draft": {"encoder": {"type": "gcn"}}, "station": "data"})
    project.close()
    return tmp_path / "mine.kith"


def test_a_second_window_on_the_same_project_is_told_so_and_changes_nothing(opened, qtbot, folder) -> None:
    first = opened.open()
    assert first.session.open_project(folder)
    second = opened.open()
    said = []
    second.session.notice.connect(said.append)
    qtbot.waitUntil(lambda: second.session.settings.get(keys.OPEN_PROJECT) == str(folder))
    assert not second.session.open_project(folder)
    assert "open in another window" in said[-1].text
    assert said[-1].hint == "Close it there first."
    assert second.session.project is None
    second.window.close()
    assert (folder / "lock").exists()
    first.session.draft.set("encoder.width", 8)
    first.window.close()
    assert _state(folder)["draft"] == {"encoder": {"type": "gcn", "width": 8}}
    assert not (folder / "lock").exists()


@pytest.mark.parametrize("answer", [True, False])
def test_a_lock_from_another_machine_is_removed_only_when_the_user_says_so(opened, folder, answer) -> None:
    (folder / "lock").write_text(json.dumps({"host": "elsewhere", "pid": 1, "time": 0}), encoding="utf-8")
    start = opened.open()
    said = []
    start.session.notice.connect(said.append)
    start.window.commands.asking = answers = _Answers(answer)
    start.window.commands.open_project(folder)
    assert len(answers.asked) == 1
    assert "elsewhere" in answers.asked[0]
    assert (start.session.project is not None) is answer
    if answer:
        assert start.session.draft.get("encoder.type") == "gcn"
    else:
        assert "elsewhere" in said[-1].text
        assert json.loads((folder / "lock").read_text(encoding="utf-8"))["host"] == "elsewhere"


def test_a_full_disk_is_told_once_and_closing_then_asks_before_changes_are_lost(opened, qtbot, tmp_path) -> None:
    disk = SmallDisk(tmp_path / "disk", kilobytes=300)
    try:
        folder = disk.place / "p.kith"
        Project.create(folder).close()
        start = opened.open()
        session = start.session
        said = []
        session.notice.connect(said.append)
        assert session.open_project(folder)
        session.draft.set("encoder.width", 8)
        qtbot.waitUntil(lambda: _state(folder).get("draft") == {"encoder": {"width": 8}})
        disk.fill()
        for width in (9, 10, 11):
            session.draft.set("encoder.width", width)
            qtbot.wait(450)
        assert [message.level for message in said] == ["problem"]
        assert "cannot be saved" in said[0].text
        assert "No space left" in said[0].text
        assert "Make room" in said[0].hint
        assert _state(folder)["draft"] == {"encoder": {"width": 8}}
        disk.free()
        session.draft.set("encoder.width", 12)
        qtbot.waitUntil(lambda: _state(folder)["draft"] == {"encoder": {"width": 12}})
        qtbot.waitUntil(lambda: [message.level for message in said] == ["problem", "good"])
        disk.fill()
        session.draft.set("encoder.width", 13)
        start.window.commands.asking = _Answers(False)
        assert not start.window.close()
        assert start.window.isVisible()
        start.window.commands.asking = answers = _Answers(True)
        assert start.window.close()
        assert "Close without saving?" in answers.asked[0]
        assert _state(folder)["draft"] == {"encoder": {"width": 12}}
    finally:
        opened.close()
        disk.close()
