"""S6: esol, how well molecules dissolve. Run it with: python -m tests.golden.s6 --seeds 3."""

from tests.golden.figures import Figure, main, read_test

FIGURE = Figure(
    key="s6-esol",
    title="S6, ESOL, recommended recipe, random 80/10/10, test RMSE in log mol/L",
    published="D-MPNN .587 ± .060, CMPNN .547, GCN .97 on random splits (Wu et al. 2018; Jiang et al. 2021)",
    floor=0.70,
    seeds=3,
    suggest={"preset": "recommended", "split": "split_random"},
    changes={},
    read=read_test("rmse"),
    data="esol",
    target="measured log solubility in mols per litre",
    metric="RMSE",
    members=3,
    aim=0.55,
    is_error=True,
)

if __name__ == "__main__":
    main(FIGURE)
