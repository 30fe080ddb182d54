"""A training step of a graph convolutional network: ours, PyG's ways of doing it, and the bare products.

    python -m tests.bench.step [--case arxiv,million,labels,growth] [--pairs 7] [--device cuda]

Ours is what a run does: `finetune` on a model of the registry, optimiser, losses, events and all; a step is an epoch
without evaluation. All start from the same weights and print the loss of the third step, which has to agree.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.pairs import RESULTS, Variant, add_only, compare, measured, named
from tests.bench.shapes import ARXIV, GROWING, MILLION, Shape

STEPS = 6
_FEWER = 4  # of a peer that takes ten times as long
THREADS = 2
_GROWTH_LIMIT = 1.05


def ours(shape: dict[str, Any], labels: float, restrict: bool = True, device: str = "cpu") -> dict[str, Any]:
    """Train as a run does; `restrict` False goes over every row although labels are few."""
    from engine.core.memory import keep_memory

    keep_memory()
    from engine.core.events import EpochFinished
    from engine.data.splits._base import Split
    from engine.graph.batch import GraphBatch
    from engine.graph.graph import Graph
    from engine.learn.class_task import FittedClasses
    from engine.learn.finetuning import Labels, finetune
    from engine.learn.loaders.full import Full
    from engine.learn.options import OptimiserOptions, RuntimeOptions, TrainingOptions
    from engine.learn.runtime import apply_runtime
    from engine.learn.strategies.scratch import Scratch
    from engine.learn.trainer import Stage, Watch
    from engine.nn.encoders.gcn import GCN
    from engine.nn.model import Model

    own = Shape(**shape)
    indptr, indices = own.graph()
    x, classes, train = own.features(), own.classes(), own.train(labels)
    import torch

    place = torch.device(device)
    apply_runtime(RuntimeOptions(threads=THREADS), place)
    with measured() as figures:
        batch = GraphBatch.from_graph(Graph(indptr, indices), x, place)
        del x
        options = {"layers": len(own.widths) - 1, "width": own.widths[1], "dropout": 0.0}
        model = Model(GCN(GCN.parse(options), own.widths[0]), own.widths[-1])
        parts = [*(layer.convolution for layer in model.encoder.layers), model.head.convolution]
        for part, weight in zip(parts, own.weights(), strict=True):
            part.weight.data = torch.from_numpy(weight)
        model.to(place)
        count = own.widths[-1]
        task = FittedClasses(
            key="node_class",
            target_name="class",
            class_names=tuple(map(str, range(count))),
            train_counts=(1,) * count,
            main_metric="accuracy",
            weighted=False,
        )
        mask = np.zeros(own.nodes, bool)
        mask[train] = True
        split = Split("bench", mask, np.zeros_like(mask), np.zeros_like(mask))
        watched = _Watched(device)

        def sink(event: object) -> None:
            if isinstance(event, EpochFinished):
                watched.step(event.metrics["train_loss"])

        # One more epoch than is looked at: the last one evaluates.
        stage = Stage(
            "scratch",
            TrainingOptions(epochs=STEPS + 1, evaluate_every=1000, checkpoint_seconds=1000),
            OptimiserOptions(rate=0.01, weight_decay=0.0),
        )
        loader = Full(Full.parse({})) if restrict else None
        finetune(
            model, batch, Labels(task, classes, split), Scratch(Scratch.parse({})), stage, Watch(sink), loader=loader
        )
    return figures | watched.figures()


def pyg(
    shape: dict[str, Any], labels: float, kind: str, tuned: bool = False, device: str = "cpu", steps: int = STEPS
) -> dict[str, Any]:
    """Train with torch_geometric: `cached`, `csr` or `edge_index`."""
    if tuned:
        from engine.core.memory import keep_memory

        keep_memory()
    import torch
    from torch.nn import functional
    from torch_geometric import EdgeIndex
    from torch_geometric.nn import GCNConv

    own = Shape(**shape)
    indptr, indices = own.graph()
    x, classes, train = (torch.from_numpy(a) for a in (own.features(), own.classes(), own.train(labels)))
    torch.set_num_threads(THREADS)
    with measured() as figures:
        x, target, train = x.to(device), classes[train].to(device), train.to(device)
        layers = [
            GCNConv(a, b, cached=kind == "cached", normalize=kind == "cached").to(device)
            for a, b in zip(own.widths[:-1], own.widths[1:], strict=True)
        ]
        for layer, weight in zip(layers, own.weights(), strict=True):
            layer.lin.weight.data = torch.from_numpy(np.ascontiguousarray(weight.T)).to(device)
        optimiser = torch.optim.Adam([p for layer in layers for p in layer.parameters()], lr=0.01)
        edges = _edges(indptr, indices, loops=kind != "cached")
        call: Callable[[Any, Any], Any]  # Any: a layer and a table
        if kind == "cached":
            given = edges.to(device)
            call = lambda layer, h: layer(h, given)  # noqa: E731 - one of three
        else:
            degree = torch.bincount(edges[1], minlength=own.nodes).float().rsqrt()
            values = (degree[edges[0]] * degree[edges[1]]).to(device)
            size = (own.nodes, own.nodes)
            if kind == "csr":
                starts = torch.from_numpy(indptr + np.arange(own.nodes + 1)).to(device)
                table = torch.sparse_csr_tensor(starts, edges[0].to(device), values, size)
                call = lambda layer, h: layer(h, table)  # noqa: E731
            else:
                index = EdgeIndex(edges.to(device), sparse_size=size, sort_order="col", is_undirected=True)
                index.fill_cache_()
                call = lambda layer, h: (  # noqa: E731
                    index.matmul(layer.lin(h), input_value=values, transpose=True) + layer.bias
                )
            del edges
        watched = _Watched(device)
        for _ in range(steps):
            optimiser.zero_grad(set_to_none=True)
            h = x
            for number, layer in enumerate(layers):
                h = call(layer, h)
                h = h.relu() if number + 1 < len(layers) else h
            loss = functional.cross_entropy(h[train], target)
            loss.backward()
            optimiser.step()
            watched.step(loss.item())
    return figures | watched.figures()


def bare(shape: dict[str, Any], labels: float = 0.5) -> dict[str, Any]:
    """Do the products of a step alone, into tables that are there: the least that a step can take."""
    from engine.core.memory import keep_memory

    keep_memory()
    import torch

    from engine.graph.batch import GraphBatch
    from engine.graph.graph import Graph

    own = Shape(**shape)
    indptr, indices = own.graph()
    torch.set_num_threads(THREADS)
    nothing = torch.zeros(own.nodes, 0)
    spread = GraphBatch.from_graph(Graph(indptr, indices), nothing.numpy()).propagation().forward
    tables = {width: torch.rand(own.nodes, width) for width in set(own.widths)}
    spare = {width: torch.rand(own.nodes, width) for width in set(own.widths)}
    weights = [torch.from_numpy(weight) for weight in own.weights()]
    gradients = [torch.empty_like(weight) for weight in weights]

    def step() -> None:
        for number, weight in enumerate(weights):
            wide, narrow = weight.shape
            if number:
                width = min(wide, narrow)
                spread.product(tables[width], out=spare[width])
                spread.product(tables[width], out=spare[width])
                torch.mm(tables[narrow], weight.t(), out=spare[wide])
            torch.mm(tables[wide], weight, out=spare[narrow])
            torch.mm(tables[wide].t(), tables[narrow], out=gradients[number])

    watched = _Watched("cpu")
    for _ in range(STEPS):
        step()
        watched.step(0.0)
    return watched.figures()


class _Watched:
    """Times between steps; the first one warms and is left out."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._times = [time.perf_counter()]
        self._cpu = [time.process_time()]
        self._losses: list[float] = []
        self._peak = 0.0

    def step(self, loss: float) -> None:
        if self._device != "cpu":
            import torch

            torch.cuda.synchronize()
        if len(self._losses) == STEPS:
            return
        self._times.append(time.perf_counter())
        self._cpu.append(time.process_time())
        self._losses.append(loss)
        self._peak = _peak_mb(self._device)

    def figures(self) -> dict[str, float]:
        steps, cpu = (float(np.median(np.diff(times)[1:])) for times in (self._times, self._cpu))
        return {"seconds": steps, "cpu_seconds": cpu, "peak_mb": self._peak, "loss": self._losses[2]}


