"""Tables of molecules with everything wrong that tables have; every count is known from how the table was made."""

import os
from pathlib import Path

import numpy as np
import pytest

from engine.data.builders.molecular import names_of
from engine.data.chem.options import CleaningOptions
from engine.data.chem.reading import Place, Reading, Target, read_molecules
from engine.data.issues import IssueLog

BROKEN = ["C1CC", "C(C", "CX", "N(C)(C)(C)(C)C", "c1ccc", "[C", "C)C", "F(C)C", "O=O=O", "cC", "[Zz]", "C%1", "C==C"]
BROKEN = [*BROKEN, "hello", "C[N", "[CH5]C", "CC(", "c1cccc1c", "Cl(C)C", "C#C#C", "=", "C1CCCC2", "Br=C"]
SALTS = ["CC(=O)[O-].[Na+]", "C[NH3+].[Cl-]", "O.OS(=O)(=O)O"]
PEPTIDE = "NCC(=O)" * 1250 + "O"

_HANGING = """
import time
from rdkit import Chem
_parse = Chem.MolFromSmiles
Chem.MolFromSmiles = lambda text, *rest: time.sleep(1000) if text == "C1CCCCC1CCCCO" else _parse(text, *rest)
"""


def _read(
    smiles: list[str | None], values: list[str | None] | None = None, **choices: object
) -> tuple[Reading, IssueLog]:
    log = IssueLog()
    targets = {} if values is None else {"y": Target(np.array(values, object), True)}
    place = Place("drugs.csv", "smiles", np.arange(2, len(smiles) + 2))
    found = read_molecules(smiles, targets, cleaning=CleaningOptions.model_validate(choices), place=place, issues=log)
    return found, log


def test_the_atoms_of_the_largest_fragment_are_numbered_as_in_the_smiles_that_is_drawn() -> None:
    found, _ = _read(["[Na+].[O-]C(=O)c1ccccc1N", "Cl.OC(F)CNC", "FC(=O)O.CCCl", "OCF"], salts="largest")
    molecules = found.molecules
    names = names_of(molecules.atom_fields)
    elements = [place for place, name in enumerate(names) if name.startswith("element ")]
    symbols = np.array([names[place].split()[1] for place in elements])[molecules.x[:, elements].argmax(axis=1)]
    # Written canonically by RDKit, each beginning at another atom than the user did; what is no salt stays as written.
    assert found.smiles.tolist() == ["Nc1ccccc1C(=O)[O-]", "CNCC(O)F", "O=C(O)F", "OCF"]
    assert "".join(symbols) == "NCCCCCCCOO" + "CNCCOF" + "OCOF" + "OCF"


def test_a_table_with_everything_wrong_imports_with_each_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(_HANGING)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    good = [f"{'C' * length}O" for length in range(2, 42)]
    # The same molecule written the other way round, with another value.
    again = [f"O{'C' * length}" for length in range(2, 7)]
    smiles = [*good, *again, *SALTS, *BROKEN, PEPTIDE, "C1CCCCC1CCCCO"]
    values = [str(number) for number in range(len(smiles))]
    assert len(BROKEN) == 23
    found, log = _read(smiles, values, seconds=5.0)
    assert found.report.unreadable == log.counts["data.chem.unreadable"] == 23
    assert found.report.salts == log.counts["data.chem.salt"] == 3
    assert found.report.conflicting == log.counts["data.chem.conflict"] == 5
    assert found.report.huge == log.counts["data.chem.huge"] == 1
    assert found.report.hangs == log.counts["data.chem.hangs"] == 1
    assert found.report.kept == len(found.rows) == 40 + 5 + 3
    left_out = ("empty", "unreadable", "no_atoms", "huge", "hangs", "crashes", "qualified_out", "merged")
    assert found.report.rows == found.report.kept + sum(getattr(found.report, name) for name in left_out)
    hanging = next(issue for issue in log.issues if issue.code == "data.chem.hangs")
    assert (hanging.file, hanging.line, hanging.column) == ("drugs.csv", len(smiles) + 1, "smiles")
    assert hanging.value == "C1CCCCC1CCCCO"
    first = next(issue for issue in log.issues if issue.code == "data.chem.unreadable")
    assert (first.line, first.value) == (2 + 48, "C1CC")
    assert "unclosed ring" in first.text


@pytest.mark.parametrize(
    ("choice", "rows", "values"),
    [
        ("keep", [0, 1, 2, 3], ["1", "4", "5", "7"]),
        ("drop", [3], ["7"]),
        ("mean", [0, 3], ["3.33333333333", "7"]),
        ("median", [0, 3], ["4", "7"]),
    ],
)
def test_duplicates_that_disagree_are_settled_as_chosen(choice: str, rows: list[int], values: list[str]) -> None:
    found, log = _read(["CCO", "OCC", "C(C)O", "CCC"], ["1", "4", "5", "7"], duplicates=choice)
    assert found.rows.tolist() == rows
    assert found.targets["y"].tolist() == values
    assert found.report.conflicting == 1
    assert found.report.merged == 4 - len(rows)
    assert log.counts["data.chem.conflict"] == 2


def test_duplicates_that_agree_are_named_and_kept() -> None:
    found, log = _read(["CCO", "OCC", "OCC"], ["1", "1.0", None], duplicates="mean")
    assert found.rows.tolist() == [0, 1, 2]
    assert (found.report.duplicates, found.report.conflicting) == (2, 0)
    assert log.counts == {"data.chem.duplicate": 2}


@pytest.mark.parametrize(
    ("choice", "rows", "values"),
    [("drop", [0, 1, 2], [None, "3", None]), ("number", [0, 1, 2], ["10", "3", "0.5"]), ("ignore", [1], ["3"])],
)
def test_bounds_are_treated_as_chosen(choice: str, rows: list[int], values: list[str | None]) -> None:
    found, log = _read(["C", "CC", "CCC"], [">10", "3", "<= 0.5"], qualifiers=choice)
    assert found.rows.tolist() == rows
    assert found.targets["y"].tolist() == values
    assert log.counts["data.chem.qualifier"] == 2
    assert found.report.qualified == 2


def test_of_a_salt_the_largest_fragment_is_kept_where_that_is_chosen() -> None:
    found, _ = _read(["CC(=O)[O-].[Na+]", "[Na+].[Cl-]"], salts="largest")
    assert found.smiles[0] == "CC(=O)[O-]"
    assert found.molecules.num_atoms.tolist() == [4, 1]
    assert found.report.salts == 2
    assert found.report.single_atoms == 1


def test_huge_molecules_are_kept_where_that_is_chosen() -> None:
    found, log = _read(["C" * 30, "CC"], huge="keep", most_atoms=20)
    assert found.molecules.num_atoms.tolist() == [30, 2]
    assert log.counts["data.chem.huge_kept"] == 1


def test_a_molecule_without_atoms_and_an_empty_cell_are_told_apart() -> None:
    found, log = _read(["", None, "C"])
    assert log.counts["data.chem.empty"] == found.report.empty == 2
    assert found.report.kept == 1
