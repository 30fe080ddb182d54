"""Long tables are written piece by piece, with the same cells as in one go."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.core.cancel import Cancelled, CancelToken
from engine.jobs import _tables
from engine.jobs._tables import write_csv, write_parquet


def _table(rows: int, marked: bool) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    name = 'a, "b"\n' if marked else "北京"
    return pd.DataFrame(
        {
            "id": np.array([f"n{k}" for k in range(rows)], dtype=object),
            "class": np.array([name, None, "x | y"], dtype=object)[rng.integers(0, 3, rows)],
            "share": rng.random(rows) ** 9,
            "small": rng.random(rows).astype(np.float32),
            "empty": np.full(rows, None, dtype=object),
            "nothing": np.array(["", "some"], dtype=object)[rng.integers(0, 2, rows)],
            "late": np.array([None] * (rows - 1) + ["z"], dtype=object),
        }
    )


@pytest.mark.parametrize("marked", [False, True])
@pytest.mark.parametrize("piece", [7, 1000])
def test_a_table_in_pieces_holds_the_cells_of_one_in_one_go(
    piece: int, marked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_tables, "_ROWS", piece)
    table = _table(50, marked)
    write_csv(table, tmp_path / "a.csv", CancelToken())
    table.to_csv(tmp_path / "b.csv", index=False, lineterminator="\n")
    ours, theirs = (pd.read_csv(tmp_path / name, dtype={"empty": object}) for name in ("a.csv", "b.csv"))
    pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
    ours_text, theirs_text = ((tmp_path / name).read_text(encoding="utf-8") for name in ("a.csv", "b.csv"))
    assert ours_text.count("\n") == theirs_text.count("\n")
    if piece == 1000:
        assert ours_text == theirs_text
    write_parquet(50, lambda a, b: table[a:b], tmp_path / "a.parquet", CancelToken())
    read = pd.read_parquet(tmp_path / "a.parquet")
    assert read.astype(object).where(read.notna(), None).equals(table.astype(object).where(table.notna(), None))


def test_cancel_leaves_the_file_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tables, "_ROWS", 7)
    token = CancelToken()
    token.cancel()
    (tmp_path / "a.csv").write_text("before", encoding="utf-8")
    with pytest.raises(Cancelled):
        write_csv(_table(50, False), tmp_path / "a.csv", token)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "before"


def test_empty_texts_do_not_keep_a_table_from_being_written_quickly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most nodes of a large graph have no label and no split; one column alone needs its quotes."""
    monkeypatch.setattr(_tables, "_ROWS", 2)
    texts = np.array(["", "a", ""], dtype=object)
    for table in (pd.DataFrame({"x": texts, "y": [1, 2, 3]}), pd.DataFrame({"x": texts})):
        write_csv(table, tmp_path / "a.csv", CancelToken())
        assert (tmp_path / "a.csv").read_text(encoding="utf-8") == table.to_csv(index=False, lineterminator="\n")
        assert (_tables._without_marks(table) is None) == (len(table.columns) == 1)
