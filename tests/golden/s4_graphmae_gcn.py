"""S4: cora, GraphMAE on a GCN, then a linear probe. Run it with: python -m tests.golden.s4_graphmae_gcn --seeds 5."""

from tests.golden.figures import Figure, main
from tests.golden.s4_dgi import read_probe

FIGURE = Figure(
    key="s4-cora-graphmae-gcn",
    title="S4, Cora, GraphMAE on a GCN with a linear probe, against the probe of the untrained encoder",
    published="84.2 ± 0.4 with graph attention (Hou et al. 2022)",
    floor=None,
    seeds=5,
    suggest={"preset": "plain", "pretrain": "graphmae"},
    changes={"finetune.type": "scratch", "finetune.training.epochs": 1},
    read=read_probe,
)

if __name__ == "__main__":
    main(FIGURE)
