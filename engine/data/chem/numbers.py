"""Numbers of a whole molecule, as bytes: descriptors, counts of functional groups, circular fingerprints."""

from __future__ import annotations

from functools import cache

import numpy as np
from rdkit import Chem
from rdkit.Chem import Descriptors, rdFingerprintGenerator

RADIUS = 2
BITS = 2048

_MOTIF = "fr_"
# Information content of the distance matrix: its time grows with the fourth power of the atoms (2 s at 200, minutes at
# 500, where all others together take 0.3 s), and the first of them leaves float32.
_LEFT_OUT = frozenset({"Ipc", "AvgIpc"})


@cache
def descriptor_names() -> tuple[str, ...]:
    """Return the names of the columns of `descriptors_of`: RDKit's list, with its counts of functional groups."""
    return tuple(name for name, _ in Descriptors.descList if name not in _LEFT_OUT)


@cache
def motif_names() -> tuple[str, ...]:
    """Return the names of the columns of `motifs_of`: functional groups and rings that RDKit counts."""
    return tuple(name for name in descriptor_names() if name.startswith(_MOTIF))


def descriptors_of(molecule: Chem.Mol) -> bytes:
    """Return RDKit's descriptors, float32 [K]; NaN where one is not defined for this molecule or not finite."""
    return _numbers(molecule, descriptor_names())


def motifs_of(molecule: Chem.Mol) -> bytes:
    """Return how often each functional group occurs, float32 [M]."""
    return _numbers(molecule, motif_names())


def fingerprint_of(molecule: Chem.Mol) -> bytes:
    """Return the Morgan fingerprint of radius 2, 2,048 bits in 256 bytes, least significant bit first.

    Source: Rogers and Hahn, extended-connectivity fingerprints, J. Chem. Inf. Model. 50 (2010).
    """
    marks = _generator().GetFingerprintAsNumPy(molecule)
    return np.packbits(marks.astype(np.uint8), bitorder="little").tobytes()


@cache
def _functions() -> dict[str, object]:
    return dict(Descriptors.descList)


@cache
def _generator() -> rdFingerprintGenerator.FingerprintGenerator64:
    return rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=BITS)


def _numbers(molecule: Chem.Mol, names: tuple[str, ...]) -> bytes:
    functions = _functions()
    numbers = np.full(len(names), np.nan, np.float64)
    for place, name in enumerate(names):
        try:
            numbers[place] = functions[name](molecule)  # type: ignore[operator]  # each is a function of a molecule
        except (ArithmeticError, ValueError, RuntimeError):
            continue  # some are not defined for metals or single atoms
    numbers[~np.isfinite(numbers) | (np.abs(numbers) > np.finfo(np.float32).max)] = np.nan
    return numbers.astype(np.float32).tobytes()
