"""Many molecules as flat arrays, and how each row fared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from engine.data.chem.fields import Field


class Outcome(IntEnum):
    """How reading one row ended; everything but `OK` gives no graph."""

    OK = 0
    EMPTY = 1
    UNREADABLE = 2
    NO_ATOMS = 3
    HUGE = 4
    HANGS = 5
    CRASHES = 6


@dataclass(frozen=True, slots=True)
class Molecules:
    """B rows, one after another without an edge between them; a row without a graph has no atoms.

    Args:
        atom_ptr: int64 [B+1], first atom of each row, then N.
        indptr: int64 [N+1], where each atom's neighbours start; rows by target.
        indices: int32 [E], neighbours, ascending in each row, counted over all N atoms; a bond stands in both
            directions.
        x: uint8 [N, F], atom features; `atom_fields` say what the columns are.
        edge_attr: uint8 [E, D], bond features, a row for each entry of `indices`.
        outcome: int8 [B], an `Outcome` each.
        fragments: int32 [B], parts of the molecule that no bond joins.
        reasons: row to what RDKit says about it, for rows whose outcome is not OK.
        atom_fields, bond_fields: columns of `x` and `edge_attr`.
    """

    atom_ptr: npt.NDArray[np.int64]
    indptr: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int32]
    x: npt.NDArray[np.uint8]
    edge_attr: npt.NDArray[np.uint8]
    outcome: npt.NDArray[np.int8]
    fragments: npt.NDArray[np.int32]
    reasons: dict[int, str]
    atom_fields: tuple[Field, ...]
    bond_fields: tuple[Field, ...]

    @property
    def num_molecules(self) -> int:
        """B, rows with a graph or without."""
        return len(self.atom_ptr) - 1

    @property
    def num_atoms(self) -> npt.NDArray[np.int64]:
        """Atoms of each row, int64 [B]."""
        return np.diff(self.atom_ptr)

    @property
    def is_ok(self) -> npt.NDArray[np.bool_]:
        """Which rows have a graph, bool [B]."""
        return np.asarray(self.outcome == Outcome.OK)


def joined(parts: Sequence[Molecules]) -> Molecules:
    """Return several pieces as one, in their order. Args: parts: at least one, of the same fields."""
    first = parts[0]
    if len(parts) == 1:
        return first
    atoms = np.cumsum([0, *(len(part.x) for part in parts)])
    entries = np.cumsum([0, *(len(part.indices) for part in parts)])
    rows = np.cumsum([0, *(part.num_molecules for part in parts)])
    return Molecules(
        atom_ptr=_pointers([part.atom_ptr for part in parts], atoms),
        indptr=_pointers([part.indptr for part in parts], entries),
        indices=np.concatenate([part.indices + np.int32(base) for part, base in zip(parts, atoms, strict=False)]),
        x=np.concatenate([part.x for part in parts]),
        edge_attr=np.concatenate([part.edge_attr for part in parts]),
        outcome=np.concatenate([part.outcome for part in parts]),
        fragments=np.concatenate([part.fragments for part in parts]),
        reasons={
            row + int(base): text for part, base in zip(parts, rows, strict=False) for row, text in part.reasons.items()
        },
        atom_fields=first.atom_fields,
        bond_fields=first.bond_fields,
    )


def _pointers(pointers: Sequence[npt.NDArray[np.int64]], bases: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    shifted = [pointer[:-1] + base for pointer, base in zip(pointers, bases, strict=False)]
    return np.concatenate([*shifted, bases[-1:]])