def _peak_mb(device: str) -> float:
    if device != "cpu":
        import torch

        return torch.cuda.max_memory_allocated() / 2**20
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _edges(indptr: Any, indices: Any, *, loops: bool) -> Any:  # Any: torch is imported late
    """Return sources and targets, int64 [2, E], ordered by target; with loops the loop comes last in each row."""
    import torch

    nodes = np.arange(len(indptr) - 1)
    if loops:
        indices = np.insert(indices, indptr[1:], nodes)
        indptr = indptr + np.arange(len(indptr))
    return torch.from_numpy(np.stack([indices.astype(np.int64), np.repeat(nodes, np.diff(indptr))]))


def variants(shape: Shape, labels: float, device: str) -> list[Variant]:
    """Return ours, the peers and the bare products."""
    plain = {"shape": vars(shape) | {"widths": list(shape.widths)}, "labels": labels}
    there = plain | {"device": device}
    found = [
        Variant("kith", ours, there),
        Variant("pyg cached", pyg, there | {"kind": "cached", "steps": _FEWER}),
        Variant("pyg EdgeIndex", pyg, there | {"kind": "edge_index"}),
    ]
    if device != "cpu":
        return [*found, Variant("pyg CSR", pyg, there | {"kind": "csr"})]
    return [
        *found,
        Variant("pyg EdgeIndex, tuned malloc", pyg, there | {"kind": "edge_index", "tuned": True}),
        Variant("bare products", bare, plain),
    ]


