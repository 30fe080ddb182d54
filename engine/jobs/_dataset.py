"""The folder of an imported dataset, read again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from engine.core.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path

    from engine.graph.graph import Graph


def stored_graph(folder: Path) -> Graph:
    """Return the graph of a dataset folder, checked.

    Raises: ProjectError: the folder holds no dataset. BuildError: its arrays are damaged.
    """
    import numpy as np

    from engine.graph.graph import Graph

    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        indptr = np.load(folder / "indptr.npy", allow_pickle=False)
        indices = np.load(folder / "indices.npy", allow_pickle=False)
        weight_path = folder / "weight.npy"
        weight = np.load(weight_path, allow_pickle=False) if weight_path.is_file() else None
    except (OSError, ValueError) as error:
        raise ProjectError(f"{folder} is not an imported dataset: {error}.", hint="Import the files again.") from error
    return Graph(indptr, indices, weight, bool(summary.get("directed"))).validate()
