"""Columns of SMILES are found by reading them."""

import pytest

from engine.data.chem.finding import find_smiles
from tests.support.data import data_file

MOLECULES = ["CCO", "c1ccccc1", "CC(=O)O", "CCN(CC)CC", "ClC(Cl)Cl", "CC#N"]


@pytest.mark.parametrize("name", ["smiles", "mol", "structure", "X"])
def test_a_column_of_molecules_is_found_whatever_its_name(name: str) -> None:
    found = find_smiles({"id": ["1", "2", "3"], name: MOLECULES, "label": ["yes", "no"]})
    assert found is not None
    assert found.name == name
    assert found.reason == "RDKit reads 6 of 6 sampled values as molecules."


@pytest.mark.parametrize(
    "values",
    [
        ["Paris", "Bonn", "Nice", "Cosne"],
        ["C", "N", "O"],
        ["CO", "NC", "IN", "OH"],
        ["12", "3.5", "1000"],
        ["B12", "C3", "N7"],
        ["P1", "P2", "P3"],
        ["yes", "no"],
        ["2024-01-02", "2024-01-03"],
        [],
        [""],
    ],
)
def test_names_codes_and_numbers_are_no_molecules(values: list[str]) -> None:
    assert find_smiles({"column": values}) is None


def test_a_named_column_is_found_although_many_rows_are_broken() -> None:
    assert find_smiles({"smiles": [*MOLECULES, "C1CC", "CX", "C(C", "N(C)(C)(C)(C)C"]}) is not None


def test_the_columns_of_real_tables_are_found() -> None:
    lines = data_file("bbbp", "molecules.csv").read_text().splitlines()
    columns = list(zip(*(line.split(",") for line in lines[1:300]), strict=True))
    found = find_smiles(dict(zip(lines[0].split(","), columns, strict=True)))
    assert found is not None
    assert found.name == "smiles"
