"""Columns beside a target that would give it away."""

import numpy as np
import pandas as pd

from engine.analysis.telling import telling_columns
from engine.data.items import Items
from engine.data.roles import ColumnKind, Role
from engine.data.table import ColumnSpec

NUMBER, CATEGORY = ColumnKind.NUMBER, ColumnKind.CATEGORY


def _items(**columns: tuple[ColumnKind, Role, list[object]]) -> Items:
    table = pd.DataFrame({name: [str(cell) for cell in cells] for name, (_, _, cells) in columns.items()}, dtype=object)
    specs = {name: ColumnSpec(name, kind, role, "", 0, 0, ()) for name, (kind, role, _) in columns.items()}
    return Items("graph", np.arange(len(table)).astype(str).astype(object), table, specs, np.arange(len(table)) + 2)


def test_a_number_that_goes_with_the_target_is_named_and_one_that_does_not_is_not() -> None:
    draw = np.random.default_rng(0)
    truth = draw.normal(size=60)
    items = _items(
        solubility=(NUMBER, Role.TARGET, truth.tolist()),
        predicted=(NUMBER, Role.IGNORE, np.exp(truth + 0.1 * draw.normal(size=60)).tolist()),
        weight=(NUMBER, Role.IGNORE, draw.normal(size=60).tolist()),
    )
    (found,) = telling_columns(items, "solubility", is_class=False)
    assert (found.column, found.target) == ("predicted", "solubility")
    assert "over 60 graphs" in found.sentence
    assert "It is no feature" in found.sentence


def test_a_column_that_names_the_class_is_named() -> None:
    classes = [k % 2 for k in range(60)]
    items = _items(
        toxic=(CATEGORY, Role.TARGET, classes),
        verdict=(CATEGORY, Role.IGNORE, ["bad" if code else "good" for code in classes]),
        batch=(CATEGORY, Role.IGNORE, [k % 3 for k in range(60)]),
    )
    assert [one.column for one in telling_columns(items, "toxic", is_class=True)] == ["verdict"]
