"""Similarity of fingerprints, beside RDKit's own arithmetic on its own bits."""

import csv

import numpy as np
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from engine.data.chem.asking import fingerprints, unpacked
from engine.data.chem.similarity import nearest, similarity_to_train
from tests.support.data import data_file

MORGAN = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)


def _smiles(count: int) -> list[str]:
    with data_file("esol", "molecules.csv").open(encoding="utf-8", newline="") as file:
        return [row["smiles"] for row in csv.DictReader(file)][:count]


def test_similarities_are_those_of_rdkit() -> None:
    smiles = _smiles(80)
    found = fingerprints(smiles, processes=0)
    theirs = [MORGAN.GetFingerprint(Chem.MolFromSmiles(text)) for text in smiles]
    np.testing.assert_array_equal(unpacked(found), np.array([list(one) for one in theirs]))
    close = nearest(found[:50], found[50:], 3)
    for row, one in enumerate(theirs[50:]):
        expected = np.array(DataStructs.BulkTanimotoSimilarity(one, theirs[:50]), np.float32)
        np.testing.assert_allclose(close.similarity[row], np.sort(expected)[::-1][:3], atol=1e-6)
        np.testing.assert_allclose(expected[close.places[row]], close.similarity[row], atol=1e-6)


def test_a_molecule_is_not_its_own_relative_when_others_are_asked_for() -> None:
    found = fingerprints(["CCO", "CCO", "c1ccccc1"], processes=0)
    assert nearest(found, found).places[:, 0].tolist() == [0, 0, 2]
    others = nearest(found, found, others_only=True)
    assert others.places[:2, 0].tolist() == [1, 0]
    assert others.similarity[2, 0] < 0.2


def test_a_set_with_fewer_molecules_than_asked_for_leaves_gaps() -> None:
    found = fingerprints(["CCO"], processes=0)
    close = nearest(found, found, 3)
    assert close.places.tolist() == [[0, -1, -1]]
    assert close.similarity.tolist() == [[1, 0, 0]]


def test_the_report_says_how_near_test_is_to_train() -> None:
    report = similarity_to_train(["CCO", "c1ccccc1C", None], ["CCO", "CCCO", "[Na+]", "OCC"])
    assert report.nearest.places[0, 0] == 0
    assert report.same == 0.5
    assert 0.5 <= report.related < 1
    assert report.sentences()[0].startswith("Half of the test molecules have a train molecule that is at least ")
    assert report.sentences()[1].startswith("50% have one with the same fingerprint")
