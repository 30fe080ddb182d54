"""A model and data to a table of embeddings, one row for each item, in the order of the items."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.data.dataset import AnyData
from engine.graph.batch import GraphBatch
from engine.infer.fitted import Fitted
from engine.learn.inference import vectors
from engine.nn.model import Model


def embed(fitted: Fitted, data: AnyData, id_name: str = "", *, sink: EventSink = silent) -> pd.DataFrame:
    """Return the vectors of every node, or of every graph, of data that the model may never have seen.

    Args: id_name: column that gets the ids; `node_id` or `graph_id` where it is empty.
    Raises: MismatchError: columns that the model was trained on are missing.
    """
    items = data.items
    values = item_vectors(fitted.model, fitted.batch(data, sink))
    return embedding_table(values, items.ids, id_name or f"{items.level}_id")


def item_vectors(model: Model, batch: GraphBatch, cancel: CancelToken | None = None) -> NDArray[np.float32]:
    """Return what the model's head would read in evaluation mode, shape [I, H]: vectors of nodes, or of graphs.

    Of an encoder without layers of its own they are the features themselves.

    Args: cancel: checked where the graph is so large that the work is done in parts.
    """
    return vectors(model, batch, cancel=cancel)


def embedding_table(values: NDArray[np.float32], ids: NDArray[np.object_], id_name: str) -> pd.DataFrame:
    """Return columns `<id>, e0 … e<H-1>`; ids that are themselves called `e0` or so get `_original` behind it.

    Args: values: shape [I, H] float32. ids: [I] text. id_name: column that gets the ids.
    """
    columns = pd.DataFrame(values, columns=[f"e{number}" for number in range(values.shape[1])])
    columns.insert(0, f"{id_name}_original" if id_name in columns else id_name, np.asarray(ids, dtype=object))
    return columns
