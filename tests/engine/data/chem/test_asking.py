"""Numbers of molecules: RDKit's own functions called one by one, and values from a table of chemistry."""

from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors

from engine.core.events import Event
from engine.data.chem import asking, keeping
from engine.data.chem.asking import descriptors, scaffolds

SMILES = ["CCO", "c1ccccc1O", "[Fe]", "C1CC", None]


def test_descriptors_are_those_of_rdkit_and_unknown_is_nan() -> None:
    found = descriptors(SMILES, processes=0)
    assert found.values.shape == (5, len(found.names))
    assert 200 <= len(found.names) <= 230
    functions = dict(Descriptors.descList)
    for name in ("MolWt", "TPSA", "MolLogP", "fr_phenol", "RingCount"):
        column = found.names.index(name)
        for row in (0, 1):
            expected = functions[name](Chem.MolFromSmiles(SMILES[row]))
            assert found.values[row, column] == pytest.approx(expected, rel=1e-6)
    # Ethanol weighs 46.07 g/mol.
    assert found.values[0, found.names.index("MolWt")] == pytest.approx(46.07, abs=0.01)
    assert np.isnan(found.values[3:]).all()
    assert not np.isinf(found.values).any()


def test_motifs_are_counts() -> None:
    found = descriptors(["OCCO", "c1ccccc1"], "motifs", processes=0)
    assert found.values[:, found.names.index("fr_Al_OH")].tolist() == [2, 0]
    assert found.values[:, found.names.index("fr_benzene")].tolist() == [0, 1]


def test_long_answers_are_kept_between_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_folder", lambda: tmp_path / "kept")
    monkeypatch.setattr(asking, "_WORTH_KEEPING", 2)
    one = descriptors(SMILES[:3], processes=0)
    assert len(list((tmp_path / "kept").iterdir())) == 1
    asking._recent.clear()
    monkeypatch.setattr(asking, "answer", _never)
    np.testing.assert_array_equal(descriptors(SMILES[:3], processes=0).values, one.values)
    (path,) = (tmp_path / "kept").iterdir()
    path.write_bytes(path.read_bytes()[:100])
    asking._recent.clear()
    with pytest.raises(AssertionError, match="asked"):
        descriptors(SMILES[:3], processes=0)


def _never(*arguments: object, **options: object) -> None:
    raise AssertionError("asked")


def test_what_was_asked_a_moment_ago_is_not_asked_again() -> None:
    heard: list[Event] = []
    smiles = ["CCCCCCCN", "c1ccccc1CCCN"]
    assert scaffolds(smiles, sink=heard.append) == ["", "c1ccccc1"]
    told = len(heard)
    assert told > 0
    assert scaffolds(smiles, sink=heard.append) == ["", "c1ccccc1"]
    assert len(heard) == told
