"""Draw a structure as SVG, with contributions of its atoms and bonds where there are any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rdkit import Chem
from rdkit.Chem import rdDepictor
from rdkit.Chem.Draw import rdMolDraw2D

from engine.data.chem.colours import DARK, LIGHT, Palette
from engine.data.chem.row_work import listening, parse

# Above this a drawing shows nothing and takes seconds.
MOST_DRAWN = 300
# RDKit's drawings have bonds of 1.5 units; its own option is the length of one unit.
_DRAWN_BOND = 1.5
_LINE = 1.6
_LEAST_SHOWN = 0.02  # of the strongest contribution


@dataclass(frozen=True, slots=True)
class Look:
    """How structures are drawn.

    Args: width, height: of a cell in pixels. dark: for a dark background. bond: length of a bond in pixels where there
        is room for it, so that small molecules are not blown up.
    """

    width: int = 240
    height: int = 180
    dark: bool = False
    bond: float = 42.0


@dataclass(frozen=True, slots=True)
class BondScore:
    """The contribution of one bond. Args: ends: its two atoms, in any order. score: as of atoms."""

    ends: tuple[int, int]
    score: float


def depict(
    smiles: str,
    look: Look | None = None,
    *,
    atom_scores: Sequence[float] | None = None,
    bond_scores: Iterable[BondScore] = (),
    bound: float | None = None,
) -> str | None:
    """Draw one molecule on a transparent background; about 1 ms for one of drug size.

    Args:
        smiles: the molecule.
        look: size and appearance.
        atom_scores: contribution of each atom, in the order of the SMILES; further ones (of explicit hydrogens) are not
            drawn.
        bond_scores: contributions of bonds.
        bound: score of the strongest colour; the largest one given when None.
    Returns: SVG without scripts, links or fonts; None when RDKit cannot read the SMILES or it has more than 300 atoms.
    """
    look = look or Look()
    with listening():
        molecule = parse(smiles)
        if molecule is None or not 0 < molecule.GetNumAtoms() <= MOST_DRAWN:
            return None
        bonds = _bonds(molecule, bond_scores)
        atoms = dict(enumerate((atom_scores or ())[: molecule.GetNumAtoms()]))
        scale = bound or max((abs(score) for score in [*atoms.values(), *bonds.values()]), default=0.0)
        return _drawn(molecule, look, _shares(atoms, scale), _shares(bonds, scale))


def _bonds(molecule: Chem.Mol, scores: Iterable[BondScore]) -> dict[int, float]:
    found: dict[int, float] = {}
    count = molecule.GetNumAtoms()
    for one in scores:
        bond = molecule.GetBondBetweenAtoms(*one.ends) if max(one.ends) < count else None
        if bond is not None:
            found[bond.GetIdx()] = one.score
    return found


def _shares(scores: dict[int, float], scale: float) -> dict[int, float]:
    """Return the strengths from -1 to 1 that can be seen."""
    if not scale > 0:
        return {}
    return {place: score / scale for place, score in scores.items() if abs(score) >= _LEAST_SHOWN * scale}


def _drawn(molecule: Chem.Mol, look: Look, atoms: dict[int, float], bonds: dict[int, float]) -> str:
    palette = DARK if look.dark else LIGHT
    drawer = rdMolDraw2D.MolDraw2DSVG(look.width, look.height)
    options = drawer.drawOptions()
    _set(options, palette, look, is_plain=not atoms and not bonds)
    rdDepictor.Compute2DCoords(molecule)
    rdMolDraw2D.PrepareAndDrawMolecule(
        drawer,
        molecule,
        highlightAtoms=list(atoms),
        highlightBonds=list(bonds),
        highlightAtomColors={place: palette.of(share) for place, share in atoms.items()},
        highlightBondColors={place: palette.of(share) for place, share in bonds.items()},
        highlightAtomRadii={place: 0.3 + 0.15 * min(abs(share), 1.0) for place, share in atoms.items()},
    )
    drawer.FinishDrawing()
    text: str = drawer.GetDrawingText()
    return text[text.index("<svg") :]


def _set(
    options: Any,  # Any: RDKit's stubs give every option the type of their owner
    palette: Palette,
    look: Look,
    *,
    is_plain: bool,
) -> None:
    options.clearBackground = False
    options.padding = 0.06
    options.fixedBondLength = look.bond / _DRAWN_BOND
    # Long bonds need thicker lines, as such drawings are shown smaller than they are made; those that do not fit, less.
    options.bondLineWidth = _LINE * (look.bond / Look().bond) ** 0.5
    options.minFontSize = 8
    options.scaleBondWidth = False
    options.highlightBondWidthMultiplier = 10
    options.fillHighlights = True
    options.atomHighlightsAreCircles = True
    if not is_plain:
        # Coloured letters would not be legible on colours.
        options.useBWAtomPalette()
        options.updateAtomPalette({0: palette.line, **dict.fromkeys(range(1, 119), palette.line)})
    elif look.dark:
        options.updateAtomPalette(_LETTERS_ON_DARK)
    else:
        options.updateAtomPalette(_LETTERS_ON_LIGHT)
    options.setSymbolColour(palette.line)
    options.setAnnotationColour(palette.line)
    options.setQueryColour(palette.line)


# Letters by element; 0 stands for dummies, -1 for every other. Each has a contrast of at least 4.5 to its background.
_LETTERS_ON_LIGHT = {
    -1: LIGHT.line,
    0: LIGHT.line,
    1: LIGHT.line,
    6: LIGHT.line,
    7: (0.12, 0.30, 0.85),
    8: (0.80, 0.08, 0.08),
    9: (0.00, 0.45, 0.30),
    15: (0.65, 0.32, 0.00),
    16: (0.50, 0.42, 0.00),
    17: (0.00, 0.47, 0.10),
    35: (0.55, 0.22, 0.10),
    53: (0.42, 0.12, 0.58),
}
_LETTERS_ON_DARK = {
    -1: DARK.line,
    0: DARK.line,
    1: DARK.line,
    6: DARK.line,
    7: (0.52, 0.68, 1.00),
    8: (1.00, 0.50, 0.50),
    9: (0.40, 0.88, 0.70),
    15: (1.00, 0.68, 0.32),
    16: (0.92, 0.84, 0.36),
    17: (0.45, 0.88, 0.50),
    35: (0.93, 0.62, 0.48),
    53: (0.82, 0.58, 0.98),
}
