"""RDKit's binary form of molecules, straight to arrays. Compiled; `accessors.py` reads the same numbers atom by atom.

What a molecule's bytes hold (form 16.4, least significant byte first; the tests compare it with RDKit's accessors):

- head, 28 bytes: mark DEADBEEF, a word, major, minor and patch number of the form, atoms A, bonds B; then one byte of
  flags and the byte 1. An index is a byte in what follows, or four where A is above 255.
- atom: atomic number, flags (64 aromatic, 32 no implicit hydrogens, 16 query, 8 map number, 4 label, 2 residue), a word
  that says which of these follow, a byte each and the isotope four: charge 2, chirality 4, hybridisation 8 (sp3 where
  it does not), hydrogens 16, explicit valence 32, implicit valence 64, radicals 128, isotope 256; then map number and
  label.
- the byte 11, then each bond: two indices, flags (64 aromatic, 32 conjugated, 16 query, 8 type, 4 direction, 2 stereo,
  1 end points in the file), then type (single where it does not follow), direction, stereo with its atoms.
- the byte 66, the number of rings as a word, each ring as its size and its atoms in order.

A molecule with anything else in it is left to the accessors.
"""

from __future__ import annotations

import numpy as np

from engine.graph.compiled import compiled

FORM = (16, 4)
HEAD = 30  # bytes before the first atom
_SP3 = 4
_SINGLE = 1
_HYDROGENS = 4
# Raw column of what follows an atom, by its bit: charge, chirality, hybridisation, hydrogens stated, -, implied, -.
_COLUMN = (-1, 2, 3, 5, _HYDROGENS, -1, _HYDROGENS, -1)


@compiled
def _word(data, at):  # type: ignore[no-untyped-def]  # numba infers types at the first call
    return int(data[at]) | (int(data[at + 1]) << 8) | (int(data[at + 2]) << 16) | (int(data[at + 3]) << 24)


@compiled
def count(data, offsets, atoms, bonds):  # type: ignore[no-untyped-def]  # numba infers types at the first call
    """Say how many atoms and bonds each molecule has.

    Args: data: bytes of all molecules, uint8. offsets: where each begins, int64 [B+1]; one without bytes has no atoms.
        atoms, bonds: int64 [B], filled.
    """
    for row in range(len(offsets) - 1):
        atoms[row] = bonds[row] = 0
        if offsets[row + 1] > offsets[row]:
            atoms[row] = _word(data, offsets[row] + 20)
            bonds[row] = _word(data, offsets[row] + 24)


@compiled
def _atom(data, at, raw):  # type: ignore[no-untyped-def]  # numba infers types at the first call
    """Read one atom into raw [9]; return where the next one begins, or -1."""
    flags = data[at + 1]
    follow = _word(data, at + 2)
    if flags & 0b10010 or follow & ~0b111111110:
        return -1
    raw[:] = 0
    raw[0] = data[at]
    raw[5] = _SP3
    raw[6] = (flags >> 6) & 1
    at += 6
    for bit in range(1, 8):
        if follow & (1 << bit):
            column = _COLUMN[bit]
            if column == _HYDROGENS and bit == 6:
                raw[column] += 0 if flags & 32 else data[at]
            elif column >= 0:
                raw[column] = data[at]
            at += 1
    if raw[2] > 127:
        raw[2] -= 256
    if follow & 256:
        raw[8] = min(_word(data, at), 255)
        at += 4
    if flags & 8:
        at += 6 if data[at + 1] == 255 else 2
    if flags & 4:
        at += 5 + _word(data, at + 1)
    return at


@compiled
def _index(data, at, size):  # type: ignore[no-untyped-def]  # numba infers types at the first call
    return int(data[at]) if size == 1 else _word(data, at)


@compiled
def _bond(data, at, size, ends, raw):  # type: ignore[no-untyped-def]  # numba infers types at the first call
    """Read one bond into ends [2] and raw [4]; return where the next one begins, or -1."""
    ends[0] = _index(data, at, size)
    ends[1] = _index(data, at + size, size)
    at += 2 * size
    flags = data[at]
    at += 1
    if flags & 0b10001:
        return -1
    raw[0] = _SINGLE
    raw[1] = 0
    raw[2] = (flags >> 5) & 1
    raw[3] = 0
    if flags & 8:
        raw[0] = data[at]
        at += 1
    if flags & 4:
        at += 1
    if flags & 2:
        raw[1] = data[at]
        at += 2 + size * data[at + 1]
    return at


@compiled
def _molecule(data, at, end, raw_atoms, ends, raw_bonds):  # type: ignore[no-untyped-def]  # numba infers types
    """Read one molecule; return whether all of it was understood."""
    size = 1 if len(raw_atoms) <= 255 else 4
    if data[at + 28] != 0x80 or data[at + 29] != 1:
        return False
    at += HEAD
    for atom in range(len(raw_atoms)):
        at = _atom(data, at, raw_atoms[atom])
        if at < 0 or at >= end:
            return False
    if data[at] != 11:
        return False
    at += 1
    for bond in range(len(ends)):
        at = _bond(data, at, size, ends[bond], raw_bonds[bond])
        if at < 0 or at >= end or max(ends[bond, 0], ends[bond, 1]) >= len(raw_atoms):
            return False
        raw_atoms[ends[bond, 0], 1] += 1
        raw_atoms[ends[bond, 1], 1] += 1
    if data[at] != 66:
        return False
    _rings(data, at + 1, size, raw_atoms, ends, raw_bonds)
    return True


