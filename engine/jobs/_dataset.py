"""The folder of an imported dataset, read again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from engine.core.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path

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
