"""S5: mutag and proteins, classes of whole graphs, GIN. Run it with: python -m tests.golden.s5 [mutag|proteins].

Ten folds of the data's own, each judging once, fold 0 always training; epoch and average are chosen on a tenth of the
other folds. Each line is a fold.
"""

import sys
from collections.abc import Mapping
from typing import Any

from tests.golden.figures import Figure, main, read_test

FOLDS = tuple(str(number) for number in range(1, 11))


def figure(
    data: str, published: str, floor: float | None, aim: float, members: int, changes: Mapping[str, Any]
) -> Figure:
    """Return the figure of one data set; `changes` make it end within 45 minutes."""
    return Figure(
        key=f"s5-{data}",
        title=f"S5, {data.upper()}, recommended recipe, test accuracy over ten folds, chosen on an inner part",
        published=published,
        floor=floor,
        seeds=1,
        suggest={"preset": "recommended"},
        changes={"task.metric": "accuracy", **changes},
        read=read_test("accuracy"),
        data=data,
        splits=FOLDS,
        split_option="only",
        members=members,
        aim=aim,
    )


FIGURES = {
    "mutag": figure(
        "mutag",
        "GIN 89.4 ± 5.6 with the epoch chosen on the test folds (Xu et al. 2019); fairly about 82 ± 12",
        None,
        0.88,
        3,
        {},
    ),
    "proteins": figure(
        "proteins",
        "GIN 73.3 ± 4.0, without the edges 75.8 ± 3.7, chosen on an inner part (Errica et al. 2020)",
        0.715,
        0.75,
        1,
        {"encoder.width": 32, "finetune.training.epochs": 20},
    ),
}

if __name__ == "__main__":
    names = [name for name in FIGURES if name in sys.argv]
    sys.argv = [argument for argument in sys.argv if argument not in FIGURES]
    for name in names or FIGURES:
        main(FIGURES[name])
