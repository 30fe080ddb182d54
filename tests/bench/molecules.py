"""Molecules beside torch_geometric: reading them, making batches, and training on them.

    python -m tests.bench.molecules --case smiles,collate,epoch [--pairs 7]

The molecules are those of zinc_sample. Both sides hold the same numbers: "codes", nine whole numbers an atom and three
a bond, as many as torch_geometric's from_smiles has, or "marks", the 71 and 11 columns of zeros and ones that this
program makes of the same atoms and bonds.

smiles: 2,000 SMILES to arrays on one core, CPU seconds; theirs is from_smiles for each, which tells nine numbers of an
atom and three of a bond, ours one set of flat arrays with nine and four. Beside them RDKit's parser alone, which both
use, and ours in two processes that read what may crash, with their start, by the clock. The sums of atoms and of
neighbours have to agree.

collate: every molecule once in batches of 256, in another order each time; ours are slices of flat arrays kept as
bytes, theirs Batch.from_data_list of a list of Data objects with float32 tables. The sums over all batches are written
beside the times and have to agree.

epoch: one pass of training, batches of 32 or 256 made on the way: GIN with 3 layers of 64, sum over the nodes, two
dense layers, squared error, Adam. Both start from the same weights; the losses of the first epoch have to agree.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from tests.bench.pairs import RESULTS, Variant, compare, measured

BATCH, ROUNDS, THREADS = 256, 5, 2
SMILES = 2000
LAYERS, WIDTH = 3, 64


def arrays(columns: str) -> dict[str, np.ndarray]:
    """Return all molecules as flat arrays: graph_ptr, indptr, indices, x, edge_attr; kept where made before."""
    path = Path(tempfile.gettempdir()) / "kith-bench" / f"v1-zinc-{columns}.npz"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **_made(columns))
    with np.load(path) as stored:
        return dict(stored)


def _made(columns: str) -> dict[str, np.ndarray]:
    import pandas as pd

    from engine.data.chem.featurise import featurise
    from tests.support.data import data_folder

    table = pd.read_csv(data_folder("zinc_sample") / "molecules.csv")
    found = featurise(table["smiles"].tolist())
    made = {
        "graph_ptr": found.atom_ptr,
        "indptr": found.indptr,
        "indices": found.indices,
        "x": found.x,
        "edge_attr": found.edge_attr,
    }
    if columns == "marks":
        return made
    # As many columns as from_smiles has, each the place of the mark within its group.
    return made | {"x": _codes(found.x, 9), "edge_attr": _codes(found.edge_attr, 3)}


def _codes(marks: np.ndarray, columns: int) -> np.ndarray:
    parts = np.array_split(marks, columns, axis=1)
    return np.stack([part.argmax(axis=1) for part in parts], axis=1).astype(np.uint8)


def smiles_ours(processes: int) -> dict[str, Any]:
    """Make arrays of SMILES, in this process where `processes` is 0."""
    from engine.data.chem.featurise import featurise

    given = _smiles()
    featurise(given[:20], processes=0)
    with measured() as figures:
        found = featurise(given, processes=processes)
    if processes == 0:
        figures["seconds"] = figures["cpu_seconds"]
    return figures | _read(figures["seconds"], len(found.x) + len(found.indices))


def smiles_pyg() -> dict[str, Any]:
    """Make a Data object of each SMILES."""
    from torch_geometric.utils import from_smiles

    given = _smiles()
    from_smiles(given[0])
    with measured() as figures:
        found = [from_smiles(one) for one in given]
    figures["seconds"] = figures["cpu_seconds"]
    return figures | _read(figures["seconds"], sum(one.num_nodes + one.num_edges for one in found))


def smiles_rdkit() -> dict[str, Any]:
    """Parse each SMILES, and make nothing of it."""
    from rdkit import Chem

    given = _smiles()
    with measured() as figures:
        found = [Chem.MolFromSmiles(one) for one in given]
    figures["seconds"] = figures["cpu_seconds"]
    return figures | _read(figures["seconds"], sum(one.GetNumAtoms() + 2 * one.GetNumBonds() for one in found))


def _smiles() -> list[str]:
    import pandas as pd

    from tests.support.data import data_folder

    return pd.read_csv(data_folder("zinc_sample") / "molecules.csv")["smiles"].tolist()[:SMILES]


def _read(seconds: float, answer: int) -> dict[str, Any]:
    return {"molecules_per_second": SMILES / seconds, "answer": float(answer)}


def collate_ours(columns: str) -> dict[str, Any]:
    """Slice flat arrays, with memory kept between batches as the working processes do."""
    from engine.core.memory import keep_memory

    keep_memory()
    batch, orders = _collection(columns)

    def sums(ids: np.ndarray) -> float:
        made = batch.graphs(ids)
        return float(made.x.sum() + made.edge_attr.sum() + made.indices.sum())

    return _passes(lambda ids: batch.graphs(ids), sums, orders)


def collate_pyg(columns: str, tuned: bool = False) -> dict[str, Any]:
    """Join lists of Data objects, with memory kept between batches too when tuned."""
    if tuned:
        from engine.core.memory import keep_memory

        keep_memory()
    from torch_geometric.data import Batch

    graphs, orders = _data_objects(columns)

    def sums(ids: np.ndarray) -> float:
        made = Batch.from_data_list([graphs[k] for k in ids])
        return float(made.x.sum() + made.edge_attr.sum() + made.edge_index[0].sum())

    return _passes(lambda ids: Batch.from_data_list([graphs[k] for k in ids]), sums, orders)


def _passes(
    make: Callable[[np.ndarray], Any], sums: Callable[[np.ndarray], float], orders: np.ndarray
) -> dict[str, Any]:
    answer = sum(sums(ids) for ids in _batches(orders[0], BATCH))
    seconds = []
    with measured() as figures:
        for order in orders:
            began = time.perf_counter()
            for ids in _batches(order, BATCH):
                make(ids)
            seconds.append(time.perf_counter() - began)
    return figures | {
        "seconds": median(seconds),
        "graphs_per_second": len(orders[0]) / median(seconds),
        "answer": answer,
    }


def epoch_ours(columns: str, size: int) -> dict[str, Any]:
    """Train our GIN on slices of flat arrays."""
    from engine.core.memory import keep_memory

    keep_memory()
    import torch

    from engine.graph.buffers import reused_buffers
    from engine.graph.threads import threads_for
    from engine.learn.optimisers import grouped, make_optimiser
    from engine.learn.options import OptimiserOptions
    from engine.nn.encoders.gin import GIN
    from engine.nn.model import Model
    from engine.nn.readouts.sum import Sum

    batch, orders = _collection(columns)
    encoder = GIN(GIN.parse({"layers": LAYERS, "width": WIDTH, "dropout": 0.0, "norm": "none"}), batch.in_width)
    model = Model(encoder, 1, Sum(Sum.Config(), WIDTH))
    linears = [part for layer in encoder.layers for part in (layer.first, layer.second)]
    linears += [model.head.inner.layers[0].linear, model.head.inner.last.linear]
    for linear, weight in zip(linears, _weights(batch.in_width), strict=True):
        linear.weight.data = torch.from_numpy(weight)
    target = torch.from_numpy(_target(batch.num_graphs))
    optimiser = make_optimiser(grouped(model.blocks(), OptimiserOptions(rate=1e-3)), OptimiserOptions(rate=1e-3))

    def step(ids: np.ndarray) -> float:
        optimiser.zero_grad(set_to_none=True)
        loss = torch.nn.functional.mse_loss(model(batch.graphs(ids)).squeeze(1), target[torch.from_numpy(ids)])
        value = loss.item()
        loss.backward()
        optimiser.step()
        return value

    # As the trainer does.
    work = batch.num_nodes * size // batch.num_graphs * WIDTH * WIDTH
    with reused_buffers(), threads_for(work):
        return _epochs(step, orders, size)


def epoch_pyg(columns: str, size: int, tuned: bool = False) -> dict[str, Any]:
    """Train torch_geometric's GIN on its batches, with memory kept between steps too when tuned."""
    if tuned:
        from engine.core.memory import keep_memory

        keep_memory()
    import torch
    from torch_geometric.data import Batch
    from torch_geometric.nn import GINConv, global_add_pool

    graphs, orders = _data_objects(columns)
    in_width = graphs[0].x.shape[1]
    weights = [torch.from_numpy(weight) for weight in _weights(in_width)]

    def linear(number: int) -> torch.nn.Linear:
        made = torch.nn.Linear(*weights[number].shape)
        made.weight.data, made.bias.data = weights[number].t().contiguous(), torch.zeros(weights[number].shape[1])
        return made

    convolutions = torch.nn.ModuleList()
    for number in range(LAYERS):
        convolution = GINConv(torch.nn.Identity(), train_eps=True)
        convolution.nn = torch.nn.Sequential(linear(2 * number), torch.nn.ReLU(), linear(2 * number + 1))
        convolutions.append(convolution)
    head = torch.nn.Sequential(linear(2 * LAYERS), torch.nn.ReLU(), linear(2 * LAYERS + 1))
    target = torch.from_numpy(_target(len(graphs)))
    optimiser = torch.optim.Adam([*convolutions.parameters(), *head.parameters()], lr=1e-3, fused=True)

    def step(ids: np.ndarray) -> float:
        batch = Batch.from_data_list([graphs[k] for k in ids])
        optimiser.zero_grad(set_to_none=True)
        h = batch.x
        for convolution in convolutions:
            h = convolution(h, batch.edge_index).relu()
        out = head(global_add_pool(h, batch.batch, batch.num_graphs)).squeeze(1)
        loss = torch.nn.functional.mse_loss(out, target[torch.from_numpy(ids)])
        value = loss.item()
        loss.backward()
        optimiser.step()
        return value

    return _epochs(step, orders, size)


