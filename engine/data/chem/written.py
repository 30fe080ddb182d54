"""Molecules as text to be learnt: one kekulized SMILES each, and what its atoms may be bonded to."""

from __future__ import annotations

from collections.abc import Iterable

from rdkit import Chem, rdBase

from engine.data.chem.grammar import SPECIAL, Vocabulary, kind_of, tokens


def kekulized(smiles: str) -> str | None:
    """Return the canonical SMILES of a molecule with every bond order written; None where it cannot be read."""
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
        if molecule is None:
            return None
        try:
            Chem.Kekulize(molecule, clearAromaticFlags=True)
        except Chem.KekulizeException:
            return None
        return str(Chem.MolToSmiles(molecule, kekuleSmiles=True))


def canonical(smiles: str) -> str | None:
    """Return the canonical SMILES of a molecule, equal for equal molecules; None where it is none."""
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles) if smiles else None
        return None if molecule is None else str(Chem.MolToSmiles(molecule))


def vocabulary(texts: Iterable[str]) -> Vocabulary:
    """Return the tokens that kekulized SMILES are made of, and the most bonds that each atom takes part in there."""
    most: dict[str, int] = {}
    others: set[str] = set()
    for text in texts:
        names = tokens(text)
        others.update(name for name in names if kind_of(name) not in ("atom", "never"))
        molecule = Chem.MolFromSmiles(text, sanitize=False)
        written = (name for name in names if kind_of(name) == "atom")
        for name, atom in zip(written, molecule.GetAtoms(), strict=True):
            bonds = sum(round(bond.GetBondTypeAsDouble()) for bond in atom.GetBonds())
            most[name] = max(most.get(name, 0), bonds)
    names = [*sorted(most), *sorted(others)]
    return Vocabulary((*SPECIAL, *names), (0,) * len(SPECIAL) + tuple(most.get(name, 0) for name in names))
