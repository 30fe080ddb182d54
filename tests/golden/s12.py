"""S12: facebook_pages, 20 labels a class, recommended against plain. Run it with: python -m tests.golden.s12."""

from tests.golden.figures import Figure, main, read_test

FIGURE = Figure(
    key="s12-facebook-few-labels",
    title="S12, Facebook pages, 20 labels a class, the recommended recipe against plain GCN, test accuracy",
    published="none",
    floor=0.01,
    seeds=10,
    suggest={"preset": "recommended", "split": "few"},
    changes={},
    read=read_test("accuracy"),
    data="facebook_pages",
    target="page_type",
    against={"preset": "plain", "split": "few"},
    aim=0.02,
)

if __name__ == "__main__":
    main(FIGURE)
