"""Molecules in the window: what an import leaves becomes items, drawn when they come into view."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.session.counting import chosen, counted, extent
from app.session.frames import DatasetFrame, read_dataset
from app.views.graph import GraphView
from app.views.structures import StructuresView
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec

ROWS = ["ethanol,CCO,0.79,low", "benzene,c1ccccc1,0.88,high", "water,O,1.00,low", "acetone,CC(C)=O,0.78,high"]


def done(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    found = run_inline(JobSpec(kind, arguments, "test"))
    assert found.result is not None, found.error
    return dict(found.result)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("molecules")
    (place / "m.csv").write_text("name,structure,density,group\n" + "\n".join(ROWS) + "\n", encoding="utf-8")
    data = done("preview", {"files": [str(place / "m.csv")]})["data"]
    return Path(done("import_data", {"data": data, "out": str(place / "data")})["folder"])


@pytest.fixture
def molecules(folder: Path) -> DatasetFrame:
    return read_dataset(folder)


class Asked:
    """Takes jobs instead of the engine, and answers when the test says so."""

    def __init__(self) -> None:
        self.jobs: list[tuple[dict[str, Any], Callable[[Any], None]]] = []

    def submit(self, kind: str, arguments: dict[str, Any], **more: Any) -> Any:
        assert kind == "depict"
        assert more["lane"] == "drawing"
        job = type("Job", (), {"arguments": arguments, "is_over": False, "result": None})()
        self.jobs.append((job, more["then"]))
        return job

    def answer(self) -> list[str]:
        job, then = self.jobs.pop(0)
        job.is_over = True
        job.result = {"cells": ["<svg xmlns='http://www.w3.org/2000/svg'/>"] * len(job.arguments["smiles"])}
        then(job)
        return list(job.arguments["smiles"])


@pytest.fixture
def shown(given, molecules, monkeypatch, qtbot):
    asked = Asked()
    monkeypatch.setattr(given.session.jobs, "submit", asked.submit)
    view = StructuresView(given.session)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    given.session.dataset = molecules
    given.session._history.reset(len(ROWS))
    with qtbot.waitSignal(given.session.facts.changed, timeout=5_000):
        given.session.dataset_changed.emit()
    qtbot.waitUntil(lambda: bool(asked.jobs), timeout=2_000)
    return view, asked, given.session


def test_molecules_become_the_items(molecules: DatasetFrame) -> None:
    assert molecules.is_collection
    assert molecules.are_molecules
    assert molecules.sizes.tolist() == [3, 6, 1, 4]  # heavy atoms
    assert list(molecules.smiles) == ["CCO", "c1ccccc1", "O", "CC(C)=O"]
    assert len(molecules.indices) == 0
    assert extent(molecules) == "4 molecules of 1 to 6 atoms"
    assert chosen(molecules, 2) == "2 of 4 molecules selected"
    assert counted(molecules, 1) == "1 molecule"
    assert counted(None, 3) == "3 nodes"


def test_a_collection_is_shown_as_structures_and_a_graph_as_a_graph(given, molecules) -> None:
    given.dataset()
    assert GraphView.suits(given.session)
    assert not StructuresView.suits(given.session)
    given.session.dataset = molecules
    assert StructuresView.suits(given.session)
    assert not GraphView.suits(given.session)


def test_what_comes_into_view_is_drawn_once(shown) -> None:
    view, asked, session = shown
    assert asked.answer() == ["CCO", "c1ccccc1", "O", "CC(C)=O"]
    assert view._cell(1).svg is not None
    view._on_settled()
    assert not asked.jobs
    assert session.drawings.has_structures


def test_the_order_follows_a_column_and_turns_round(shown) -> None:
    view, _, _ = shown
    view.order.setCurrentIndex(view.order.findText("density"))
    view._on_order()
    assert view.grid.order.tolist() == [3, 0, 1, 2]
    view.turn.click()
    assert view.grid.order.tolist() == [2, 1, 0, 3]
    assert view.count.text() == "4 molecules"


def test_the_selection_is_one_with_the_others(shown) -> None:
    view, _, session = shown
    view._on_items_asked([1, 2], "replace")
    assert session.selection.indices().tolist() == [1, 2]
    view._on_items_asked([2], "toggle")
    assert session.selection.indices().tolist() == [1]
    session.selection.hide_others(np.array([True, True, False, False]))
    assert view.grid.order.tolist() == [0, 1]
    assert view.count.text() == "2 of 4 molecules"
