"""A molecule in the inspector: large, in the colours of its explanation, with its nearest train molecules."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt

from app.bridge.jobs import Job
from app.session.frames import RunFrame
from app.views.explanation import ExplanationView
from app.views.inspector import InspectorView
from engine.core.events import JobFinished
from tests.support import pictures

IDS, SMILES = ["m0", "m1", "m2"], ["CCO", "CCN", "CCCO"]
SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='560' height='400'/>"


@pytest.fixture
def asked(given, monkeypatch) -> list[Job]:
    jobs: list[Job] = []

    def submit(kind: str, arguments: dict[str, Any], *, lane: str = "quick", title: str = "", **more: Any) -> Job:
        job = Job(f"{len(jobs)}", kind, dict(arguments), lane, title, given.session.jobs)
        if more.get("then") is not None:
            job.finished.connect(more["then"])
        jobs.append(job)
        return job

    monkeypatch.setattr(given.session.jobs, "submit", submit)
    return jobs


@pytest.fixture
def inspector(given, asked, qtbot) -> InspectorView:
    session = given.session
    columns = {"name": {"role": "graph_id"}, "structure": {"role": "smiles"}, "mass": {"role": "target"}}
    session.dataset = replace(
        pictures.dataset(),
        data={"tables": [{"kind": "molecules", "columns": columns}]},
        node_ids=np.array(IDS, dtype=object),
        nodes=pd.DataFrame({"structure": SMILES, "mass": ["46", "45", "60"]}, dtype=object),
        indptr=np.zeros(4, np.int64),
        indices=np.zeros(0, np.int32),
        sizes=np.array([3, 3, 4]),
    )
    predictions = pd.DataFrame({"name": IDS, "predicted_mass": [46.0, 44.0, 61.0], "split": ["train", "test", "train"]})
    recipe = {"task": {"type": "graph_value", "target": "mass"}}
    session.running.run = RunFrame(given.session.dataset.folder, {"metric": "rmse"}, predictions, recipe)
    session._history.reset(3)
    view = InspectorView(session)
    qtbot.addWidget(view)
    view.show()
    with qtbot.waitSignal(session.facts.changed, timeout=5_000):
        session.dataset_changed.emit()
        session.run_changed.emit()
    session.selection.select([1])
    return view


def end(job: Job, result: dict[str, Any]) -> None:
    job.take(JobFinished(job.id, "finished", 0.0, result))


def of_kind(asked: list[Job], kind: str) -> list[Job]:
    return [job for job in asked if job.kind == kind]


def test_the_nearest_train_molecules_by_structure_are_shown_and_lead_there(inspector, asked, given, qtbot) -> None:
    qtbot.waitUntil(lambda: bool(of_kind(asked, "similarity")), timeout=5_000)
    (job,) = of_kind(asked, "similarity")
    assert job.arguments["ids"] == ["m1"]
    assert inspector.relatives.isHidden()
    near = [{"id": "m2", "smiles": "CCCO", "similarity": 0.4}, {"id": "m0", "smiles": "CCO", "similarity": 0.25}]
    end(job, {"items": [{"id": "m1", "nearest": near}]})
    assert [(bar.name, bar.shown) for bar in inspector.relatives.bars.bars] == [("m2", "0.40"), ("m0", "0.25")]
    assert inspector.relatives.isVisible()
    inspector.relatives.bars.setFocus()
    qtbot.keyClick(inspector.relatives.bars, Qt.Key.Key_Down)
    qtbot.keyClick(inspector.relatives.bars, Qt.Key.Key_Return)
    assert given.selected() == [0]
    assert inspector.relatives.isHidden(), "of another one they are not known yet"
    given.session.selection.select([0, 1])
    assert inspector.relatives.isHidden()


def test_why_the_nearest_molecules_cannot_be_told_is_said(inspector, asked, given, qtbot) -> None:
    qtbot.waitUntil(lambda: bool(of_kind(asked, "similarity")), timeout=5_000)
    (job,) = of_kind(asked, "similarity")
    job.take(JobFinished(job.id, "failed", 0.0, error={"message": "The run's molecules are gone.", "hint": ""}))
    assert inspector.relatives.isVisible()
    assert inspector.relatives.note.text() == "The run's molecules are gone."
    given.session.selection.select([0, 1])
    assert inspector.relatives.isHidden()


def test_the_structure_is_drawn_large_and_wears_the_colours_of_its_explanation(inspector, asked, given, qtbot) -> None:
    qtbot.waitUntil(lambda: bool(of_kind(asked, "depict")), timeout=5_000)
    (plain,) = of_kind(asked, "depict")
    assert (plain.arguments["smiles"], plain.arguments["width"], plain.arguments["bond"]) == (["CCN"], 560, 90.0)
    end(plain, {"cells": [SVG], "bound": None, "colours": []})
    assert not inspector.structure.is_empty
    assert inspector.structure._scale is None
    why = ExplanationView(given.session)
    qtbot.addWidget(why)
    given.session.explaining.explain(1)
    nodes = [{"index": k, "id": "", "score": score} for k, score in enumerate((0.1, 0.2, 0.9))]
    told = {"graph": "m1", "target": "mass", "targets": ["mass"], "predicted": 44.0, "sentence": "44."}
    end(of_kind(asked, "explain")[0], {**told, "nodes": nodes, "edges": [], "columns": []})
    coloured = of_kind(asked, "depict")[1]
    assert coloured.arguments["atoms"] == [[0.1, 0.2, 0.9]]
    assert inspector.structure._scale is None, "not before they are there"
    end(coloured, {"cells": [SVG], "bound": 0.9, "colours": ["#0000ff", "#ff0000"]})
    assert inspector.structure._scale is not None
    assert inspector.structure._scale.of_number
    given.session.explaining.clear()
    assert inspector.structure._scale is None
