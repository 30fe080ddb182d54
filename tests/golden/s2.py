"""S2: cora, the recipe that the program recommends by itself. Run it with: python -m tests.golden.s2 --seeds 10."""

from tests.golden.figures import Figure, main, read_test

FIGURE = Figure(
    key="s2-cora-recommended",
    title="S2, Cora, the recommended recipe, test accuracy on the public split",
    published="83.7 APPNP, 84.4 DAGNN, 85.4 GRAND, 85.5 GCNII",
    floor=0.835,
    seeds=10,
    suggest={"preset": "recommended"},
    changes={},
    read=read_test("accuracy"),
    aim=0.855,
)

if __name__ == "__main__":
    main(FIGURE)
