"""S7: bbbp, pretrained on zinc_sample against scratch. Run it with: python -m tests.golden.s7 --seeds 5."""

from collections.abc import Mapping
from typing import Any

from tests.golden.figures import Figure, main
from tests.support.data import data_root


def read_pair(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Return test and valid of the fine-tuned models, those from scratch beside them, and the linear probes."""
    both = metrics["comparison"]
    floors = {f"floor_{name}": floor["test"]["mean"] for name, floor in metrics["floors"].items()}
    return {
        "test": both["pretrained"]["mean"],
        "valid": metrics["valid"]["mean"],
        "scratch": both["scratch"]["mean"],
        "difference": both["paired_difference"]["mean"],
        "probe": metrics["probe"]["test"]["mean"],
        "random_init_probe": metrics["random_init_probe"]["test"]["mean"],
        **floors,
    }


SUGGEST = {
    "preset": "recommended",
    "split": "split",
    "pretrain_on": (str(data_root() / "zinc_sample" / "molecules.csv"),),
}
# Fewer epochs than recommended, for a command that ends within 45 minutes on two cores.
BOTH = {
    "after.ensemble": "off",
    "loader.batch_size": 64,
    "pretrain.training.epochs": 15,
    "pretrain.optimiser.rate": 0.002,
    "pretrain.schedule.type": "cosine",
    "finetune.training.epochs": 30,
    "finetune.training.patience": 0,
}

FIGURE = Figure(
    key="s7-bbbp",
    title="S7, BBBP, scaffold split, pretrained on 10,000 molecules of ZINC against scratch, test ROC-AUC",
    published="scratch 65.8 ± 4.5, pretrained 64.3 to 72.5 (Hu et al. 2020; GraphMAE's README), on 2 M molecules",
    floor=0.01,
    seeds=5,
    suggest=SUGGEST,
    changes=BOTH,
    read=read_pair,
    data="bbbp",
    target="p_np",
    metric="ROC-AUC",
)

if __name__ == "__main__":
    main(FIGURE)
