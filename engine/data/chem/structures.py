"""Parts of a molecule: its largest fragment, its scaffold."""

from __future__ import annotations

from rdkit import Chem
from rdkit.Chem import rdDepictor, rdMolDescriptors
from rdkit.Chem.Scaffolds import MurckoScaffold


def largest_fragment(molecule: Chem.Mol) -> Chem.Mol:
    """Return the fragment with the most heavy atoms; of equal ones the heaviest, then the last by its SMILES."""
    fragments: tuple[Chem.Mol, ...] = Chem.GetMolFrags(molecule, asMols=True)
    return max(fragments, key=_size)


def murcko_scaffold(molecule: Chem.Mol) -> str:
    """Return the SMILES of the rings and of what joins them, with chirality; empty for a molecule without rings.

    Source: Bemis and Murcko, J. Med. Chem. 39 (1996); chirality is kept as Hu et al. (ICLR 2020) do for their splits.
    """
    smiles = MurckoScaffold.MurckoScaffoldSmiles(mol=molecule, includeChirality=True)  # type: ignore[no-untyped-call]
    return str(smiles)


def drawn_block(molecule: Chem.Mol) -> bytes:
    """Return the connection table with the coordinates of a drawing, V2000, or V3000 above 999 atoms."""
    rdDepictor.Compute2DCoords(molecule)
    return Chem.MolToMolBlock(molecule).encode()


def _size(molecule: Chem.Mol) -> tuple[int, float, str]:
    return molecule.GetNumHeavyAtoms(), rdMolDescriptors.CalcExactMolWt(molecule), Chem.MolToSmiles(molecule)
