"""What is known of each graph: columns of its table by name, descriptors of molecules, and clear words without any."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.core.errors import MismatchError, RoleError
from engine.data.collection import CollectionData
from engine.data.columns import Column, TextFrame
from engine.data.known import known_numbers
from engine.data.roles import ColumnKind, Role
from engine.data.table import ColumnSpec
from engine.graph.batch import GraphBatch
from engine.graph.collection import Collection
from engine.learn.batching import with_known

SMILES = ["CCO", "c1ccccc1", "C"]


def _data(smiles: str = "smiles") -> CollectionData:
    cells = {"structure": SMILES, "logp": ["-0.3", "", "1.1"], "bad": ["1", "0", "n/a"], "name": ["a", "b", "c"]}
    kinds = {"structure": ("text", smiles), "logp": ("number", "target"), "bad": ("number", "ignore")}
    kinds["name"] = ("category", "ignore")
    specs = {name: ColumnSpec(name, ColumnKind(kind), Role(role), "", 0, 3, ()) for name, (kind, role) in kinds.items()}
    frame = TextFrame({name: Column.of(column) for name, column in cells.items()}, 3)
    union, report = SimpleNamespace(node_ids=np.array([])), SimpleNamespace(graph_files=())
    lines = np.arange(3)
    return CollectionData(union, np.array([0, 1, 2, 3]), np.array(["1", "2", "3"]), frame, specs, lines, report)


def test_columns_of_numbers_are_taken_with_gaps():
    every = known_numbers(_data(), "targets")
    np.testing.assert_allclose(every, [[-0.3, 1], [np.nan, 0], [1.1, np.nan]], rtol=1e-6)
    assert known_numbers(_data(), "targets", ["bad"])[:, 0].tolist()[:2] == [1, 0]
    with pytest.raises(RoleError, match='no column "toxic"'):
        known_numbers(_data(), "targets", ["toxic"])


def test_descriptors_are_those_that_rdkit_computes():
    from engine.data.chem.numbers import descriptor_names, motif_names

    found = known_numbers(_data(), "descriptors")
    # Molar masses of ethanol, benzene and methane, in g/mol.
    np.testing.assert_allclose(found[:, descriptor_names().index("MolWt")], [46.07, 78.11, 16.04], atol=0.01)
    motifs = known_numbers(_data(), "motifs")
    assert motifs[:, motif_names().index("fr_benzene")].tolist() == [0, 1, 0]


def test_without_molecules_or_many_graphs_there_are_clear_words():
    with pytest.raises(MismatchError, match="Only molecules have motifs"):
        known_numbers(_data(smiles="ignore"), "motifs")
    batch = GraphBatch.from_collection(
        Collection.from_edges(np.arange(4), *np.zeros((2, 0), int), np.ones((3, 1), np.uint8))
    )
    with pytest.raises(MismatchError, match="single one"):
        with_known(batch, SimpleNamespace(), {"targets": ()})
    assert with_known(batch, _data(), {}) is batch
    known = with_known(batch, _data(), {"targets": ("bad",)}).graphs([2, 0]).known["targets"]
    assert torch.equal(known.isnan()[:, 0], torch.tensor([True, False]))
