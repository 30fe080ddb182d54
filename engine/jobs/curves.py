"""Set the scores of a run against the truth: ROC, precision and recall, reliability, spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import ProjectError
from engine.core.events import StageStarted
from engine.jobs._base import Job
from engine.jobs.spec import JobContext
from engine.project.runs import RunFolder

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_MOST_CLASSES = 12


class Curves(Job):
    """Compute the curves of a run's predictions on one part of its split.

    Source: our own; each curve names its paper.
    """

    key = "curves"
    label = "Curves"

    class Config(ConfigBase):
        run: str = option(..., "Folder of the run.")
        part: Literal["train", "valid", "test", "all"] = option("test", "Part of the split; all that have a target.")

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{target, part, items, classes, reliability}`; of values `{target, part, items, residuals}`.

        Each class has `{class, positives, area, average_precision, thresholds, recall, fall_out, precision, scores}`.
        The twelve most frequent classes at most. A threshold of None is above every score. What is undefined is None.
        """
        import pandas as pd

        run = RunFolder(context.folder / arguments.run)
        run.check()
        context.sink(StageStarted("curves", 0, 1))
        path = run.path / "predictions.parquet"
        if not path.is_file():
            raise ProjectError(f"The run {run.path.name} has no predictions yet.", hint="Let it finish, or resume it.")
        target = str(run.recipe().task.options()["target"])
        table = pd.read_parquet(path)
        # An original column that has the name of one of the run's own stands behind it under another.
        given = f"{target}_original" if f"{target}_original" in table else target
        if given not in table:
            raise ProjectError(f'The predictions hold no column "{target}".', hint="Score the graph it was trained on.")
        table = table[table[given].notna() & (table[given] != "")]
        if arguments.part != "all":
            table = table[table["split"] == arguments.part]
        about = {"target": target, "part": arguments.part, "items": len(table)}
        if "confidence" in table:
            return {**about, **_of_classes(table, target, given)}
        return {**about, **_of_values(table, target, given)}


def _of_classes(table: pd.DataFrame, target: str, given: str) -> dict[str, Any]:  # Any: JSON values
    import numpy as np

    from engine.infer.curves import area, average_precision, reliability, spread, steps, thinned

    true = table[given].astype(str).to_numpy()
    names = [name for name in table.columns if str(name).startswith("p_")]
    counts = table[given].astype(str).value_counts()
    classes = [str(name) for name in counts.index if f"p_{name}" in names][:_MOST_CLASSES]
    found = []
    for name in classes:
        score, positive = table[f"p_{name}"].to_numpy(np.float64), true == name
        whole = steps(score, positive)
        few = thinned(whole)
        ups, downs = spread(score, positive)
        found.append(
            {
                "class": name,
                "positives": whole.positives,
                "area": _plain(area(whole)),
                "average_precision": _plain(average_precision(whole)),
                "thresholds": _list(few.threshold),
                "recall": _list(few.recall()),
                "fall_out": _list(few.fall_out()),
                "precision": _list(few.precision()),
                "scores": {"positive": ups.tolist(), "negative": downs.tolist()},
            }
        )
    confidence = table["confidence"].to_numpy(np.float64)
    made = reliability(confidence, table[f"predicted_{target}"].astype(str).to_numpy() == true)
    return {
        "classes": found,
        "reliability": {
            "edges": _list(made.edges),
            "count": made.count.tolist(),
            "confidence": _list(made.confidence),
            "accuracy": _list(made.accuracy),
        },
    }


def _of_values(table: pd.DataFrame, target: str, given: str) -> dict[str, Any]:  # Any: JSON values
    import numpy as np
    import pandas as pd

    true = pd.to_numeric(table[given], errors="coerce").to_numpy(np.float64)
    error = table[f"predicted_{target}"].to_numpy(np.float64) - true
    error = error[np.isfinite(error)]
    if not len(error):
        return {"residuals": None}
    counts, edges = np.histogram(error, bins=40)
    return {
        "residuals": {
            "edges": _list(edges),
            "count": counts.tolist(),
            "mean": float(error.mean()),
            "deviation": float(error.std()),
        }
    }


def _list(values: np.ndarray) -> list[float | None]:
    return [_plain(value) for value in values.tolist()]


def _plain(value: float) -> float | None:
    """Return a number as JSON knows it: what is not finite is None."""
    return float(value) if value == value and abs(value) != float("inf") else None
