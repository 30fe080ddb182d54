"""Feature arrays of molecules: numbers counted by hand on the drawn structure, or from RDKit's accessors."""

import numpy as np
import pytest
from rdkit import Chem

from engine.data.chem import featurise as module
from engine.data.chem.accessors import raw_molecule
from engine.data.chem.featurise import featurise
from engine.data.chem.fields import ATOM_FIELDS, BOND_FIELDS
from engine.data.chem.molecules import Molecules, Outcome, joined
from engine.data.chem.options import MoleculeOptions
from tests.support.data import data_file

ODD = [
    "[13CH3:5]C#N",
    "[CH3:200]C*",
    "C~C",
    "C->[Fe]",
    "[O-][N+](=O)c1ccccc1",
    "F/C=C/F",
    "F/C=C\\F",
    "C[C@H](F)Cl",
    "C[C@@H](F)Cl",
    "[CH2]C",
    "[H][H]",
    "[U+3]",
    "[235U]",
    "OS(F)(F)(F)(F)F",
    "c1ccc2c(c1)CC1CC21",
    "C12C3C4C1C5C2C3C45",
    "[Na+].[Cl-]",
    "C" * 250 + "/C=C/C1CC1",
    "C" * 251 + "/C=C/C1CC1",
    "N[C@@H](C)C(=O)O |&1:1|",
]


def _read(smiles: list[str | None], **options: object) -> Molecules:
    asked = MoleculeOptions.model_validate(options)
    return featurise(smiles, asked, processes=0)


def _columns(found: Molecules, name: str) -> np.ndarray:
    field = next(field for field in found.atom_fields if field.name == name)
    return found.x[:, field.start : field.stop]


def test_ethanol_has_the_neighbours_and_hydrogens_that_one_draws() -> None:
    found = _read(["CCO"])
    assert found.atom_ptr.tolist() == [0, 3]
    assert found.indptr.tolist() == [0, 1, 3, 4]
    assert found.indices.tolist() == [1, 0, 2, 1]
    assert _columns(found, "hydrogens").argmax(1).tolist() == [3, 2, 1]
    assert _columns(found, "degree").argmax(1).tolist() == [4, 4, 2]
    assert [ATOM_FIELDS[0].values[column] for column in _columns(found, "element").argmax(1)] == ["C", "C", "O"]
    # Four single bonds (two in both directions), of no stereo, not conjugated, in no ring.
    assert found.edge_attr.tolist() == [[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]] * 4


def test_neighbours_count_over_all_molecules_and_stay_within_their_own() -> None:
    found = _read(["CC", None, "c1ccccc1", "Cl"])
    assert found.atom_ptr.tolist() == [0, 2, 2, 8, 9]
    assert found.indices.tolist() == [1, 0, 3, 7, 2, 4, 3, 5, 4, 6, 5, 7, 2, 6]
    assert found.outcome.tolist() == [Outcome.OK, Outcome.EMPTY, Outcome.OK, Outcome.OK]
    assert found.edge_attr[2:, 3].all(), "bonds of benzene are aromatic"
    assert found.edge_attr[2:, 10].all(), "and in a ring"


@pytest.mark.parametrize("smiles", ODD)
def test_the_compiled_reader_sees_what_the_accessors_see(smiles: str) -> None:
    _assert_as_accessors([smiles])


def test_the_compiled_reader_agrees_on_real_molecules() -> None:
    lines = data_file("bbbp", "molecules.csv").read_text().splitlines()[1:400]
    _assert_as_accessors([line.split(",")[0] for line in lines])


