"""S11: twitch_engb, recommended against plain. Run it with: python -m tests.golden.s11 --seeds 5."""

from tests.golden.figures import Figure, main, read_test

FIGURE = Figure(
    key="s11-twitch-recommended",
    title="S11, Twitch ENGB, mature, the recommended recipe (three seeds together) against plain GCN, test ROC-AUC",
    published="none for this split",
    floor=0.0,
    seeds=5,
    suggest={"preset": "recommended"},
    changes={},
    # Both recipes are scored, and their epochs chosen, by the metric that is asked for.
    both={"task.metric": "roc_auc"},
    # As many as the recommended recipe trains by itself.
    members=3,
    read=read_test("roc_auc"),
    data="twitch_engb",
    target="mature",
    against={"preset": "plain"},
    metric="ROC-AUC",
    aim=0.0,
)

if __name__ == "__main__":
    main(FIGURE)
