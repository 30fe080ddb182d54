"""The import sheet's state, with a real preview."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QUndoStack

from app.bridge.job_controller import JobController
from app.session.importing import ImportDraft
from tests.support.executors import InThread

SECONDS = 60_000


@pytest.fixture
def draft(qtbot, tmp_path: Path) -> Iterator[ImportDraft]:
    controller = JobController(lambda lane: InThread(tmp_path))
    yield ImportDraft(controller, QUndoStack(controller), controller)
    controller.close()


def _write(folder: Path, **files: bytes) -> list[Path]:
    paths = []
    for name, content in files.items():
        paths.append(folder / f"{name}.csv")
        paths[-1].write_bytes(content)
    return paths


def test_an_encoding_that_the_bytes_do_not_tell_must_be_chosen_before_the_import(qtbot, draft, tmp_path) -> None:
    people = "编号,名字\n1,张三\n2,李四\n3,王五\n".encode("gb18030")
    files = _write(tmp_path, people=people, edges=b"a,b\n1,2\n2,3\n")
    draft.start(files)
    qtbot.waitUntil(lambda: not draft.is_busy, timeout=SECONDS)
    assert draft.unconfirmed() == [str(files[0])]
    assert not draft.is_ready
    draft.set_encoding(str(files[0]), "gb18030")
    qtbot.waitUntil(lambda: not draft.is_busy, timeout=SECONDS)
    assert draft.is_ready
    table = next(table for table in draft.tables() if table["path"] == str(files[0]))
    assert [column["name"] for column in table["columns"]] == ["编号", "名字"]


def test_a_role_can_be_changed_and_taken_back(qtbot, draft, tmp_path) -> None:
    files = _write(tmp_path, people=b"id,team,age\na,red,31\nb,blue,40\nc,red,28\n", edges=b"x,y\na,b\nb,c\n")
    draft.start(files)
    qtbot.waitUntil(lambda: draft.is_ready, timeout=SECONDS)
    before = draft.data
    draft.set_role(str(files[0]), "age", "ignore")
    qtbot.waitUntil(lambda: draft.is_ready, timeout=SECONDS)
    columns = draft.table_options(str(files[0]))["columns"]
    assert columns["age"]["role"] == "ignore"
    draft._undo_stack.undo()
    qtbot.waitUntil(lambda: draft.is_ready, timeout=SECONDS)
    assert draft.data == before


def test_a_file_that_cannot_be_read_is_said_and_taking_it_out_mends_it(qtbot, draft, tmp_path) -> None:
    files = _write(tmp_path, empty=b"", edges=b"x,y\na,b\nb,c\n")
    draft.start(files)
    qtbot.waitUntil(lambda: draft.error is not None, timeout=SECONDS)
    assert "empty.csv" in draft.error["message"]
    assert not draft.is_ready
    draft.remove(str(files[0]))
    qtbot.waitUntil(lambda: draft.is_ready, timeout=SECONDS)
    assert draft.files == [str(files[1])]


@pytest.mark.parametrize(("option", "value"), [("header", False), ("delimiter", ";"), ("kind", "edges")])
def test_another_shape_of_a_table_has_its_columns_suggested_anew(qtbot, draft, tmp_path, option, value) -> None:
    files = _write(tmp_path, people=b"id,team\na,b\nb,c\nc,a\n", edges=b"x,y\na,b\nb,c\n")
    draft.start(files)
    qtbot.waitUntil(lambda: draft.is_ready, timeout=SECONDS)
    draft.set_table(str(files[0]), option, value)
    qtbot.waitUntil(lambda: not draft.is_busy, timeout=SECONDS)
    assert draft.error is None
    shown = next(table for table in draft.tables() if table["path"] == str(files[0]))
    assert shown[option] == value
    assert [column["name"] for column in shown["columns"]] == list(draft.table_options(str(files[0]))["columns"])


def test_one_changed_role_leaves_the_reasons_of_the_others(qtbot, draft, tmp_path) -> None:
    files = _write(tmp_path, people=b"id,team,age\na,red,31\nb,blue,40\nc,red,31\n", edges=b"x,y\na,b\nb,c\n")
    draft.start(files)
    qtbot.waitUntil(lambda: draft.is_ready, timeout=SECONDS)
    before = {column["name"]: column["reason"] for column in draft.tables()[0]["columns"]}
    draft.set_role(str(files[0]), "team", "ignore")
    qtbot.waitUntil(lambda: draft.is_ready, timeout=SECONDS)
    after = {column["name"]: column["reason"] for column in draft.tables()[0]["columns"]}
    assert (after["id"], after["age"]) == (before["id"], before["age"])
    assert after["team"] == "Chosen by you."
