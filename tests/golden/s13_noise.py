"""S13: Cora with wrong edges and wrong labels, robust against plain. Run it with: python -m tests.golden.s13_noise."""

import csv
import random
import shutil
import tempfile
from pathlib import Path

from tests.golden.figures import Figure, main, read_test

_EDGES = 0.1
_LABELS = 0.3


def spoilt(folder: Path, seed: int) -> list[str]:
    """Write Cora with a tenth of its edges leading elsewhere and 30 % of train's and valid's labels wrong.

    An edge keeps one end and gets any node as the other; a wrong label is any of the other classes. Test stays as it
    is. Each seed draws its own, and both recipes see the same. Returns the three paths.
    """
    draw = random.Random(seed)
    out = Path(tempfile.gettempdir()) / f"kith-golden-noise-{seed}"
    out.mkdir(exist_ok=True)
    with (folder / "nodes.csv").open(encoding="utf-8", newline="") as file:
        nodes = list(csv.DictReader(file))
    classes = sorted({node["label"] for node in nodes})
    for node in nodes:
        if node["split"] in ("train", "val") and draw.random() < _LABELS:
            node["label"] = draw.choice([name for name in classes if name != node["label"]])
    with (folder / "edges.csv").open(encoding="utf-8", newline="") as file:
        head, *edges = csv.reader(file)
    for number in draw.sample(range(len(edges)), round(_EDGES * len(edges))):
        edges[number][1] = draw.choice(nodes)["id"]
    with (out / "nodes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(nodes[0]))
        writer.writeheader()
        writer.writerows(nodes)
    with (out / "edges.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *edges])
    shutil.copyfile(folder / "features_sparse.csv.gz", out / "features_sparse.csv.gz")
    return [str(out / name) for name in ("nodes.csv", "edges.csv", "features_sparse.csv.gz")]


# Settings of Liu et al. (2020), "Towards deeper graph neural networks", for few labels, with the loss for wrong labels;
# whether that loss and DropEdge are used was decided on valid of the seeds 0 and 1: 49.7 without both, 52.4 with the
# loss, 52.0 with both (30 % of these labels are wrong, so nothing reaches much above 60).
_ROBUST = {
    "encoder": {"type": "dagnn"},
    "finetune.training": {"epochs": 400, "patience": 100},
    "finetune.optimiser.weight_decay": 0.005,
    "noise.loss": "generalised",
    "noise.prune": "auto",
}

FIGURE = Figure(
    key="s13-cora-noise",
    title="S13, Cora with a tenth of its edges rewired and 30 % wrong labels: DAGNN with a tolerant loss, pruning left "
    "to valid, against plain GCN, test accuracy",
    published="none",
    floor=0.02,
    aim=0.05,
    seeds=10,
    suggest={"preset": "plain"},
    changes=_ROBUST,
    read=read_test("accuracy"),
    against={"preset": "plain"},
    files=spoilt,
)

if __name__ == "__main__":
    main(FIGURE)
