"""A dataset and a run as the window shows them, read from their folders. Called in a worker thread."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.kit.later import np
from app.session.texts import PIECE

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

#: Tasks that predict numbers, not classes.
NUMBER_TASKS = ("node_value", "graph_value", "graph_values")


@dataclass(frozen=True)
class DatasetFrame:
    """What `import_data` wrote: N items in dataset order, the nodes of a graph or the graphs of a collection.

    `indptr` int64 [N + 1] and `indices` int32 [E] are the CSR structure, both directions of an undirected edge stored;
    between the graphs of a collection there are no edges.
    `nodes` holds the original columns as text (None = missing), without the id; `columns` their roles and kinds.
    `sizes` int64 [N] are the nodes of each graph of a collection, None where the items are nodes.
    """

    folder: Path
    fingerprint: str
    summary: dict[str, Any]  # Any: JSON values
    data: dict[str, Any]  # Any: JSON values: DataOptions, with absolute paths
    node_ids: NDArray[np.object_]
    nodes: pd.DataFrame
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    weight: NDArray[np.float32] | None = None  # of each entry of `indices`, where edges have one
    nodes_key: str = ""  # the same for the same ids in the same order
    sizes: NDArray[np.int64] | None = None

    @property
    def num_nodes(self) -> int:
        """N."""
        return len(self.node_ids)

    @property
    def num_edges(self) -> int:
        """Edges as the user counts them: an undirected one once."""
        return int(self.summary.get("num_edges", len(self.indices)))

    @property
    def is_collection(self) -> bool:
        """Whether the items are whole graphs."""
        return self.sizes is not None

    @property
    def smiles(self) -> pd.Series | None:
        """The structures of a collection of molecules as SMILES, None where the items are something else."""
        found = self.columns("smiles") if self.is_collection else []
        return self.nodes[found[0]] if found and found[0] in self.nodes else None

    @property
    def are_molecules(self) -> bool:
        """Whether the items are molecules."""
        return any(table.get("kind") == "molecules" for table in self.data.get("tables", []))

    def columns(self, role: str) -> list[str]:
        """Return the columns of the table of items that have a role ("target", "split", "label_text" …)."""
        return [
            name
            for table in self.data.get("tables", [])
            if table.get("kind") in (("graphs", "molecules") if self.is_collection else ("nodes",))
            for name, column in table.get("columns", {}).items()
            if column.get("role") == role
        ]

    def label_column(self) -> str | None:
        """Return the column that names nodes for people, when there is one."""
        found = self.columns("label_text")
        return found[0] if found and found[0] in self.nodes else None


@dataclass(frozen=True)
class RunFrame:
    """What a run wrote so far. Rows of `predictions` are the dataset's nodes, in order."""

    folder: Path
    metrics: dict[str, Any]  # Any: JSON values; empty while the run goes on
    predictions: pd.DataFrame | None
    recipe: dict[str, Any]  # Any: JSON values
    curves: dict[str, dict[str, list[tuple[int, float]]]] = field(default_factory=dict)  # stage -> metric -> points
    status: str = ""  # running, finished, stopped, cancelled, failed, killed

    @property
    def target(self) -> str | None:
        """Name of the predicted column."""
        return (self.recipe.get("task") or {}).get("target")

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the predicted columns where the task has several; empty with a single one."""
        return tuple(map(str, (self.recipe.get("task") or {}).get("targets") or ()))

    @property
    def predicted_column(self) -> str | None:
        """The column of `predictions` that holds the predicted value."""
        name = f"predicted_{self.target}"
        return name if self.predictions is not None and name in self.predictions else None

    @property
    def predicts_numbers(self) -> bool:
        """Whether what it predicts is a number of each item, not a class."""
        return str((self.recipe.get("task") or {}).get("type")) in NUMBER_TASKS

    @property
    def embeddings_path(self) -> Path | None:
        """Parquet file, the ids and then e0 … eH, when the run wrote one."""
        path = self.folder / "embeddings.parquet"
        return path if path.exists() else None


def read_dataset(folder: Path) -> DatasetFrame:
    """Read a dataset folder. Raises: OSError, ValueError: it is not complete."""
    import pandas as pd

    many, weight = (folder / "graphs.parquet").exists(), folder / "weight.npy"
    id_name = "graph_id" if many else "node_id"
    items = pd.read_parquet(folder / ("graphs.parquet" if many else "nodes.parquet"))
    node_ids = _ids(items[id_name])
    if many:
        indptr, indices = np.zeros(len(items) + 1, dtype=np.int64), np.zeros(0, dtype=np.int32)
    else:
        indptr = np.load(folder / "indptr.npy", allow_pickle=False)
        indices = np.load(folder / "indices.npy", allow_pickle=False)
    return DatasetFrame(
        folder=folder,
        fingerprint=folder.name,
        summary=_json(folder / "summary.json"),
        data=_json(folder / "data.json"),
        node_ids=node_ids,
        nodes=items.drop(columns=id_name),
        indptr=indptr,
        indices=indices,
        weight=np.load(weight, allow_pickle=False) if weight.exists() and not many else None,
        nodes_key=_key_of(node_ids),
        sizes=np.diff(np.load(folder / "graph_ptr.npy", allow_pickle=False)) if many else None,
    )


def _ids(column: pd.Series[str]) -> NDArray[np.object_]:
    """Return the ids as Python's texts, [N] object, an empty one included."""
    found = np.empty(len(column), dtype=object)
    # Under the interpreter's lock: piece by piece, so that the window goes on between.
    for first in range(0, len(found), PIECE):
        found[first : first + PIECE] = column.iloc[first : first + PIECE].astype(object).to_numpy()
    return found