def test_a_form_that_is_not_known_is_read_by_the_accessors(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _read(ODD)
    monkeypatch.setattr(module.kernels, "FORM", (99, 0))
    found = _read(ODD)
    for name in ("atom_ptr", "indptr", "indices", "x", "edge_attr", "fragments"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def _assert_as_accessors(smiles: list[str]) -> None:
    found = _read(
        smiles,
        atoms=("element", "degree", "charge", "chirality", "hydrogens", "hybridisation", "aromatic", "ring", "mass"),
    )
    atom = entry = 0
    for text in smiles:
        raw = raw_molecule(Chem.MolFromSmiles(text))
        for column, field in enumerate(found.atom_fields):
            np.testing.assert_array_equal(
                found.x[atom : atom + len(raw.atoms), field.start : field.stop],
                [_marks(field, number) for number in raw.atoms[:, column]],
                err_msg=f"{field.name} of {text}",
            )
        both = sorted(
            [
                (target, source, *bond)
                for (target, source), bond in zip(raw.ends.tolist(), raw.bonds.tolist(), strict=True)
            ]
            + [
                (target, source, *bond)
                for (source, target), bond in zip(raw.ends.tolist(), raw.bonds.tolist(), strict=True)
            ]
        )
        here = slice(entry, entry + len(both))
        assert (found.indices[here] - atom).tolist() == [source for _, source, *_ in both], text
        degree = np.bincount([target for target, *_ in both], minlength=len(raw.atoms))
        assert np.diff(found.indptr[atom : atom + len(raw.atoms) + 1]).tolist() == degree.tolist(), text
        for column, field in enumerate(BOND_FIELDS):
            numbers = [
                {4: 2, 5: 3}.get(one[2 + column], one[2 + column]) if field.name == "stereo" else one[2 + column]
                for one in both
            ]
            np.testing.assert_array_equal(
                found.edge_attr[here, field.start : field.stop].reshape(-1, field.width),
                np.array([_marks(field, number) for number in numbers]).reshape(-1, field.width),
                err_msg=f"{field.name} of {text}",
            )
        atom, entry = atom + len(raw.atoms), entry + len(both)
    assert (atom, entry) == (len(found.x), len(found.indices))


def _marks(field: object, number: int) -> list[int]:
    if field.is_number:  # type: ignore[attr-defined]
        return [number]
    marks = [0] * field.width  # type: ignore[attr-defined]
    if number in field.codes:  # type: ignore[attr-defined]
        marks[field.codes.index(number)] = 1  # type: ignore[attr-defined]
    elif field.width > len(field.codes):  # type: ignore[attr-defined]
        marks[-1] = 1
    return marks


def test_groups_that_are_not_wanted_have_no_columns() -> None:
    found = _read(["CCO"], atoms=("charge", "ring"), bonds=("type",))
    assert [(field.name, field.start, field.stop) for field in found.atom_fields] == [("charge", 0, 6), ("ring", 6, 7)]
    assert found.x.shape == (3, 7)
    assert found.edge_attr.shape == (4, 5)


def test_explicit_hydrogens_become_atoms() -> None:
    found = _read(["CCO"], hydrogens="explicit")
    assert len(found.x) == 9  # C2H6O
    assert _columns(found, "element")[:, 0].sum() == 6


def test_masses_are_those_of_the_periodic_table_and_of_the_isotope() -> None:
    found = _read(["C", "[13CH4]", "Cl", "[2H]O"], atoms=("mass",))
    assert found.x[:, 0].tolist() == [12, 13, 35, 2, 16]


def test_fragments_are_counted() -> None:
    assert _read(["CCO", "[Na+].[Cl-]", "C.C.C1CC1", "C1.C1"]).fragments.tolist() == [1, 2, 3, 1]


def test_unreadable_rows_say_why_in_rdkits_words_and_the_rest_goes_on() -> None:
    found = _read(["CC", "C1CC", "CN(C)(C)(C)C", "C(C", "O"])
    assert found.num_atoms.tolist() == [2, 0, 0, 0, 1]
    assert found.outcome.tolist() == [Outcome.OK, *[Outcome.UNREADABLE] * 3, Outcome.OK]
    assert "unclosed ring" in found.reasons[1]
    assert "Explicit valence for atom # 1 N, 5" in found.reasons[2]
    assert "extra open parentheses" in found.reasons[3]
    assert "position 2" in found.reasons[3]


def test_pieces_joined_are_the_whole() -> None:
    smiles = ["CCO", "C1CC", "c1ccccc1", None, "CC.O"]
    whole = _read(smiles)
    pieces = joined([_read(smiles[:2]), _read(smiles[2:3]), _read(smiles[3:])])
    for name in ("atom_ptr", "indptr", "indices", "x", "edge_attr", "fragments", "outcome"):
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))
    assert pieces.reasons == whole.reasons


def test_no_rows_give_empty_arrays() -> None:
    found = _read([])
    assert found.x.shape == (0, 71)
    assert found.indptr.tolist() == found.atom_ptr.tolist() == [0]


def test_processes_give_what_this_process_gives() -> None:
    smiles = [*ODD, "C1CC", "", None] * 8
    one = featurise(smiles)
    other = _read(smiles)
    for name in ("atom_ptr", "indptr", "indices", "x", "edge_attr", "outcome"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.reasons == other.reasons
