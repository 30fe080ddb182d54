"""What a recipe states about molecules: which features they have, and what is done with the odd ones."""

from __future__ import annotations

from typing import Literal

from engine.core.component import Config, option
from engine.data.chem.fields import ATOM_GROUPS, BOND_GROUPS, AtomGroup, BondGroup


class MoleculeOptions(Config):
    """Options of the featuriser, see `engine.data.chem.fields` for what the groups hold."""

    atoms: tuple[AtomGroup, ...] = option(
        tuple(group for group in ATOM_GROUPS if group != "mass"), "What is told of each atom.", label="Atom features"
    )
    bonds: tuple[BondGroup, ...] = option(BOND_GROUPS, "What is told of each bond.", label="Bond features")
    hydrogens: Literal["implicit", "explicit"] = option(
        "implicit",
        "Whether hydrogens are counted at their atom or become atoms of the graph; explicit ones cost twice the time.",
    )


class CleaningOptions(Config):
    """What is done with molecules that are not plain: each choice is shown with the rows it touches."""

    salts: Literal["keep", "largest"] = option(
        "keep",
        "A molecule of several fragments: keep all of them, or only the largest one.",
        label="Salts and mixtures",
    )
    duplicates: Literal["keep", "drop", "mean", "median"] = option(
        "keep",
        "The same molecule with different target values: keep every row, drop all of them, or give one row the mean or "
        "median.",
        label="Repeated molecules",
    )
    qualifiers: Literal["drop", "number", "ignore"] = option(
        "drop",
        "A target such as >10: drop the value from training, use the number as if it were measured, or drop the row.",
        label="Values such as >10",
    )
    huge: Literal["keep", "skip"] = option(
        "skip", "A molecule with more atoms than `most_atoms`: keep it, or skip it.", label="Huge molecules"
    )
    most_atoms: int = option(1000, "From how many atoms on a molecule counts as huge.", ge=1, unit="atoms")
    seconds: float = option(
        10.0, "How long a single molecule may take to read before it is skipped.", gt=0, unit="seconds", advanced=True
    )
