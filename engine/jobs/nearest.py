"""Say which nodes lie nearest to some in the space of a run's embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError, ProjectError
from engine.core.events import StageStarted
from engine.jobs._base import Job
from engine.jobs.spec import JobContext

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class Nearest(Job):
    """List the nodes whose embeddings point in almost the same direction: those the model takes for alike.

    Source: our own; exact search by the cosine of both vectors.
    """

    key = "nearest"
    label = "Nearest in embedding"

    class Config(ConfigBase):
        run: str | None = option(None, "Folder of the run.")
        file: str | None = option(None, "A file of embeddings, .parquet, its first column the ids.")
        nodes: tuple[str, ...] = option(..., "Ids of the nodes whose neighbours are asked for, at most 1000.")
        k: int = option(10, "How many neighbours each gets.", ge=1, le=1000)

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{nodes: [{node, nearest: [{id, row, cosine}]}]}`, the most alike first.

        `row` is the place of the node in the dataset, from 0.
        """
        from engine.infer.nearest import nearest

        if (arguments.run is None) == (arguments.file is None):
            raise OptionError("Name a run or a file of embeddings.", hint="One of the two.", path="nearest")
        if len(arguments.nodes) > 1000:
            raise OptionError(
                f"Neighbours of {len(arguments.nodes)} nodes are too many to list.",
                hint="Ask for at most 1000 at a time.",
                path="nearest.nodes",
            )
        path = context.folder / (arguments.file or f"{arguments.run}/embeddings.parquet")
        context.sink(StageStarted("nearest", 0, 1))
        if not path.is_file():
            raise ProjectError(f"There are no embeddings at {path}.", hint="Let the run finish, or resume it.")
        ids, points = read_embeddings(path)
        context.cancel.check()
        found = nearest(points, _rows(ids, arguments.nodes), arguments.k)
        return {
            "nodes": [
                {
                    "node": name,
                    "nearest": [
                        {"id": str(ids[row]), "row": int(row), "cosine": round(float(cosine), 6)}
                        for row, cosine in zip(found.index[place], found.cosine[place], strict=True)
                    ],
                }
                for place, name in enumerate(arguments.nodes)
            ]
        }


def read_embeddings(path: Any) -> tuple[NDArray[np.object_], NDArray[np.float32]]:  # Any: a Path
    """Return ids, text [N], and vectors, float32 [N, D], of a file of embeddings."""
    import numpy as np
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    vectors = np.empty((table.num_rows, max(0, table.num_columns - 1)), np.float32)
    for place, column in enumerate(table.columns[1:]):
        vectors[:, place] = column.to_numpy()
    return table.column(0).to_numpy().astype(object), vectors


def _rows(ids: NDArray[np.object_], names: Sequence[str]) -> NDArray[np.int64]:
    """Return the row of each name.

    Raises: OptionError: an id is not among them, with the one most like it.
    """
    import difflib

    import numpy as np

    wanted = set(names)
    place = {str(name): row for row, name in enumerate(ids) if str(name) in wanted}
    for name in names:
        if name not in place:
            close = difflib.get_close_matches(name, [str(one) for one in ids[:100_000]], n=1)
            raise OptionError(
                f'The embeddings have no node "{name}".',
                hint=f'Did you mean "{close[0]}"?' if close else "Name an id as it is in the files.",
                path="nearest.nodes",
            )
    return np.array([place[name] for name in names], np.int64)
