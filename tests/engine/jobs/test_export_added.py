"""Further columns in an export: matched by id, never mixed up with what is there already."""

from pathlib import Path

import pandas as pd
import pytest

from engine.core.errors import ProjectError
from engine.jobs.export import _with_added


def test_further_columns_are_matched_by_id_and_get_names_of_their_own(tmp_path: Path) -> None:
    table = pd.DataFrame({"node_id": ["a", "b", "c"], "confidence": [0.1, 0.2, 0.3]})
    more = pd.DataFrame({"id": ["c", "a"], "group": ["yes", None], "confidence": [3.0, 1.0]})
    more.to_parquet(tmp_path / "more.parquet")
    found = _with_added(table, tmp_path / "more.parquet")
    assert list(found.columns) == ["node_id", "confidence", "group", "confidence_added"]
    assert found["confidence"].tolist() == [0.1, 0.2, 0.3]
    assert found["group"].fillna("–").tolist() == ["–", "–", "yes"]
    assert found["confidence_added"].fillna(0).tolist() == [1.0, 0.0, 3.0]


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no table of further columns"):
        _with_added(pd.DataFrame({"id": []}), tmp_path / "none.parquet")
