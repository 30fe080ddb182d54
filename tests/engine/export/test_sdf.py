"""SDF, written and read back: by this program, and by RDKit alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from engine.core.errors import ExportError
from engine.core.events import Event, Notice
from engine.data.importers import importer_for
from engine.export._base import Content
from engine.export.sdf import Sdf

ROWS = pd.DataFrame(
    {
        "name": np.array(["aspirin", "007", None, "broken", "salt"], dtype=object),
        "structure": np.array(
            ["CC(=O)Oc1ccccc1C(=O)O", "C[C@H](N)C(=O)O", "F/C=C/F", "C1CC", "CC(=O)[O-].[Na+]"], dtype=object
        ),
        "predicted_y": [1.5, 0.1, float("nan"), -2.0, 1e-7],
        "note <a>": np.array(["two\n\nlines", "$$$$", "", None, "> <x>"], dtype=object),
        "in_domain": [True, False, True, True, False],
    }
)


def _write(path: Path, table: pd.DataFrame = ROWS) -> list[Event]:
    heard: list[Event] = []
    assert Sdf().write(Content("predictions", table=table), path, heard.append) == len(table)
    return heard


def test_what_was_written_reads_back_with_every_column(tmp_path: Path) -> None:
    path = tmp_path / "predictions.sdf"
    heard = _write(path)
    assert [event.details for event in heard if isinstance(event, Notice)] == [{"count": 1}]
    (table,) = importer_for(path).read(path)
    # The record without atoms is a row all the same.
    assert table.cells("title").tolist() == ["aspirin", "007", None, "broken", "salt"]
    assert table.cells("name").tolist() == ["aspirin", "007", None, "broken", "salt"]
    assert table.cells("predicted_y").tolist() == ["1.5", "0.1", None, "-2.0", "1e-07"]
    assert table.cells("note (a)").tolist() == ["two\nlines", "$$$$", None, None, "> <x>"]
    assert table.cells("in_domain").tolist() == ["True", "False", "True", "True", "False"]


def test_rdkit_reads_the_same_molecules(tmp_path: Path) -> None:
    path = tmp_path / "predictions.sdf"
    _write(path)
    found = list(Chem.SDMolSupplier(str(path)))
    assert len(found) == 5
    for molecule, smiles in zip(found, ROWS["structure"], strict=True):
        if smiles != "C1CC":
            assert Chem.MolToSmiles(molecule) == Chem.CanonSmiles(smiles)
    assert float(found[0].GetProp("predicted_y")) == 1.5


def test_a_table_without_structures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="No column of the table holds SMILES"):
        _write(tmp_path / "out.sdf", pd.DataFrame({"id": ["a", "b"], "y": [1.0, 2.0]}))
    assert not (tmp_path / "out.sdf").exists()
