"""S14, first part: planted motifs (BA-shapes) found by the explainer. Run it with: python -m tests.golden.s14_motif."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from sklearn.metrics import roc_auc_score

from tests.golden.figures import Figure, main

_BASE, _HOUSES = 300, 80
_RANDOM = 0.1  # extra edges, as a share of the nodes
# Roof on 0 and 1, which stand on 2 and 3; the first one is joined to the base.
_HOUSE = ((0, 1), (1, 2), (2, 3), (3, 0), (4, 0), (4, 1))
_PARTS = ("middle", "middle", "bottom", "bottom", "top")
# Every so many houses, all five nodes of it; a mask, which takes a hundred times as long to learn, is for fewer.
_EXPLAINED = {"gradient": 8, "edge_mask": 32}


def write_shapes(folder: Path, seed: int) -> list[str]:
    """Write BA-shapes as nodes.csv and edges.csv; the id of a house's node begins with the house's.

    Source: Ying et al. (2019), section 5: a Barabási-Albert graph of 300 nodes, 80 houses of five, and random edges.
    """
    rng = np.random.default_rng(seed)
    names = [f"base-{k}" for k in range(_BASE)]
    parts = ["base"] * _BASE
    edges = list(nx.barabasi_albert_graph(_BASE, 5, seed=seed).edges)
    for house in range(_HOUSES):
        first = len(names)
        names += [f"house{house}-{k}" for k in range(len(_PARTS))]
        parts += _PARTS
        edges += [(first + a, first + b) for a, b in _HOUSE]
        edges.append((first, int(rng.integers(_BASE))))
    edges += [tuple(rng.choice(len(names), 2, replace=False)) for _ in range(int(_RANDOM * len(names)))]
    nodes = "".join(f"{name},{part}\n" for name, part in zip(names, parts, strict=True))
    (folder / "nodes.csv").write_text("id,label\n" + nodes, encoding="utf-8")
    lines = "".join(f"{names[a]},{names[b]}\n" for a, b in edges)
    (folder / "edges.csv").write_text("source,target\n" + lines, encoding="utf-8")
    return [str(folder / "nodes.csv"), str(folder / "edges.csv")]


def _files(_: Path, seed: int) -> list[str]:
    folder = Path(tempfile.gettempdir()) / f"kith-shapes-{seed}"
    folder.mkdir(exist_ok=True)
    return write_shapes(folder, seed)


def explained(run: Path) -> dict[str, float]:
    """Explain nodes of a run and return how well each explainer tells the edges of the node's own house from others.

    The edges are those that the answer can depend on; the area under the ROC curve is of each node, then averaged.
    """
    from engine.infer.explainers import EXPLAINERS
    from engine.infer.surroundings import Surroundings
    from engine.project.fitted import load_fitted
    from engine.project.opened import open_data
    from engine.project.runs import RunFolder

    folder = RunFolder(run)
    fitted = load_fitted(folder)
    data = open_data(folder.recipe().data).data
    batch = fitted.batch(data)
    names = np.asarray(data.node_ids, dtype=object)
    home = np.array([name.partition("-")[0] for name in names])
    found: dict[str, list[float]] = {"edge_auc": [], "mask_edge_auc": []}
    for (key, every), scores in zip(_EXPLAINED.items(), found.values(), strict=True):
        explainer = EXPLAINERS.get(key)
        ready = explainer(explainer.parse({}))
        for node in [k for k, name in enumerate(home) if name != "base" and int(name[5:]) % every == 0]:
            around = Surroundings.of(fitted.model, fitted.task, batch, node)
            own = (home[around.ends] == home[node]).all(axis=1)
            scores.append(float(roc_auc_score(own, ready.explain(around).edges)))
    return {name: float(np.mean(values)) for name, values in found.items()}


def _read(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {"test": metrics["test"]["mean"]}


# Explainer and settings were chosen on graphs of seeds 100 and 101, which take no part in the figure.
FIGURE = Figure(
    key="s14-ba-shapes-edges",
    title="S14, BA-shapes, edges of the planted motif told from others by the explainer",
    published="edge AUC 92.5 (Ying et al. 2019, GNNExplainer), 96.3 (Luo et al. 2020, PGExplainer)",
    floor=0.88,
    aim=0.95,
    seeds=3,
    suggest={"preset": "plain"},
    changes={
        "data.structural": "degree",
        "encoder.layers": 3,
        "encoder.width": 32,
        "encoder.dropout": 0.0,
        "finetune.training.epochs": 1000,
        "finetune.training.patience": 300,
    },
    read=_read,
    metric="share or area under the curve",
    files=_files,
    look=explained,
)

if __name__ == "__main__":
    main(FIGURE)
