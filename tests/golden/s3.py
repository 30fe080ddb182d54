"""S3: minesweeper, the recommended recipe, the first three of its splits. Run it with: python -m tests.golden.s3."""

from tests.golden.figures import Figure, main, read_test

FIGURE = Figure(
    key="s3-minesweeper-recommended",
    title="S3, Minesweeper, the recommended recipe, test ROC-AUC on split_0 to split_2",
    published="89.75 plain GCN (Platonov et al. 2023), 97.86 ± 0.24 tuned GCN (Luo, Shi and Wu 2024)",
    floor=0.95,
    seeds=1,
    suggest={"preset": "recommended"},
    changes={},
    read=read_test("roc_auc"),
    data="minesweeper",
    splits=("split_0", "split_1", "split_2"),
    metric="ROC-AUC",
    aim=0.979,
)

if __name__ == "__main__":
    main(FIGURE)
