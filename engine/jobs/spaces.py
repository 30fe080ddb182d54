"""Lay the embeddings of two runs side by side: comparable pictures, and how many neighbours they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.atomic import replacing
from engine.core.cancel import Cancelled
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import MismatchError, OptionError, ProjectError
from engine.core.events import StageStarted
from engine.jobs._base import Job
from engine.jobs.layout import save_positions
from engine.jobs.nearest import read_embeddings
from engine.jobs.spec import JobContext

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


# Up to so many nodes all are measured: it takes seconds. Of more, so many are drawn: the mean of 2,000 shares is known
# to a point or so, and a search that is quick enough for all finds too few of the true neighbours.
_ALL, _DRAWN = 10_000, 2_000


class Spaces(Job):
    """Compare the spaces of two runs: both projected, the second turned onto the first, and neighbours counted.

    Source: our own; see `engine.layout.beside`.
    """

    key = "spaces"
    label = "Two spaces"

    class Config(ConfigBase):
        first: str = option(..., "Folder of a run.")
        second: str = option(..., "Folder of another run on the same nodes.")
        type: str = option("pca", "Key of the projection.")
        k: int = option(15, "How many neighbours of each node are compared.", ge=1, le=1000)
        seed: int = option(0, "Seed of the projection, and of which nodes are drawn.", ge=0)
        nodes: tuple[int, ...] = option((), "Rows of the nodes to count the neighbours of, and to do nothing else.")

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{first, second, shared, k, mean}`: three files and two numbers.

        `first` and `second` are places, .npy, float32 [N, 2], those of the second turned onto those of the first;
        `shared` holds for each node which share of its k nearest is the same, .npy, float32 [N]; above 10,000 nodes
        for 2,000 that are drawn, NaN for the others; `mean` is the mean of those measured. With `nodes` only
        `{k, mean}` of them, of 2,000 that are drawn where there are more.
        Raises: ProjectError: a run has no embeddings. MismatchError: the runs are not about the same nodes.
            OptionError: there is no such row.
        """
        import numpy as np

        from engine.layout.beside import shared_neighbours, turned_onto

        folders = [context.folder / name for name in (arguments.first, arguments.second)]
        context.sink(StageStarted("read", 0, 3))
        (ids, first), (others, second) = (_embeddings(folder) for folder in folders)
        if len(ids) != len(others) or bool((ids != others).any()):
            raise MismatchError(
                f"Both runs are about other nodes: {len(ids):,} and {len(others):,} of them, not the same ids.",
                hint="Choose two runs on the same data.",
            )
        context.sink(StageStarted("neighbours", 1, 3))
        rows = _measured(len(ids), arguments)
        shares = shared_neighbours(first, second, arguments.k, rows=rows, cancel=context.cancel)
        mean = float(shares.mean()) if len(shares) else 1.0
        k = min(arguments.k, max(0, len(ids) - 1))
        if arguments.nodes:
            return {"k": k, "mean": mean}
        shared = np.full(len(ids), np.nan, np.float32)
        shared[rows] = shares
        context.sink(StageStarted("project", 2, 3))
        places = [
            _projected(folder, points, arguments, context)
            for folder, points in zip(folders, (first, second), strict=True)
        ]
        name = f"{folders[0].name}-{arguments.type}"
        kept = {
            "second": folders[1] / f"beside-{name}.npy",
            "shared": folders[1] / f"shared-{folders[0].name}-{arguments.k}.npy",
        }
        _check(folders)
        save_positions(turned_onto(places[1], places[0]), kept["second"])
        _save(shared, kept["shared"])
        return {
            "first": str(_place(folders[0], arguments.type)),
            **{what: str(path) for what, path in kept.items()},
            "k": k,
            "mean": mean,
        }


def _measured(count: int, arguments: Any) -> NDArray[np.int64]:  # Any: the job's Config
    """Return the rows whose neighbours are counted, ascending: all that are asked for, or as many as are drawn."""
    import numpy as np

    asked = np.unique(np.asarray(arguments.nodes, np.int64)) if arguments.nodes else np.arange(count)
    if len(asked) and (asked[0] < 0 or asked[-1] >= count):
        raise OptionError(f"There are {count:,} nodes, and no row {asked[-1]:,}.", path="spaces.nodes")
    if len(asked) <= (_DRAWN if arguments.nodes else _ALL):
        return asked
    return np.sort(np.random.default_rng(arguments.seed).choice(asked, _DRAWN, replace=False))


def _embeddings(folder: Path) -> tuple[NDArray[np.object_], NDArray[np.float32]]:
    path = folder / "embeddings.parquet"
    if not path.is_file():
        raise ProjectError(f"There are no embeddings at {path}.", hint="Let the run finish, or resume it.")
    return read_embeddings(path)


def _place(folder: Path, type: str) -> Path:
    return folder / f"projection-{type}.npy"


def _projected(
    folder: Path,
    points: NDArray[np.float32],
    arguments: Any,  # Any: the job's Config
    context: JobContext,
) -> NDArray[np.float32]:
    """Return the picture of a run's space: the one that is stored beside it, or a new one, which is stored then."""
    import numpy as np

    from engine.project.kinds import registry

    projection = registry("projection").get(arguments.type, "spaces.type")
    path = _place(folder, arguments.type)
    if path.is_file():
        try:
            found = np.load(path, allow_pickle=False)
        except (OSError, ValueError):
            found = np.zeros(0)
        if found.shape == (len(points), 2):
            return np.asarray(found, dtype=np.float32)
    made = projection(projection.parse({}, "spaces.options")).project(
        points, seed=arguments.seed, sink=context.sink, cancel=context.cancel
    )
    _check([folder])
    save_positions(made, path)
    return np.asarray(made, dtype=np.float32)


def _check(folders: list[Path]) -> None:
    """Write nothing for a run that was taken away meanwhile: its folder would come back empty."""
    if not all((folder / "embeddings.parquet").is_file() for folder in folders):
        raise Cancelled


def _save(values: NDArray[np.float32], path: Path) -> None:
    import numpy as np

    with replacing(path) as temporary:
        np.save(temporary, values, allow_pickle=False)