def _epochs(step: Callable[[np.ndarray], float], orders: np.ndarray, size: int) -> dict[str, Any]:
    seconds, losses = [], []
    with measured() as figures:
        for order in orders[:3]:
            began = time.perf_counter()
            losses.append(float(np.mean([step(ids) for ids in _batches(order, size)])))
            seconds.append(time.perf_counter() - began)
    # The first epoch compiles, or fills what is kept.
    taken = median(seconds[1:])
    return figures | {"seconds": taken, "graphs_per_second": len(orders[0]) / taken, "answer": losses[0]}


def _collection(columns: str) -> Any:  # Any: torch is imported late
    import torch

    from engine.graph.batch import GraphBatch
    from engine.graph.collection import Collection
    from engine.graph.graph import Graph

    torch.set_num_threads(THREADS)
    given = arrays(columns)
    graph = Graph(given["indptr"], given["indices"], edge_attr=given["edge_attr"])
    batch = GraphBatch.from_collection(Collection(graph, given["x"], given["graph_ptr"]))
    return batch, _orders(batch.num_graphs)


def _data_objects(columns: str) -> Any:  # Any: torch is imported late
    import torch
    from torch_geometric.data import Data

    torch.set_num_threads(THREADS)
    batch, orders = _collection(columns)
    graphs = []
    for k in range(batch.num_graphs):
        one = batch.graphs([k])
        edges = torch.stack([one.indices.long(), one.pattern().row_of_entry()])
        graphs.append(Data(x=one.x, edge_index=edges, edge_attr=one.edge_attr))
    return graphs, orders


