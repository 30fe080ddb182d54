"""A model and data to a table of embeddings, one row for each item, in the order of the items."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.data.dataset import AnyData
from engine.data.items import Level
from engine.graph.batch import GraphBatch
from engine.infer.fitted import Fitted
from engine.learn.inference import vectors
from engine.nn.model import Model


def embed(fitted: Fitted, data: AnyData, *, sink: EventSink = silent) -> pd.DataFrame:
    """Return the vectors of every node, or of every graph, of data that the model may never have seen.

    Raises: MismatchError: columns that the model was trained on are missing.
    """
    items = data.items
    return embedding_table(item_vectors(fitted.model, fitted.batch(data, sink)), items.ids, items.level)


def item_vectors(model: Model, batch: GraphBatch, cancel: CancelToken | None = None) -> NDArray[np.float32]:
    """Return what the model's head would read in evaluation mode, shape [I, H]: vectors of nodes, or of graphs.

    Of an encoder without layers of its own they are the features themselves.

    Args: cancel: checked where the graph is so large that the work is done in parts.
    """
    return vectors(model, batch, cancel=cancel)


def embedding_table(values: NDArray[np.float32], ids: NDArray[np.object_], level: Level) -> pd.DataFrame:
    """Return columns `node_id` or `graph_id`, then `e0 … e<H-1>`.

    Args: values: shape [I, H] float32. ids: [I] text. level: what the items are.
    """
    first = pd.DataFrame({f"{level}_id": np.asarray(ids, dtype=object)})
    columns = pd.DataFrame(values, columns=[f"e{number}" for number in range(values.shape[1])])
    return pd.concat([first, columns], axis=1)