@compiled
def _rings(data, at, size, raw_atoms, ends, raw_bonds):  # type: ignore[no-untyped-def]  # numba infers types at the first call
    rings = _word(data, at)
    at += 4
    for _ in range(rings):
        members = _index(data, at, size)
        at += size
        before = _index(data, at + (members - 1) * size, size)
        for _ in range(members):
            atom = _index(data, at, size)
            at += size
            raw_atoms[atom, 7] = 1
            for bond in range(len(ends)):
                if (ends[bond, 0] == before and ends[bond, 1] == atom) or (
                    ends[bond, 1] == before and ends[bond, 0] == atom
                ):
                    raw_bonds[bond, 3] = 1
                    break
            before = atom


@compiled
def decode(data, offsets, atom_ptr, bond_ptr, raw_atoms, ends, raw_bonds, weights, is_left):  # type: ignore[no-untyped-def]  # numba infers types
    """Read all molecules.

    Args:
        data, offsets: as in `count`. atom_ptr, bond_ptr: int64 [B+1], where atoms and bonds of each molecule lie.
        raw_atoms: int16 [N, 9], filled with the raw numbers of the atom fields in the order of their table.
        ends: int32 [M, 2], filled with the atoms of each bond, counted within the molecule.
        raw_bonds: uint8 [M, 4], filled with the raw numbers of the bond fields.
        weights: int16 [256], rounded atomic weight of each element.
        is_left: bool [B], filled: what was not understood and is left to the accessors.
    """
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        if end == begin:
            is_left[row] = False
            continue
        bond, last = bond_ptr[row], bond_ptr[row + 1]
        here = raw_atoms[atom_ptr[row] : atom_ptr[row + 1]]
        understood = _molecule(data, begin, end, here, ends[bond:last], raw_bonds[bond:last])
        is_left[row] = not understood
        if understood:
            for atom in range(len(here)):
                here[atom, 1] += here[atom, 4]
                if here[atom, 8] == 0:
                    here[atom, 8] = weights[here[atom, 0]]


@compiled
def rows(atom_ptr, bond_ptr, ends, indptr, indices, bond_of):  # type: ignore[no-untyped-def]  # numba infers types
    """Turn bonds into neighbours by atom.

    Args:
        atom_ptr, bond_ptr, ends: as in `decode`.
        indptr: int64 [N+1], indices: int32 [E], filled; counted over all atoms, ascending in each row.
        bond_of: int32 [E], filled with the bond of each entry.
    """
    indptr[:] = 0
    for row in range(len(atom_ptr) - 1):
        for bond in range(bond_ptr[row], bond_ptr[row + 1]):
            indptr[atom_ptr[row] + ends[bond, 0] + 1] += 1
            indptr[atom_ptr[row] + ends[bond, 1] + 1] += 1
    for atom in range(len(indptr) - 1):
        indptr[atom + 1] += indptr[atom]
    filled = indptr[:-1].copy()
    for row in range(len(atom_ptr) - 1):
        for bond in range(bond_ptr[row], bond_ptr[row + 1]):
            for side in range(2):
                target, source = atom_ptr[row] + ends[bond, side], atom_ptr[row] + ends[bond, 1 - side]
                at = filled[target]
                while at > indptr[target] and indices[at - 1] > source:
                    indices[at], bond_of[at] = indices[at - 1], bond_of[at - 1]
                    at -= 1
                indices[at], bond_of[at] = source, bond
                filled[target] += 1


@compiled
def parts(atom_ptr, indptr, indices, fragments):  # type: ignore[no-untyped-def]  # numba infers types at the first call
    """Count the parts of each molecule that no bond joins. Args: fragments: int32 [B], filled. Others as in `rows`."""
    is_seen = np.zeros(len(indptr) - 1, np.bool_)
    waiting = np.empty(len(indptr), np.int64)
    for row in range(len(atom_ptr) - 1):
        fragments[row] = 0
        for atom in range(atom_ptr[row], atom_ptr[row + 1]):
            if is_seen[atom]:
                continue
            fragments[row] += 1
            is_seen[atom] = True
            waiting[0] = atom
            count = 1
            while count:
                count -= 1
                here = waiting[count]
                for entry in range(indptr[here], indptr[here + 1]):
                    if not is_seen[indices[entry]]:
                        is_seen[indices[entry]] = True
                        waiting[count] = indices[entry]
                        count += 1


@compiled
def spread(raw, of, fields, is_number, places, out):  # type: ignore[no-untyped-def]  # numba infers types at the first call
    """Put raw numbers into their columns.

    Args:
        raw: [R, G'] raw numbers. of: int32 [S], the row of `raw` for each row of `out`.
        fields, is_number, places: see `fields.Columns`.
        out: uint8 [S, F], filled.
    """
    out[:] = 0
    for row in range(len(out)):
        for field in range(len(fields)):
            number = raw[of[row], fields[field]]
            column = places[field, number & 255]
            if is_number[field]:
                out[row, column] = min(max(number, 0), 255)
            elif column != 255:
                out[row, column] = 1
