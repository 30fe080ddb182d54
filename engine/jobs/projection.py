"""Place embeddings in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.cancel import Cancelled
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError, ProjectError
from engine.core.events import ArtefactWritten, StageStarted
from engine.jobs._base import Job
from engine.jobs.layout import save_positions
from engine.jobs.nearest import read_embeddings
from engine.jobs.spec import JobContext

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Projection(Job):
    """Compute positions for the embeddings of a run, or of a file; better ones replace the file while the work goes on.

    Source: our own; each projection names its paper.
    """

    key = "projection"
    label = "Projection"

    class Config(ConfigBase):
        run: str | None = option(None, "Folder of the run.")
        file: str | None = option(None, "A file of embeddings, .parquet, its first column the ids.")
        type: str = option("pca", "Key of the projection.")
        options: dict[str, Any] = option({}, "Its options.")  # Any: checked by the projection
        seed: int = option(0, "Seed of the projection.", ge=0)
        out: str = option(..., "File to write, .npy, float32 [N, 2].")

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{path, nodes}`; ArtefactWritten("positions") comes each time better positions are in place."""
        from engine.project.kinds import registry

        if (arguments.run is None) == (arguments.file is None):
            raise OptionError("Name a run or a file of embeddings.", hint="One of the two.", path="projection")
        projection = registry("projection").get(arguments.type, "projection.type")
        config = projection.parse(arguments.options, "projection.options")
        path = context.folder / (arguments.file or f"{arguments.run}/embeddings.parquet")
        out = context.folder / arguments.out
        context.sink(StageStarted("projection", 0, 1))
        if not path.is_file():
            raise ProjectError(f"There are no embeddings at {path}.", hint="Let the run finish, or resume it.")
        points = read_embeddings(path)[1]

        def keep(positions: NDArray[np.float32]) -> None:
            if not path.is_file():
                # The run was taken away meanwhile: a file written now would bring an empty folder of its name back.
                raise Cancelled
            save_positions(positions, out)
            context.sink(ArtefactWritten("positions", str(out)))

        placed = projection(config).project(
            points, seed=arguments.seed, sink=context.sink, cancel=context.cancel, on_positions=keep
        )
        keep(placed)
        return {"path": str(out), "nodes": len(placed)}
