"""A small generated graph with planted classes, for tests of training."""

from dataclasses import dataclass

import numpy as np
import torch

from engine.data.splits._base import Split
from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.learn.finetuning import Labels
from engine.learn.tasks import TASKS
from engine.nn.encoders import ENCODERS
from engine.nn.model import Model


@dataclass(frozen=True)
class Planted:
    """Graph, features, target cells and split."""

    graph: Graph
    x: np.ndarray
    values: np.ndarray
    split: Split
    batch: GraphBatch

    def labels(self, values: np.ndarray | None = None, type: str = "node_class", **options: object) -> Labels:
        kind = TASKS.get(type)
        cells = self.values if values is None else values
        task = kind(kind.parse({"target": "group", **options})).fit(cells, self.split)
        return Labels(task, task.encode(cells), self.split)

    def model(self, outputs: int, seed: int = 0, encoder: str = "gcn", **options: object) -> Model:
        torch.manual_seed(seed)
        kind = ENCODERS.get(encoder)
        return Model(kind(kind.parse(options), self.batch.in_width), outputs)


def planted(num_nodes: int = 60, *, classes: int = 2, seed: int = 0, signal: float = 1.0) -> Planted:
    """Node i has class i mod `classes`; edges join mostly equals; features are noise plus `signal` of the class."""
    rng = np.random.default_rng(seed)
    codes = np.arange(num_nodes) % classes
    pairs = rng.integers(0, num_nodes, size=(num_nodes * 12, 2))
    kept = pairs[(codes[pairs[:, 0]] == codes[pairs[:, 1]]) | (rng.random(len(pairs)) < 0.1)]
    graph = Graph.from_edges(kept[:, 0], kept[:, 1], num_nodes)
    x = rng.normal(size=(num_nodes, 8)).astype(np.float32)
    x[np.arange(num_nodes), codes] += signal
    part = rng.permutation(num_nodes) % 3
    split = Split("planted", part == 0, part == 1, part == 2)
    values = np.array([f"group {code}" for code in codes], dtype=object)
    return Planted(graph, x, values, split, GraphBatch.from_graph(graph, x))
