"""Draw the structures of a few molecules, for a grid that asks for what is on screen."""

from __future__ import annotations

from typing import Any

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError
from engine.jobs._base import Job
from engine.jobs.spec import JobContext

_MOST = 500


class Depict(Job):
    """Draw molecules as SVG, with the contributions of atoms and bonds where they are given.

    Source: our own; RDKit draws.
    """

    key = "depict"
    label = "Draw structures"

    class Config(ConfigBase):
        smiles: tuple[str, ...] = option(..., "The molecules, at most 500.")
        width: int = option(240, "Width of a cell.", ge=32, le=4000, unit="pixels")
        height: int = option(180, "Height of a cell.", ge=32, le=4000, unit="pixels")
        dark: bool = option(False, "Whether they are drawn for a dark background.")
        bond: float = option(42.0, "Length of a bond where there is room for it.", ge=8, le=400, unit="pixels")
        atoms: tuple[tuple[float, ...], ...] = option(
            (), "For each molecule the contribution of each atom, in the order of its SMILES; may be empty."
        )
        bonds: tuple[tuple[tuple[int, int, float], ...], ...] = option(
            (), "For each molecule the contributions of bonds: two atoms and a score; may be empty."
        )
        bound: float | None = option(None, "Score of the strongest colour; the largest of all when absent.", gt=0)

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return the drawings as plain data.

        Returns: `{cells: [svg or None], bound, colours}`: None where a molecule cannot be read or is too large to be
            drawn; `bound` is the score of the strongest colour, None without contributions; `colours` are those of a
            bar from -bound to bound.
        Raises: OptionError: too many molecules, or contributions of another number of them.
        """
        from engine.data.chem.colours import colour_bar
        from engine.data.chem.depict import BondScore, Look, depict

        _check(arguments)
        count = len(arguments.smiles)
        atoms = arguments.atoms or ((),) * count
        bonds = arguments.bonds or ((),) * count
        scores = [abs(score) for row in atoms for score in row] + [abs(one[2]) for row in bonds for one in row]
        bound = arguments.bound or max(scores, default=0.0) or None
        look = Look(arguments.width, arguments.height, arguments.dark, arguments.bond)
        cells = []
        for smiles, of_atoms, of_bonds in zip(arguments.smiles, atoms, bonds, strict=True):
            context.cancel.check()
            told = [BondScore((i, j), score) for i, j, score in of_bonds]
            cells.append(depict(smiles, look, atom_scores=of_atoms, bond_scores=told, bound=bound))
        return {"cells": cells, "bound": bound, "colours": colour_bar(arguments.dark)}


def _check(arguments: Any) -> None:  # Any: the job's Config
    count = len(arguments.smiles)
    if count > _MOST:
        raise OptionError(
            f"{count:,} molecules are too many for one drawing.",
            hint=f"Ask for at most {_MOST} at a time.",
            path="depict.smiles",
        )
    for name in ("atoms", "bonds"):
        given = getattr(arguments, name)
        if given and len(given) != count:
            raise OptionError(
                f'"depict.{name}" speaks of {len(given)} molecules, but there are {count}.',
                hint="Give one list for each molecule, empty where there is nothing to show.",
                path=f"depict.{name}",
            )
