"""A graph that can be learned without targets, and the shortest loop that does."""

import numpy as np
import scipy.sparse as sp
import torch

from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.learn.objectives._base import Objective
from engine.nn.encoders._base import Encoder
from engine.nn.encoders.gcn import GCN


def two_halves(*, sparse: bool = True) -> GraphBatch:
    """Return 60 nodes in two halves with edges mostly inside, and words that each half uses for itself."""
    draw = np.random.default_rng(0)
    half = np.repeat([0, 1], 30)
    inside = [(i, j) for i in range(60) for j in range(i) if draw.random() < (0.2 if half[i] == half[j] else 0.01)]
    source, target = np.array(inside).T
    words = draw.random((60, 20)) < np.where((np.arange(20) < 10) == (half[:, None] == 0), 0.4, 0.05)
    x = words.astype(np.float32)
    return GraphBatch.from_graph(Graph.from_edges(source, target, 60), sp.csr_matrix(x) if sparse else x)


def encoder_for(batch: GraphBatch, **options) -> GCN:
    """Return a small GCN without dropout."""
    torch.manual_seed(0)
    config = GCN.Config(
        **{"layers": 2, "width": 16, "head": "linear", "dropout": 0.0, "activation": "prelu", **options}
    )
    return GCN(config, batch.in_width)


def train(objective: Objective, encoder: Encoder, batch: GraphBatch, epochs: int, seed: int = 0) -> list[dict]:
    """Train by Adam at 0.01; returns the numbers of every epoch."""
    draw = torch.Generator().manual_seed(seed)
    heads = objective.prepare(encoder, batch, draw)
    optimiser = torch.optim.Adam([*encoder.parameters(), *heads.parameters()], lr=0.01)
    history = []
    for _ in range(epochs):
        optimiser.zero_grad()
        parts = objective.loss(encoder, heads, batch, draw)
        parts["loss"].backward()
        optimiser.step()
        history.append({name: value.item() for name, value in parts.items()})
    return history


def halves_told_apart(h: torch.Tensor) -> float:
    """Return how many of the 60 nodes a logistic regression on the vectors of every second one tells right."""
    from sklearn.linear_model import LogisticRegression

    half = np.repeat([0, 1], 30)
    vectors = h.numpy()
    read = LogisticRegression(max_iter=1000).fit(vectors[::2], half[::2])
    return float((read.predict(vectors[1::2]) == half[1::2]).mean())
