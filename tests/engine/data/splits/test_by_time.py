"""Parts by time: the first train, the last judge, and one moment is never in two parts."""

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import OptionError, RoleError
from engine.core.events import Event, Notice
from engine.data.items import Items
from engine.data.roles import ColumnKind, Role
from engine.data.splits import Split
from engine.data.splits.by_time import ByTime
from engine.data.table import ColumnSpec


def _split(cells: list[str | None], kind: ColumnKind, heard: list[Event] | None = None, **options: object) -> Split:
    spec = ColumnSpec("when", kind, Role.TIME, "", 0, 0, ())
    count = len(cells)
    table = pd.DataFrame({"when": np.array(cells, dtype=object)}, dtype=object)
    items = Items("graph", np.arange(count).astype(str).astype(object), table, {"when": spec}, np.arange(count) + 2)
    splitter = ByTime(ByTime.parse(options))
    sink = (heard if heard is not None else []).append
    (found,) = splitter.assign(items, np.zeros(count), is_class=False, seed=0, sink=sink)
    return found


def test_dates_are_cut_into_first_middle_and_last_whatever_the_order_of_the_rows() -> None:
    days = [f"2024-01-{day:02d}" for day in (10, 1, 2, 3, 4, 5, 6, 7, 8, 9)]
    found = _split(days, ColumnKind.DATE, train=0.6, valid=0.2)
    assert found.parts().tolist() == ["test", *["train"] * 6, "valid", "valid", "test"]


def test_items_of_one_moment_stay_together_and_those_without_take_no_part() -> None:
    heard: list[Event] = []
    found = _split(["1", "1", "1", "1", "2", "2", "3", None], ColumnKind.NUMBER, heard, train=0.5, valid=0.2)
    assert found.parts().tolist() == [*["train"] * 4, "valid", "valid", "test", ""]
    assert [event.details["count"] for event in heard if isinstance(event, Notice)] == [1]


def test_two_moments_are_too_few_and_everything_cannot_train() -> None:
    with pytest.raises(RoleError, match="2 different times"):
        _split(["1", "1", "2", "2"], ColumnKind.NUMBER)
    with pytest.raises(OptionError, match="nothing to judge"):
        _split(["1", "2", "3", "4"], ColumnKind.NUMBER, train=0.9, valid=0.1)
