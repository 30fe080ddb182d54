"""S8: bbbp, adapters against all weights from one checkpoint. Run it with: python -m tests.golden.s8_bbbp --seeds 5."""

from collections.abc import Mapping
from typing import Any

from tests.golden.figures import Figure, main
from tests.golden.s7 import BOTH, SUGGEST


def _read(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Return test and valid of the fine-tuned models, and the share of all weights that their strategy moved."""
    moved = {row["kind"]: row["moved"] for row in metrics["runs"]}
    found = {part: metrics[part]["mean"] for part in ("test", "valid")}
    return {**found, "moved": moved["pretrained"] / moved["scratch"]}


# The checkpoint is that of S7; both ways of fine-tuning it take fewer epochs, so that five seeds end in time.
_BOTH = {**BOTH, "finetune.training.epochs": 20}
# Few weights take larger steps: chosen on valid of one seed, ROC-AUC .930, and .909 at the rate of all weights.
_ADAPTER = {"finetune.type": "adapter", "finetune.optimiser.rate": 0.005}

FIGURE = Figure(
    key="s8-bbbp-adapter",
    title="S8, BBBP, adapters with at most 6 % of the weights against all weights, from the checkpoint of S7",
    published="+1.6 % with 5 % of the parameters (Li, Han and Bai 2024, AdapterGNN)",
    floor=-0.01,
    seeds=5,
    suggest=SUGGEST,
    changes={**_BOTH, **_ADAPTER},
    read=_read,
    data="bbbp",
    target="p_np",
    # The same seed pretrains the same encoder: both runs start from equal weights.
    against=SUGGEST,
    against_changes=_BOTH,
    against_name="full",
    metric="ROC-AUC",
)

if __name__ == "__main__":
    main(FIGURE)
