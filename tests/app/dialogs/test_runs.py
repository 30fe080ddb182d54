from pathlib import Path

import pytest

from app.dialogs.runs import _test
from app.session.runs import RunInfo


def _run(metric: str, mean: float | None, std: float, count: int) -> RunInfo:
    return RunInfo("r", Path("r"), "finished", "team", "gcn", "", metric, mean, std, count, True, False)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (_run("accuracy", 0.8834, 0.0, 1), "accuracy 88.3 %"),
        (_run("accuracy", 0.8146, 0.0052, 10), "accuracy 81.5 ± 0.5 %"),
        (_run("rmse", 12.345, 0.0, 1), "RMSE 12.35"),
        (_run("", None, 0.0, 1), "–"),
    ],
)
def test_the_list_of_runs_shows_a_spread_only_of_several_trainings(run: RunInfo, words: str) -> None:
    assert _test(run) == words
