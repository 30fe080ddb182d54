"""Place the nodes of an imported dataset in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.atomic import replacing
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import ProjectError
from engine.core.events import ArtefactWritten, StageStarted
from engine.jobs._base import Job
from engine.jobs._dataset import NodeColumns, stored_graph
from engine.jobs.spec import JobContext

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


class Layout(Job):
    """Compute positions for a dataset's graph; better ones replace the file while the work goes on.

    Source: our own; each layout names its paper.
    """

    key = "layout"
    label = "Layout"

    class Config(ConfigBase):
        folder: str = option(..., "Folder of the dataset.")
        type: str = option("force", "Key of the layout.")
        options: dict[str, Any] = option({}, "Its options.")  # Any: checked by the layout
        seed: int = option(0, "Seed of the layout.", ge=0)
        start: str | None = option(None, "Positions to go on from, .npy, float32 [N, 2], where the layout can.")
        held: str | None = option(None, "Nodes that stay where they are then, .npy, bool [N].")
        out: str = option(..., "File to write, .npy, float32 [N, 2].")

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{path, nodes}`; ArtefactWritten("positions") comes each time better positions are in place."""
        from engine.layout import Given
        from engine.project.kinds import registry

        layout = registry("layout").get(arguments.type, "layout.type")
        config = layout.parse(arguments.options, "layout.options")
        folder, out = context.folder / arguments.folder, context.folder / arguments.out
        context.sink(StageStarted("layout", 0, 1))
        graph = stored_graph(folder)

        def keep(positions: NDArray[np.float32]) -> None:
            save_positions(positions, out)
            context.sink(ArtefactWritten("positions", str(out)))

        placed = layout(config).place(
            graph,
            seed=arguments.seed,
            sink=context.sink,
            cancel=context.cancel,
            on_positions=keep,
            given=Given(
                NodeColumns(folder),
                _stored(arguments.start, (graph.num_nodes, 2), context),
                _stored(arguments.held, (graph.num_nodes,), context),
            ),
        )
        keep(placed)
        return {"path": str(out), "nodes": graph.num_nodes}


def _stored(
    name: str | None, shape: tuple[int, ...], context: JobContext
) -> Any:  # Any: an array, numpy is loaded late
    """Return an array of a file, None without one.

    Raises: ProjectError: the file is not there, or its array has another shape.
    """
    import numpy as np

    if name is None:
        return None
    try:
        found = np.load(context.folder / name, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ProjectError(f"{name} cannot be read: {error}.", hint="Lay the graph out anew.") from error
    if found.shape != shape:
        raise ProjectError(f"{name} is not about this graph.", hint="Lay the graph out anew.")
    return found


def save_positions(positions: NDArray[Any], path: Path) -> None:  # Any: float32, numpy is loaded late
    """Write positions whole, shape [N, 2] float32."""
    import numpy as np

    with replacing(path) as temporary:
        np.save(temporary, positions.astype(np.float32), allow_pickle=False)
