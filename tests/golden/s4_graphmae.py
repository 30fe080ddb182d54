"""S4: cora, GraphMAE on GAT, then a linear probe. Run it with: python -m tests.golden.s4_graphmae --seeds 5."""

from tests.golden.figures import Figure, main
from tests.golden.s4_dgi import read_probe

FIGURE = Figure(
    key="s4-cora-graphmae",
    title="S4, Cora, GraphMAE on graph attention with a linear probe, test accuracy on the public split",
    published="84.2 ± 0.4 (Hou et al. 2022)",
    floor=0.828,
    seeds=5,
    suggest={"preset": "plain", "pretrain": "graphmae"},
    # The settings of the paper for Cora, decoder included.
    changes={
        "encoder.type": "gat",
        "encoder.heads": 4,
        "encoder.width": 128,
        "encoder.norm": "none",
        "encoder.dropout": 0.2,
        "encoder.attention_dropout": 0.1,
        "pretrain.decoder": "attention",
        "pretrain.schedule.type": "cosine",
        "pretrain.training.epochs": 1500,
        "finetune.type": "scratch",
        "finetune.training.epochs": 1,
    },
    read=read_probe,
)

if __name__ == "__main__":
    main(FIGURE)
