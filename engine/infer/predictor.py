"""A model and data to a table of predictions, one row for each item, in the order of the items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.core.events import EventSink, silent
from engine.data.dataset import AnyData
from engine.data.items import Items
from engine.data.splits._base import Split
from engine.infer.calibration import Calibration
from engine.infer.ensemble import average
from engine.infer.fitted import Fitted
from engine.learn.finetuning import predict_logits
from engine.learn.tasks._base import FittedTask


def predict(fitted: Fitted, data: AnyData, id_name: str = "node_id", *, sink: EventSink = silent) -> pd.DataFrame:
    """Return predictions for every node or graph of data that the model may never have seen.

    Args: data: one graph, or a collection. id_name: column that gets the ids. sink: told of what is new in the data.
    Raises: MismatchError: columns that the model was trained on are missing.
    """
    batch = fitted.batch(data, sink)
    logits = average(
        fitted.task,
        (average(fitted.task, (predict_logits(model, batch) for model in member)) for member in fitted.members()),
    )
    return prediction_table(fitted.task, logits, data.items, id_name=id_name, calibration=fitted.calibration)


def prediction_table(
    task: FittedTask,
    logits: NDArray[np.float32],
    items: Items,
    split: Split | None = None,
    *,
    id_name: str = "node_id",
    calibration: Calibration | None = None,
    unseen: Mapping[str, NDArray[Any]] | None = None,  # Any: text or numbers
) -> pd.DataFrame:
    """Put ids, predictions, split and every original column side by side.

    Args: task: fitted. logits: shape [I, width]. items: ids and columns. split: masks of shape [I]; None leaves it out.
        id_name: column that gets the ids. calibration: makes confidence, sets and ranges; None leaves the model's own.
        unseen: columns of predictions by models that did not see the item, behind the split.
    Returns: columns `<id>, predicted_<target>, confidence, p_<class>…, set_<target>, split, <original>…`, for values
        `<id>, predicted_<target>, low_<target>, high_<target>, split, <original>…`; an original column that has the
        name of one of ours gets `_original` behind it. Our numbers are float32, as precise as what the model gives.
    """
    decoded = task.decode(logits if calibration is None else calibration.logits(logits))
    columns: dict[str, NDArray[np.object_] | pd.Series] = {id_name: np.asarray(items.ids, dtype=object)}
    for name in decoded.columns:
        shown = f"predicted_{task.target_name}" if name == "predicted" else str(name)
        columns[shown] = _single(decoded[name].to_numpy())
    if calibration is not None:
        columns.update({name: _single(values) for name, values in calibration.columns(task, logits).items()})
    if split is not None:
        columns["split"] = split.parts()
    columns.update(unseen or {})
    for name in items.table.columns:
        free = str(name)
        while free in columns:
            free += "_original"
        columns[free] = np.asarray(items.table[name], dtype=object)
    return pd.DataFrame(columns)


def _single(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(np.float32) if values.dtype == np.float64 else values
