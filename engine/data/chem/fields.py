"""What is told of an atom and of a bond: which column of the feature arrays says what.

| atom field | columns | meaning |
|---|---|---|
| element | 38 | atomic numbers 1 to 36 (the first four rows) and 53, one more for any other |
| degree | 7 | neighbours, hydrogens counted: 0 to 5, more |
| charge | 6 | formal charge -2 to 2, other |
| chirality | 4 | none, clockwise, counter-clockwise, other |
| hydrogens | 6 | hydrogens that are not atoms of the graph: 0 to 4, more |
| hybridisation | 8 | s, sp, sp2, sp2d, sp3, sp3d, sp3d2, other |
| aromatic | 1 | part of an aromatic ring |
| ring | 1 | part of a ring |
| mass | 1 | not one-hot: mass in u rounded to whole numbers (of the isotope where one is stated); only when asked for |

| bond field | columns | meaning |
|---|---|---|
| type | 5 | single, double, triple, aromatic, other (dative …) |
| stereo | 4 | none, any, Z or cis, E or trans (atropisomers count as none) |
| conjugated | 1 | conjugated |
| ring | 1 | part of a ring |

Source: the atom and bond features of directed message passing (Yang et al., J. Chem. Inf. Model. 59, 2019), with the
    elements that later releases of chemprop use, which keep the first four rows and iodine apart and put the rest into
    one column; chirality, hybridisation, aromaticity and rings as RDKit perceives them; the ring of an atom is ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

AtomGroup = Literal[
    "element", "degree", "charge", "chirality", "hydrogens", "hybridisation", "aromatic", "ring", "mass"
]
BondGroup = Literal["type", "stereo", "conjugated", "ring"]

ATOM_GROUPS: tuple[AtomGroup, ...] = get_args(AtomGroup)
BOND_GROUPS: tuple[BondGroup, ...] = get_args(BondGroup)

_NO_COLUMN = 255


@dataclass(frozen=True, slots=True)
class Field:
    """One group of columns.

    Args:
        name: the group.
        start, stop: its columns of `x` or `edge_attr`.
        values: what each column stands for, as text; the last one is "other" where there is a column for the rest.
        codes: the raw number that each column stands for; the one of "other" is not listed.
        is_number: one column that holds the number itself instead of a mark.
    """

    name: str
    start: int
    stop: int
    values: tuple[str, ...]
    codes: tuple[int, ...]
    is_number: bool = False

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.stop - self.start


def _group(name: str, values: str, codes: tuple[int, ...]) -> Field:
    words = tuple(values.split())
    assert len(words) in (len(codes), len(codes) + 1)
    return Field(name, 0, len(words), words, codes)


_ELEMENTS = "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr I other"
# In the order of the raw columns; codes of chirality, hybridisation, type and stereo are RDKit's enumerations.
_ATOM: tuple[Field, ...] = (
    _group("element", _ELEMENTS, (*range(1, 37), 53)),
    _group("degree", "0 1 2 3 4 5 more", tuple(range(6))),
    _group("charge", "-2 -1 0 1 2 other", (-2, -1, 0, 1, 2)),
    _group("chirality", "none clockwise counter-clockwise other", (0, 1, 2)),
    _group("hydrogens", "0 1 2 3 4 more", tuple(range(5))),
    _group("hybridisation", "s sp sp2 sp2d sp3 sp3d sp3d2 other", (1, 2, 3, 5, 4, 6, 7)),
    _group("aromatic", "aromatic", (1,)),
    _group("ring", "ring", (1,)),
    Field("mass", 0, 1, ("u",), (), is_number=True),
)
_BOND: tuple[Field, ...] = (
    _group("type", "single double triple aromatic other", (1, 2, 3, 12)),
    # Z and cis, E and trans: RDKit uses the second words where it has not ranked the neighbours.
    _group("stereo", "none any Z E", (0, 1, 2, 3)),
    _group("conjugated", "conjugated", (1,)),
    _group("ring", "ring", (1,)),
)


def _placed(fields: tuple[Field, ...], wanted: tuple[str, ...]) -> tuple[Field, ...]:
    placed: list[Field] = []
    start = 0
    for field in fields:
        if field.name in wanted:
            placed.append(replace(field, start=start, stop=start + field.width))
            start += field.width
    return tuple(placed)


def atom_fields(groups: tuple[str, ...]) -> tuple[Field, ...]:
    """Return the fields of `x` for these groups, in the order of the table, with their columns."""
    return _placed(_ATOM, groups)


def bond_fields(groups: tuple[str, ...]) -> tuple[Field, ...]:
    """Return the fields of `edge_attr` for these groups, in the order of the table, with their columns."""
    return _placed(_BOND, groups)


ATOM_FIELDS = atom_fields(tuple(group for group in ATOM_GROUPS if group != "mass"))
BOND_FIELDS = bond_fields(BOND_GROUPS)


@dataclass(frozen=True, slots=True)
class Columns:
    """The same fields as the compiled code reads them.

    Args:
        raw: column of the raw numbers for each field, int64 [G]. is_number: bool [G].
        places: for each field and raw number (taken modulo 256), the column of its mark or 255 for none, uint8
            [G, 256]; of a field that holds a number, its column.
        width: columns of all fields.
    """

    raw: npt.NDArray[np.int64]
    is_number: npt.NDArray[np.bool_]
    places: npt.NDArray[np.uint8]
    width: int


def columns_of(fields: tuple[Field, ...], all_fields: Literal["atom", "bond"]) -> Columns:
    """Return fields of an atom or a bond as tables. Args: fields: from `atom_fields` or `bond_fields`."""
    order = [field.name for field in (_ATOM if all_fields == "atom" else _BOND)]
    places = np.full((len(fields), 256), _NO_COLUMN, np.uint8)
    for row, field in enumerate(fields):
        if field.is_number or field.width > len(field.codes):
            places[row] = field.stop - 1
        for column, code in enumerate(field.codes):
            places[row, code % 256] = field.start + column
        if field.name == "stereo":
            # cis with Z, trans with E; the two atropisomers have no column of their own.
            places[row, [4, 5]] = field.start + 2, field.start + 3
            places[row, [6, 7]] = field.start
    raw = np.array([order.index(field.name) for field in fields], np.int64)
    is_number = np.array([field.is_number for field in fields], bool)
    return Columns(raw, is_number, places, fields[-1].stop if fields else 0)
