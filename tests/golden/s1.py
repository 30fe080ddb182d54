"""S1: cora, plain GCN, public split. Run it with: python -m tests.golden.s1 --seeds 10."""

from collections.abc import Mapping
from typing import Any

from tests.golden.figures import Figure, main


def _read(metrics: Mapping[str, Any]) -> dict[str, float]:
    floors = {f"floor_{name}": floor["test"]["mean"] for name, floor in metrics["floors"].items()}
    return {"test": metrics["test"]["mean"], "valid": metrics["valid"]["mean"], **floors}


FIGURE = Figure(
    key="s1-cora-gcn",
    title="S1, Cora, plain two-layer GCN, test accuracy on the public split",
    published="81.5 (Kipf and Welling 2017)",
    floor=0.808,
    seeds=10,
    suggest={"preset": "plain"},
    changes={},
    read=_read,
    aim=0.815,
)

if __name__ == "__main__":
    main(FIGURE)
