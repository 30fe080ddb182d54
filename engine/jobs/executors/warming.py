"""Make the first run begin at once: import torch and the components, compile the kernels, take one step.

What is compiled is kept on disk, for the other children too.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import torch

from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.layout._base import Given
from engine.project.kinds import registry

_KINDS = ("task", "split", "objective", "strategy", "baseline")


def warm() -> None:
    """Train a GCN for one step on a graph of two nodes, with dense and with sparse features."""
    for kind in _KINDS:
        registry(kind).keys()
    gcn = registry("encoder").get("gcn")
    graph = Graph(np.array([0, 1, 2], dtype=np.int64), np.array([1, 0], dtype=np.int32))
    dense = np.eye(2, dtype=np.float32)
    for x in (dense, sp.csr_matrix(dense)):
        batch = GraphBatch.from_graph(graph, x)
        encoder = gcn(gcn.parse({"width": 16}), 2)
        head = encoder.make_head(2)
        optimiser = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=0.01)
        loss = head(encoder(batch), batch).square().sum()
        loss.backward()
        optimiser.step()


def warm_pictures() -> None:
    """Lay a ring out and project some points, so that nobody waits for the compiled loops of either."""
    force, tsne = registry("layout").get("force"), registry("projection").get("tsne")
    # A few nodes take all steps at once, more of them meet one by one, many by a mesh.
    for count in (50, 200, 1000):
        ring = Graph.from_edges(np.arange(count), (np.arange(count) + 1) % count, count)
        layout = force(force.parse({"steps": 1}))
        xy = layout.place(ring)
        if count == 200:
            layout.place(ring, given=Given(start=xy))
        tsne(tsne.parse({"steps": 50})).project(np.random.default_rng(0).normal(size=(count, 4)).astype(np.float32))