def _orders(count: int) -> np.ndarray:
    return np.stack([np.random.default_rng(k).permutation(count) for k in range(ROUNDS)])


def _batches(order: np.ndarray, size: int) -> list[np.ndarray]:
    return [order[first : first + size] for first in range(0, len(order), size)]


def _weights(in_width: int) -> list[np.ndarray]:
    draw = np.random.default_rng(4)
    widths = [in_width] + [WIDTH] * (2 * LAYERS + 1) + [1]
    pairs = zip(widths[:-1], widths[1:], strict=True)
    return [draw.normal(0, (2 / (a + b)) ** 0.5, (a, b)).astype(np.float32) for a, b in pairs]


def _target(count: int) -> np.ndarray:
    return np.random.default_rng(5).random(count).astype(np.float32)


def smiles() -> list[Variant]:
    """Return both sides of reading."""
    return [
        Variant("kith", smiles_ours, {"processes": 0}),
        Variant("pyg", smiles_pyg),
        Variant("rdkit, parse alone", smiles_rdkit),
        Variant("kith, two processes by the clock", smiles_ours, {"processes": 2}),
    ]


def collate(columns: str) -> list[Variant]:
    """Return both sides of making batches."""
    given = {"columns": columns}
    return [
        Variant("kith", collate_ours, given),
        Variant("pyg", collate_pyg, given),
        Variant("pyg, tuned malloc", collate_pyg, given | {"tuned": True}),
    ]


def epoch(columns: str, size: int) -> list[Variant]:
    """Return both sides of training."""
    given = {"columns": columns, "size": size}
    return [
        Variant("kith", epoch_ours, given),
        Variant("pyg", epoch_pyg, given),
        Variant("pyg, tuned malloc", epoch_pyg, given | {"tuned": True}),
    ]


CASES: dict[str, dict[str, Callable[[], list[Variant]]]] = {
    "smiles": {"SMILES to arrays": smiles},
    "collate": {
        "collate, codes": lambda: collate("codes"),
        "collate, marks": lambda: collate("marks"),
    },
    "epoch": {
        "GIN epoch, codes, 256 a step": lambda: epoch("codes", 256),
        "GIN epoch, codes, 32 a step": lambda: epoch("codes", 32),
        "GIN epoch, marks, 256 a step": lambda: epoch("marks", 256),
    },
}


def main() -> None:
    """Run the cases asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", default=",".join(CASES), help=f"of {', '.join(CASES)}")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    for name in arguments.case.split(","):
        for case, variants in CASES[name].items():
            compare("molecules", variants(), case=case, pairs=arguments.pairs, results=arguments.results)


if __name__ == "__main__":
    main()
