"""Files of molecules. What bzr.sdf holds was counted by RDKit's own supplier and by hand."""

import gzip
from pathlib import Path

import pytest

from engine.core.errors import ReadError
from engine.data.importers import importer_for
from engine.data.issues import IssueLog
from engine.data.roles import TableKind
from engine.data.table import Table
from tests.support.data import data_file

ETHANOL = """Ethanol
  by hand

  3  2  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 C   0  0
    1.5000    0.0000    0.0000 C   0  0
    2.2500    1.3000    0.0000 O   0  0
  1  2  1  0
  2  3  1  0
M  END
>  <boiling point>  (1)
78.4

>  <note>
first line
second line

$$$$
"""
WATER_V3000 = """Water

  by hand
  0  0  0     0  0            999 V3000
M  V30 BEGIN CTAB
M  V30 COUNTS 1 0 0 0 0
M  V30 BEGIN ATOM
M  V30 1 O 0 0 0 0
M  V30 END ATOM
M  V30 END CTAB
M  END
> <boiling point>
100.0

$$$$
"""
BROKEN = ETHANOL.replace("  2  3  1  0", "  2  9  1  0").replace("Ethanol", "Broken")
FIVE_BONDS = """Impossible
  by hand

  6  5  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 C   0  0
    1.0000    0.0000    0.0000 F   0  0
    0.0000    1.0000    0.0000 F   0  0
    0.0000    0.0000    1.0000 F   0  0
   -1.0000    0.0000    0.0000 F   0  0
    0.0000   -1.0000    0.0000 F   0  0
  1  2  1  0
  1  3  1  0
  1  4  1  0
  1  5  1  0
  1  6  1  0
M  END
$$$$
"""


def _read(path: Path, log: IssueLog | None = None, limit: int | None = None) -> Table:
    (table,) = importer_for(path).read(path, issues=log, limit=limit)
    assert table.kind is TableKind.MOLECULES
    return table


def test_records_become_rows_and_fields_become_columns(tmp_path: Path) -> None:
    path = tmp_path / "two.sdf"
    path.write_text(ETHANOL + WATER_V3000)
    table = _read(path)
    assert list(table.frame.columns) == ["name", "smiles", "boiling point", "note"]
    assert table.cells("name").tolist() == ["Ethanol", "Water"]
    assert table.cells("smiles").tolist() == ["CCO", "O"]
    assert table.cells("boiling point").tolist() == ["78.4", "100.0"]
    assert table.cells("note").tolist() == ["first line\nsecond line", None]
    assert table.lines.tolist() == [1, 19]


def test_a_broken_record_is_blamed_with_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    path, log = tmp_path / "broken.sdf", IssueLog()
    path.write_text(ETHANOL + BROKEN + FIVE_BONDS + WATER_V3000)
    assert _read(path, log).cells("name").tolist() == ["Ethanol", "Water"]
    assert log.counts == {"data.row": 2}
    assert [(issue.line, issue.value) for issue in log.issues] == [(19, "Broken"), (37, "Impossible")]
    assert "Explicit valence" in log.issues[1].text


def test_a_record_that_was_cut_short_is_blamed(tmp_path: Path) -> None:
    path, log = tmp_path / "cut.sdf", IssueLog()
    path.write_text(ETHANOL + "\n".join(ETHANOL.splitlines()[:6]))
    assert _read(path, log).num_rows == 1
    assert [issue.line for issue in log.issues] == [19]


def test_gzip_windows_lines_and_a_limit_make_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "packed.sdf.gz"
    path.write_bytes(gzip.compress((ETHANOL * 3).replace("\n", "\r\n").encode()))
    assert _read(path, limit=2).cells("smiles").tolist() == ["CCO", "CCO"]


def test_an_sdf_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "export.ctab"
    path.write_text(ETHANOL)
    assert _read(path).form.format == "sdf"


def test_fields_of_our_names_keep_them(tmp_path: Path) -> None:
    path = tmp_path / "own.sdf"
    path.write_text(ETHANOL.replace("<note>", "<smiles>"))
    assert list(_read(path).frame.columns) == ["name", "structure", "boiling point", "smiles"]


def test_a_file_without_a_record_says_so(tmp_path: Path) -> None:
    path = tmp_path / "none.sdf"
    path.write_text("  \n\n")
    with pytest.raises(ReadError, match="holds no record"):
        _read(path)


def test_all_records_of_a_real_file_are_read() -> None:
    log = IssueLog()
    table = _read(data_file("formats", "bzr.sdf"), log)
    assert (table.num_rows, log.counts.total()) == (163, 0)
    assert table.cells("name")[0] == "Adinazolam"
    assert table.cells("ACTIVITY")[[0, -1]].tolist() == ["6.87", "8.38"]


def test_a_list_of_smiles_has_names_behind_its_molecules(tmp_path: Path) -> None:
    path = tmp_path / "list.smi"
    path.write_text("# made by hand\nCCO ethanol absolute\n\nO\twater\nC1CC\n")
    table = _read(path)
    assert table.cells("smiles").tolist() == ["CCO", "O", "C1CC"]
    assert table.cells("name").tolist() == ["ethanol absolute", "water", None]
    assert table.lines.tolist() == [2, 4, 5]


def test_a_heading_of_a_list_gives_the_names(tmp_path: Path) -> None:
    path = tmp_path / "list.smi"
    path.write_text("SMILES zinc_id\nCCO Z1\n")
    assert list(_read(path).frame.columns) == ["SMILES", "zinc_id"]