def growth(pairs: int, results: Path) -> None:
    """Fit how time and memory of a step grow with the number of entries."""
    found: dict[str, list[float]] = {"entries": [], "seconds": [], "extra_mb": []}
    for shape in GROWING:
        plain = {"shape": vars(shape) | {"widths": list(shape.widths)}, "labels": 0.5}
        line = compare(
            "step-growth",
            [Variant("kith", ours, plain)],
            case=f"{2 * shape.links} entries",
            pairs=pairs,
            results=results,
        )[0]
        found["entries"].append(2 * shape.links)
        found["seconds"].append(line["seconds"])
        found["extra_mb"].append(line["extra_mb"])
    for name in ("seconds", "extra_mb"):
        exponent = np.polyfit(np.log(found["entries"]), np.log(found[name]), 1)[0]
        print(f"{name} grow with the power {exponent:.3f} of the entries; at most {_GROWTH_LIMIT} is asked for")


def main() -> None:
    """Run the chosen cases."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", default="arxiv,million,labels,growth")
    parser.add_argument("--pairs", type=int, default=7)
    add_only(parser)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    name = "step" if arguments.device == "cpu" else "step-cuda"
    for case in arguments.case.split(","):
        if case == "growth":
            growth(arguments.pairs, arguments.results)
            continue
        shape, labels = (ARXIV, 0.5) if case == "arxiv" else (MILLION, 0.5)
        all_of_them = variants(shape, labels, arguments.device)
        if case == "labels":
            plain = all_of_them[0].arguments | {"labels": 0.01}
            all_of_them = [Variant("kith", ours, plain), Variant("kith, every row", ours, plain | {"restrict": False})]
        compare(name, named(all_of_them, arguments.only), case=case, pairs=arguments.pairs, results=arguments.results)


if __name__ == "__main__":
    main()
