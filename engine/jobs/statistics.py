"""Describe every node of an imported dataset by numbers that follow from the structure."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

from engine.core.atomic import replacing
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import ProjectError
from engine.core.events import ArtefactWritten, StageStarted
from engine.jobs._base import Job
from engine.jobs._dataset import stored_graph
from engine.jobs.spec import JobContext

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

# More threads than that wait for memory rather than compute.
_MOST_THREADS = 8


class Statistics(Job):
    """Compute statistics of a dataset's graph, one column each.

    Source: our own; each statistic names its paper.
    """

    key = "statistics"
    label = "Statistics"

    class Config(ConfigBase):
        folder: str = option(..., "Folder of the dataset.")
        types: tuple[str, ...] = option(..., "Keys of the statistics, in the order of the columns.")
        options: dict[str, dict[str, Any]] = option({}, "Options by key.")  # Any: checked by each statistic
        classes: str | None = option(None, "Column of classes; the target when there is one.")
        seed: int = option(0, "Seed of whatever is drawn.", ge=0)
        out: str = option(..., "File to write, .parquet, one row a node in node order.")

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{path, nodes, statistics: [{key, label, column, is_group, sentence, summary, seconds}]}`."""
        import pandas as pd

        from engine.analysis.statistics._base import Given
        from engine.project.kinds import registry

        known = registry("statistic")
        chosen = []
        for key in dict.fromkeys(arguments.types):
            statistic = known.get(key, "statistics.types")
            chosen.append(statistic(statistic.parse(arguments.options.get(key, {}), f"statistics.options.{key}")))
        folder, out = context.folder / arguments.folder, context.folder / arguments.out
        context.sink(StageStarted("read", 0, len(chosen) + 1))
        given = Given(
            stored_graph(folder),
            seed=arguments.seed,
            threads=min(os.cpu_count() or 1, _MOST_THREADS),
            sink=context.sink,
            cancel=context.cancel,
        )
        if any(one.needs_classes for one in chosen):
            given.classes = _classes(folder, arguments.classes)
        columns, told = {}, []
        for number, one in enumerate(chosen):
            context.sink(StageStarted(one.key, number + 1, len(chosen) + 1))
            context.cancel.check()
            began = time.perf_counter()
            found = one.compute(given)
            columns[one.key] = found.values
            told.append(
                {
                    "key": one.key,
                    "label": one.label,
                    "column": one.key,
                    "is_group": one.is_group,
                    "sentence": found.sentence,
                    "summary": dict(found.summary),
                    "seconds": round(time.perf_counter() - began, 3),
                }
            )
        with replacing(out) as temporary:
            pd.DataFrame(columns).to_parquet(temporary, index=False)
        context.sink(ArtefactWritten("statistics", str(out)))
        return {"path": str(out), "nodes": given.graph.num_nodes, "statistics": told}


def _classes(folder: Path, name: str | None) -> np.ndarray:
    """Return the class of each node by a column of the node table, -1 where it is empty.

    Raises: ProjectError: there is no such column, or none is the target.
    """
    import numpy as np
    import pandas as pd
    import pyarrow.parquet as pq

    if name is None:
        columns = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["columns"]
        name = next((column for column, one in columns.items() if one["role"] == "target"), None)
        if name is None:
            raise ProjectError("No column of this dataset is a target.", hint="Name a column of classes.")
    table = folder / "nodes.parquet"
    if name not in pq.read_schema(table).names:
        raise ProjectError(f'The dataset has no column "{name}".', hint="Name one of the node table's columns.")
    codes, _ = pd.factorize(pd.read_parquet(table, columns=[name])[name], use_na_sentinel=True)
    return np.asarray(codes, np.int64)
