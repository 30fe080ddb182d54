"""Raw data as reading would have built it, from a few columns written down in a test."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp

from engine.data.builders.relational import JoinReport, RelationalData
from engine.data.roles import ColumnKind, Role
from engine.data.table import ColumnSpec
from engine.graph.graph import Graph


def relational(
    columns: Mapping[str, tuple[ColumnKind, Sequence[str | None]]] | None = None,
    *,
    edges: Sequence[tuple[int, int]] = ((0, 1),),
    num_nodes: int | None = None,
    role: Mapping[str, Role] | None = None,
    features: sp.csr_matrix | None = None,
    feature_names: Sequence[str] = (),
    ids: Sequence[str] | None = None,
    directed: bool = False,
) -> RelationalData:
    """Return a graph with a node table; row k of the table stands in line k + 2 of its file.

    Args: columns: name to kind and cells. edges: pairs of positions. num_nodes: when there are no columns.
        role: of columns that are no features. features, feature_names: a sparse table. ids: of the nodes; n0, n1 ….
    """
    columns = columns or {}
    n = num_nodes or len(next(iter(columns.values()))[1])
    frame = pd.DataFrame(
        {name: np.array(list(cells), dtype=object) for name, (_, cells) in columns.items()}, dtype=object
    )
    if not columns:
        frame = pd.DataFrame(index=range(n))
    specs = {
        name: ColumnSpec(name, kind, (role or {}).get(name, Role.FEATURE), "", 0, 0, ())
        for name, (kind, _) in columns.items()
    }
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    return RelationalData(
        Graph.from_edges(ends[:, 0], ends[:, 1], n, directed=directed),
        np.array(list(ids) if ids is not None else [f"n{k}" for k in range(n)], dtype=object),
        frame,
        specs,
        features,
        list(feature_names),
        JoinReport(node_files=("nodes.csv",)),
        np.arange(n, dtype=np.int64) + 2,
    )
