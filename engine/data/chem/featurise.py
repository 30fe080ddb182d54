"""From SMILES to feature arrays: RDKit reads and perceives, compiled code makes the arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.data.chem import kernels
from engine.data.chem.accessors import atomic_weights, raw_of_bytes
from engine.data.chem.fields import atom_fields, bond_fields, columns_of
from engine.data.chem.molecules import Molecules, Outcome
from engine.data.chem.options import MoleculeOptions
from engine.data.chem.pool import Answers, answer


def featurise(
    smiles: Sequence[str | None],
    options: MoleculeOptions | None = None,
    *,
    seconds: float = 10.0,
    processes: int | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
) -> Molecules:
    """Make one graph of each SMILES.

    Args:
        smiles: one each row; None or blank for a row without.
        options: which features; the default ones when None.
        seconds: how long one molecule may take before it counts as hanging.
        processes: as in `answer`; 0 reads in this process, for a few molecules that were read before.
        cancel: checked several times a second.
        sink: told of progress, in molecules.
    Returns: as many rows as there were SMILES, in their order; what could not be read has no atoms, and a reason.
    Raises: Cancelled: `cancel` was called. WorkerError: the processes that read cannot be started.
    """
    options = options or MoleculeOptions()
    arguments = {"hydrogens": options.hydrogens == "explicit"}
    answers = answer("graph", smiles, arguments, seconds=seconds, processes=processes, cancel=cancel, sink=sink)
    return molecules_of(answers, options)


def molecules_of(answers: Answers, options: MoleculeOptions) -> Molecules:
    """Return the arrays of molecules in RDKit's binary form."""
    atoms = np.zeros(len(answers.outcome), np.int64)
    bonds = np.zeros_like(atoms)
    data = np.frombuffer(answers.data, np.uint8)
    kernels.count(data, answers.offsets, atoms, bonds)
    atom_ptr, bond_ptr = _pointer(atoms), _pointer(bonds)
    num_atoms, num_bonds = int(atom_ptr[-1]), int(bond_ptr[-1])
    raw_atoms = np.empty((num_atoms, 9), np.int16)
    ends = np.empty((num_bonds, 2), np.int32)
    raw_bonds = np.empty((num_bonds, 4), np.uint8)
    is_left = np.ones(len(atoms), bool)
    if _is_known_form(data, answers.offsets):
        kernels.decode(data, answers.offsets, atom_ptr, bond_ptr, raw_atoms, ends, raw_bonds, atomic_weights(), is_left)
    for row in np.flatnonzero(is_left & (atoms > 0)):
        raw = raw_of_bytes(answers.content(int(row)))
        raw_atoms[atom_ptr[row] : atom_ptr[row + 1]] = raw.atoms
        ends[bond_ptr[row] : bond_ptr[row + 1]] = raw.ends
        raw_bonds[bond_ptr[row] : bond_ptr[row + 1]] = raw.bonds
    indptr = np.empty(num_atoms + 1, np.int64)
    indices, bond_of = np.empty(2 * num_bonds, np.int32), np.empty(2 * num_bonds, np.int32)
    fragments = np.empty(len(atoms), np.int32)
    kernels.rows(atom_ptr, bond_ptr, ends, indptr, indices, bond_of)
    kernels.parts(atom_ptr, indptr, indices, fragments)
    of_atoms, of_bonds = atom_fields(options.atoms), bond_fields(options.bonds)
    atom_columns, bond_columns = columns_of(of_atoms, "atom"), columns_of(of_bonds, "bond")
    x = np.empty((num_atoms, atom_columns.width), np.uint8)
    edge_attr = np.empty((2 * num_bonds, bond_columns.width), np.uint8)
    each = np.arange(num_atoms, dtype=np.int32)
    kernels.spread(raw_atoms, each, atom_columns.raw, atom_columns.is_number, atom_columns.places, x)
    kernels.spread(raw_bonds, bond_of, bond_columns.raw, bond_columns.is_number, bond_columns.places, edge_attr)
    outcome = answers.outcome.copy()
    outcome[(outcome == Outcome.OK) & (atoms == 0)] = Outcome.NO_ATOMS
    return Molecules(
        atom_ptr, indptr, indices, x, edge_attr, outcome, fragments, dict(answers.reasons), of_atoms, of_bonds
    )


def _pointer(sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


def _is_known_form(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> bool:
    """Whether the first molecule's head names the form that the compiled reader knows; all come from one RDKit."""
    filled = np.flatnonzero(np.diff(offsets))
    if not len(filled):
        return True
    head = data[offsets[filled[0]] :][: kernels.HEAD]
    return (int(head[8]), int(head[12])) == kernels.FORM
