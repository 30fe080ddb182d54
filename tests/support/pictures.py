"""A small graph and a run on it, made by hand, for the tests of canvas, models and views."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from app.canvas.scene import Colouring, LegendEntry, Scene
from app.session.frames import DatasetFrame, RunFrame

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.session.session import Session

# Two squares a-b-c-d and e-f-g-h, joined by d-e; x has no edge. Names: markup, Chinese, a missing one.
IDS = ["a", "b", "c", "d", "e", "f", "g", "h", "007"]
NAMES = ["<b>Ann</b>", "Bob", "中文名", "Dora", "Eve", None, "Gus", "Hal", "Xi & Co"]
TEAMS = ["red", "red", "red", "red", "blue", "blue", "blue", None, "red"]
PREDICTED = ["red", "red", "red", "blue", "blue", "blue", "red", "blue", "red"]
CONFIDENCE = [0.9, 0.8, 0.95, 0.55, 0.7, 0.99, 0.51, 0.6, 0.5]
SPLITS = ["train", "valid", "test", "test", "train", "valid", "test", "unused", "test"]
EDGES = [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (7, 4), (3, 4)]
XY = np.array(
    [[0, 0], [0, 2], [2, 2], [2, 0], [6, 0], [6, 2], [8, 2], [8, 0], [4, 4]],
    dtype=np.float32,
)


def dataset(folder: Path = Path("data")) -> DatasetFrame:
    """Return the graph as the window reads it."""
    rows: list[list[int]] = [[] for _ in IDS]
    for a, b in EDGES:
        rows[a].append(b)
        rows[b].append(a)
    indptr = np.cumsum([0, *(len(row) for row in rows)]).astype(np.int64)
    indices = np.array([one for row in rows for one in sorted(row)], dtype=np.int32)
    nodes = pd.DataFrame(
        {"name": NAMES, "team": TEAMS, "age": ["31", "9", "40", None, "22", "35", "61", "18", "27"], "split": SPLITS},
        dtype=object,
    )
    kinds = {"name": ("label_text", "text"), "team": ("target", "category"), "age": ("feature", "number")}
    columns = {name: {"role": role, "kind": kind} for name, (role, kind) in kinds.items()}
    counts = [{"value": "red", "nodes": 5}, {"value": "blue", "nodes": 3}]
    card = {
        "nodes": 9,
        "edges": 9,
        "components": {"count": 2, "largest": 8, "largest_share": 8 / 9},
        "isolated": 1,
        "degree": {
            "mean": 2.0,
            "largest": 3,
            "histogram": [
                {"from": 0, "to": 0, "nodes": 1},
                {"from": 1, "to": 1, "nodes": 0},
                {"from": 2, "to": 2, "nodes": 6},
                {"from": 3, "to": 4, "nodes": 2},
            ],
        },
        "columns": [
            {"name": "team", "classes": 2, "known": 8, "counts": counts, "sentence": "Neighbours are alike."},
        ],
        "sentences": ["9 nodes and 9 undirected edges.", "Neighbours are alike."],
    }
    return DatasetFrame(
        folder=folder,
        fingerprint="hand",
        summary={"num_nodes": 9, "num_edges": 9, "card": card},
        data={"tables": [{"kind": "nodes", "columns": columns}]},
        node_ids=np.array(IDS, dtype=object),
        nodes=nodes,
        indptr=indptr,
        indices=indices,
    )


def spread(mean: float, std: float = 0.0, count: int = 1) -> dict[str, float]:
    """Return a score as metrics.json holds it."""
    return {"mean": mean, "std": std, "count": count}


def metrics() -> dict[str, object]:
    """Return the numbers of a pretrained run over two seeds."""
    runs = [
        {"split": "random", "seed": seed, "kind": kind, "test": {"accuracy": value}}
        for seed, kind, value in (
            (0, "scratch", 0.70),
            (0, "pretrained", 0.75),
            (1, "scratch", 0.72),
            (1, "pretrained", 0.71),
        )
    ]
    return {
        "metric": "accuracy",
        "encoder": "gcn",
        "device": "cpu",
        "seeds": [0, 1],
        "splits": ["random"],
        "sizes": [{"split": "random", "train": 2, "valid": 2, "test": 4}],
        "valid": spread(0.74, 0.01, 2),
        "test": spread(0.73, 0.028, 2),
        "all": {"test": {"accuracy": spread(0.73, 0.028, 2), "macro_f1": spread(0.71, 0.02, 2)}},
        "floors": {"majority": {"test": spread(0.5)}, "label_spreading": {"test": spread(0.6)}},
        "probe": {"test": spread(0.66, 0.01, 2)},
        "random_init_probe": {"test": spread(0.61, 0.02, 2)},
        "comparison": {
            "scratch": spread(0.71, 0.014, 2),
            "pretrained": spread(0.73, 0.028, 2),
            "paired_difference": spread(0.02, 0.042, 2),
        },
        "runs": runs,
        "verdict": "GCN 73.0 ± 2.8 over 2 seeds; label spreading reaches 60.0.",
        "confusion": {"labels": ["blue", "red"], "matrix": [[0, 1], [1, 2]]},
        "report": {
            "test": {
                "classes": [
                    {"class": "blue", "precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1},
                    {"class": "red", "precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3, "support": 3},
                ]
            }
        },
    }


def run(folder: Path = Path("run"), *, with_metrics: bool = True) -> RunFrame:
    """Return a run that predicts `team`."""
    table = pd.DataFrame(
        {
            "id": IDS,
            "predicted_team": PREDICTED,
            "confidence": CONFIDENCE,
            "p_red": [c if p == "red" else 1 - c for p, c in zip(PREDICTED, CONFIDENCE, strict=True)],
            "p_blue": [c if p == "blue" else 1 - c for p, c in zip(PREDICTED, CONFIDENCE, strict=True)],
            "split": SPLITS,
        }
    )
    return RunFrame(
        folder=folder,
        metrics=metrics() if with_metrics else {},
        predictions=table,
        recipe={"task": {"type": "node_class", "target": "team"}},
        status="finished",
    )


def scene(count: int = 9, *, edges: list[tuple[int, int]] | None = None) -> Scene:
    """Return the first nodes of the graph as a scene in two colours, blue and orange."""
    codes = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1], dtype=np.uint16)[:count]
    palette = np.array([[0, 90, 220, 255], [230, 120, 0, 255]], dtype=np.uint8)
    legend = (LegendEntry("first", 0, int((codes == 0).sum())), LegendEntry("second", 1, int((codes == 1).sum())))
    return Scene(
        xy=XY[:count],
        colouring=Colouring("Side", codes, palette, np.zeros(2, dtype=np.uint8), legend),
        state=np.zeros(count, dtype=np.uint8),
        ids=np.array(IDS[:count], dtype=object),
        edges=np.array(EDGES if edges is None else edges, dtype=np.int32).reshape(-1, 2),
        weight=np.arange(count, dtype=np.float32),
    )


def fill(session: Session, qtbot: QtBot) -> None:
    """Show the graph and the run in a session, with a selection, and what can be made of one."""
    session.dataset = dataset()
    session._history.reset(session.dataset.num_nodes)
    session.running.run = run()
    session.draft.load({"task": {"type": "node_class", "target": "team"}, "encoder": {"type": "gcn"}})
    with qtbot.waitSignal(session.facts.changed, timeout=5_000):
        session.dataset_changed.emit()
        session.run_changed.emit()
    session.pictures.positions = XY
    session.positions_changed.emit()
    session.pictures.embedding = XY
    session.embedding_changed.emit()
    session.selection.select([0, 1, 2])
    session.named.save("mine")
    session.own_columns.write("odd", session.selection.mask, "yes", "no")
