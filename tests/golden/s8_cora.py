"""S8: cora, adapters against all weights from one DGI checkpoint. Run it with: python -m tests.golden.s8_cora."""

from collections.abc import Mapping
from typing import Any

from tests.golden.figures import Figure, main


def _read(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Return test and valid of the fine-tuned models, and the share of all weights that their strategy moved."""
    moved = {row["kind"]: row["moved"] for row in metrics["runs"]}
    found = {part: metrics[part]["mean"] for part in ("test", "valid")}
    return {**found, "moved": moved["pretrained"] / moved["scratch"]}


_PRETRAINED = {"preset": "plain", "pretrain": "dgi"}

FIGURE = Figure(
    key="s8-cora-adapter",
    title="S8, Cora, adapters with at most 6 % of the weights against all weights, from the same DGI checkpoint",
    published="+1.6 % with 5 % of the parameters on molecules (Li, Han and Bai 2024, AdapterGNN)",
    floor=None,
    seeds=5,
    suggest=_PRETRAINED,
    changes={"finetune.type": "adapter"},
    # The same seed pretrains the same encoder: both runs start from equal weights.
    read=_read,
    against=_PRETRAINED,
    # The encoder a tenth as fast as the head, which is better on valid than as fast.
    against_changes={"finetune.type": "full", "finetune.encoder_factor": 0.1},
    against_name="full",
)

if __name__ == "__main__":
    main(FIGURE)
