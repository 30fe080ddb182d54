"""S4: cora, DGI, then a linear probe. Run it with: python -m tests.golden.s4_dgi --seeds 5."""

from collections.abc import Mapping
from typing import Any

from tests.golden.figures import Figure, main


def read_probe(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Return the probe of the pretrained encoder, that of the random one with the same first weights, and the gain."""
    probe, random = metrics["probe"]["test"]["mean"], metrics["random_init_probe"]["test"]["mean"]
    floors = {f"floor_{name}": floor["test"]["mean"] for name, floor in metrics["floors"].items()}
    return {"probe": probe, "random_init_probe": random, "gain": probe - random, **floors}


FIGURE = Figure(
    key="s4-cora-dgi",
    title="S4, Cora, DGI with a linear probe, test accuracy on the public split",
    published="82.3 ± 0.6 (Veličković et al. 2019)",
    floor=0.808,
    seeds=5,
    suggest={"preset": "plain", "pretrain": "dgi"},
    # Only the probe counts: fine-tuning is kept to one epoch.
    changes={"finetune.type": "scratch", "finetune.training.epochs": 1},
    read=read_probe,
    aim=0.825,
)

if __name__ == "__main__":
    main(FIGURE)
