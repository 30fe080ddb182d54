"""Raw numbers of one molecule through RDKit's accessors: what the compiled reader must equal, and its understudy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from rdkit import Chem


@dataclass(frozen=True, slots=True)
class RawMolecule:
    """Raw numbers of one molecule.

    Args:
        atoms: int16 [A, 9], bonds: uint8 [B, 4], in the order of the fields' tables.
        ends: int32 [B, 2], atoms of each bond.
    """

    atoms: npt.NDArray[np.int16]
    ends: npt.NDArray[np.int32]
    bonds: npt.NDArray[np.uint8]


def raw_molecule(molecule: Chem.Mol) -> RawMolecule:
    """Return the raw numbers of a molecule that was sanitised."""
    weights = atomic_weights()
    atoms = [
        (
            atom.GetAtomicNum(),
            atom.GetTotalDegree(),
            atom.GetFormalCharge(),
            int(atom.GetChiralTag()),
            atom.GetTotalNumHs(),
            int(atom.GetHybridization()),
            atom.GetIsAromatic(),
            atom.IsInRing(),
            min(atom.GetIsotope(), 255) or weights[atom.GetAtomicNum()],
        )
        for atom in molecule.GetAtoms()
    ]
    bonds = [
        (int(bond.GetBondType()), int(bond.GetStereo()), bond.GetIsConjugated(), bond.IsInRing())
        for bond in molecule.GetBonds()
    ]
    ends = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in molecule.GetBonds()]
    return RawMolecule(
        np.array(atoms, np.int16).reshape(-1, 9),
        np.array(ends, np.int32).reshape(-1, 2),
        np.array(bonds, np.uint8).reshape(-1, 4),
    )


def raw_of_bytes(content: bytes) -> RawMolecule:
    """Return the raw numbers of a molecule in RDKit's binary form."""
    return raw_molecule(Chem.Mol(content))  # type: ignore[call-overload]  # its stubs know the bytes as text only


@cache
def atomic_weights() -> npt.NDArray[np.int16]:
    """Return the standard atomic weights in u, rounded; int16 [256], 0 where there is no such element."""
    table = Chem.GetPeriodicTable()
    weights = np.zeros(256, np.int16)
    for number in range(1, 119):
        weights[number] = min(255, round(table.GetAtomicWeight(number)))
    return weights
