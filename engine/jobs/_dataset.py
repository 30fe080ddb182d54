"""The folder of an imported dataset, read again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.core.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from engine.graph.graph import Graph


def stored_graph(folder: Path) -> Graph:
    """Return the graph of a dataset folder, mapped from its files and checked.

    Raises: ProjectError: the folder holds no dataset. BuildError: its arrays are damaged.
    """
    from engine.graph.store import open_graph

    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        return open_graph(folder, directed=bool(summary.get("directed")))
    except (OSError, ValueError) as error:
        raise ProjectError(f"{folder} is not an imported dataset: {error}.", hint="Import the files again.") from error


class NodeColumns(Mapping[str, "NDArray[Any]"]):  # Any: texts, or numbers
    """The columns of a dataset's table of nodes in its order, the ids last; each is read when it is asked for.

    Args: folder: of the dataset.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "nodes.parquet"
        self._names: list[str] | None = None

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return one column, [N] object, None where a cell is empty."""
        if name not in self._known():
            raise KeyError(name)
        import pandas as pd

        column = pd.read_parquet(self._path, columns=[name])[name].astype(object)
        return column.where(column.notna(), None).to_numpy()

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())

    def _known(self) -> list[str]:
        if self._names is None:
            import pyarrow.parquet as pq

            names = pq.read_schema(self._path).names if self._path.is_file() else []
            self._names = sorted(names, key=lambda name: name == "node_id")
        return self._names
