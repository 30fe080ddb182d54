"""Small tables of many graphs, told apart by their structure, for tests that go from files to files."""

import csv
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from engine.graph.batch import GraphBatch
from engine.graph.collection import Collection


def write_shapes(folder: Path, *, graphs: int = 40, seed: int = 0, prefix: str = "g") -> list[Path]:
    """Write graphs.csv, nodes.csv and edges.csv of rings and of paths of the same sizes, told apart by an edge alone.

    graphs.csv: name, shape (target: ring or path, every tenth unknown), size (number), strength (twice the size and
    one more for a ring), fold (0 to 4). nodes.csv: node, of (the graph), colour (drawn at random). edges.csv: a, b.
    Ids of graphs are `<prefix>00` and so on. Rows of nodes and edges are shuffled. Returns the three paths.
    """
    draw = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    rows, nodes, edges = [], [], []
    for number in range(graphs):
        size, is_ring, name = 4 + number // 2 % 4, number % 2 == 0, f"{prefix}{number:02d}"
        own = [f"{name}.{k}" for k in range(size)]
        nodes += [(node, name, draw.choice(["red", "blue"])) for node in own]
        edges += list(zip(own, own[1:], strict=False)) + ([(own[-1], own[0])] if is_ring else [])
        shape = "" if number % 10 == 9 else ("path", "ring")[is_ring]
        rows.append((name, shape, size, 2 * size + is_ring, number // 2 % 5))
    draw.shuffle(nodes)
    draw.shuffle(edges)
    tables = {
        "graphs.csv": [("name", "shape", "size", "strength", "fold"), *rows],
        "nodes.csv": [("node", "of", "colour"), *nodes],
        "edges.csv": [("a", "b"), *edges],
    }
    for name, table in tables.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(table)
    return [folder / name for name in tables]


def shapes_recipe(files: list[Path], *, epochs: int = 30, seeds: tuple[int, ...] = (0,), **parts: object) -> dict:
    """Return a recipe for `write_shapes` as plain data: a small GIN on one thread, drawn parts.

    Args: parts: replace parts of the recipe, such as `split`.
    """
    graphs, nodes, edges = files
    feature, target = {"role": "feature", "kind": "category"}, {"role": "target", "kind": "category"}
    return {
        "data": {
            "tables": [
                {"path": str(graphs), "kind": "graphs", "columns": {"name": "graph_id", "shape": target}},
                {
                    "path": str(nodes),
                    "kind": "nodes",
                    "columns": {"node": "node_id", "of": "graph_id", "colour": feature},
                },
                {"path": str(edges), "kind": "edges", "columns": {"a": "edge_source", "b": "edge_target"}},
            ]
        },
        "split": {"type": "random"},
        "task": {"type": "graph_class", "target": "shape"},
        "encoder": {"type": "gin", "layers": 2, "width": 16, "dropout": 0.0},
        "readout": {"type": "sum"},
        "loader": {"type": "graphs", "batch_size": 8},
        "finetune": {"type": "scratch", "training": {"epochs": epochs}, "optimiser": {"rate": 0.01}},
        "runtime": {"device": "cpu", "seeds": list(seeds), "threads": 1},
        **parts,
    }


def five_paths(width: int, *, edge_width: int = 0) -> GraphBatch:
    """Return five paths of six nodes as one batch, with all that objectives for graphs may ask of them.

    Features [30, width] and edge attributes [25, edge_width] are drawn zeros and ones. Of each graph four numbers are
    known under the names descriptors, motifs and targets; one of them is missing.
    """
    draw = np.random.default_rng(0)
    ends = np.arange(0, 31, 6)
    edges = np.concatenate([first + np.stack([np.arange(5), np.arange(1, 6)], 1) for first in ends[:-1]])
    x, drawn = (draw.integers(0, 2, shape).astype(np.uint8) for shape in ((30, width), (25, edge_width)))
    edge_attr = drawn if edge_width else None
    made = GraphBatch.from_collection(Collection.from_edges(ends, edges[:, 0], edges[:, 1], x, edge_attr=edge_attr))
    known = torch.from_numpy(draw.random((5, 4)).astype(np.float32))
    known[0, 1] = torch.nan
    return replace(made.graphs(range(5)), known={"descriptors": known, "motifs": known.round(), "targets": known})
