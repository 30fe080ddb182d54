"""A model and a graph to a table of embeddings, one row for each node, in node order."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.data.builders.relational import RelationalData
from engine.graph.batch import GraphBatch
from engine.infer.fitted import Fitted
from engine.learn.inference import answers
from engine.nn.encoders._base import Encoder


def embed(fitted: Fitted, data: RelationalData, *, sink: EventSink = silent) -> pd.DataFrame:
    """Return the node vectors of the encoder for a graph, which may be one that it has never seen.

    Raises: MismatchError: columns that the model was trained on are missing.
    """
    return embedding_table(node_vectors(fitted.model.encoder, fitted.batch(data, sink)), data.node_ids)


def node_vectors(encoder: Encoder, batch: GraphBatch, cancel: CancelToken | None = None) -> NDArray[np.float32]:
    """Return the encoder's node vectors in evaluation mode, shape [N, H].

    Of an encoder without layers of its own they are the features themselves.

    Args: cancel: checked where the graph is so large that the work is done in parts.
    """
    return answers(encoder, batch, cancel=cancel)


def embedding_table(vectors: NDArray[np.float32], ids: NDArray[np.object_]) -> pd.DataFrame:
    """Return columns `node_id, e0 … e<H-1>`. Args: vectors: shape [N, H] float32. ids: [N] text."""
    first = pd.DataFrame({"node_id": np.asarray(ids, dtype=object)})
    columns = pd.DataFrame(vectors, columns=[f"e{number}" for number in range(vectors.shape[1])])
    return pd.concat([first, columns], axis=1)