def _key_of(node_ids: NDArray[np.object_]) -> str:
    """Return the hash of all ids, one behind the other with a zero byte between."""
    import hashlib  # not before the first paint

    digest = hashlib.sha256()
    for first in range(0, len(node_ids), PIECE):
        digest.update(("\0" * (first > 0) + "\0".join(node_ids[first : first + PIECE])).encode())
    return digest.hexdigest()[:16]


def read_issues(dataset: DatasetFrame) -> tuple[list[dict[str, Any]], dict[str, int]]:  # Any: JSON values
    """Read the findings of a dataset; to be called away from the window's thread."""
    path = dataset.folder / "issues.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines], dict(dataset.summary.get("issue_counts", {}))


def read_run(folder: Path) -> RunFrame:
    """Read a run folder, finished or not. Raises: OSError, ValueError: it has no readable recipe."""
    import tomllib

    import pandas as pd

    predictions = folder / "predictions.parquet"
    events = read_events(folder)
    return RunFrame(
        folder=folder,
        metrics=_json(folder / "metrics.json") if (folder / "metrics.json").exists() else {},
        predictions=pd.read_parquet(predictions) if predictions.exists() else None,
        recipe=tomllib.loads((folder / "recipe.toml").read_text(encoding="utf-8")),
        curves=curves_of(events),
        status=status_of(events),
    )


def read_events(folder: Path) -> list[dict[str, Any]]:  # Any: JSON values
    """Read the event log; a last line cut off by a crash is left out."""
    path = folder / "events.jsonl"
    if not path.exists():
        return []
    found = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
    return found


def curve_name(event: dict[str, Any]) -> str:  # Any: JSON values
    """Return the name of the curve that an EpochFinished event belongs to: stage, split and seed."""
    parts = [event["stage"], event.get("split"), event.get("seed")]
    return " · ".join(str(part) for part in parts if part is not None)


def curves_of(events: list[dict[str, Any]]) -> dict[str, dict[str, list[tuple[int, float]]]]:  # Any: JSON values
    """Return the points of every metric by stage; an epoch that a resumed run repeats counts once, the last time."""
    found: dict[str, dict[str, dict[int, float]]] = {}
    for event in events:
        if event.get("event") != "EpochFinished":
            continue
        metrics = found.setdefault(curve_name(event), {})
        for name, value in event["metrics"].items():
            metrics.setdefault(name, {})[int(event["epoch"])] = float(value)
    return {
        stage: {name: sorted(points.items()) for name, points in metrics.items()} for stage, metrics in found.items()
    }


def status_of(events: list[dict[str, Any]]) -> str:
    """Derive the status from the log: that of the last JobFinished after the last JobStarted, else "running"."""
    status = ""
    for event in events:
        if event.get("event") == "JobStarted":
            status = "running"
        elif event.get("event") == "JobFinished":
            status = str(event.get("status"))
    return status


def _json(path: Path) -> dict[str, Any]:  # Any: JSON values
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
