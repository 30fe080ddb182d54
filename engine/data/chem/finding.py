"""Tell which column of a table holds SMILES, by reading some of them, whatever the column is called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.core.cancel import CancelToken

_NAMES = re.compile(r"smiles|(?<![a-z])smi(?![a-z])|structure|molecule|^mol$", re.IGNORECASE)
_LETTERS = re.compile(r"^[A-Za-z0-9@+\-\[\]()=#$:/\\.%*~]+$")
# What names and codes seldom have and molecules nearly always: branches, rings, bonds, brackets, or a chain.
_STRUCTURE = re.compile(r"[()=#\[\]@]|[a-zA-Z]\d|^[BCNOPSFI]{3,}$")
_SAMPLE = 200
_LEAST = 0.8  # share that must be read
_LEAST_NAMED = 0.4  # the same where the column's name speaks of structures
_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Found:
    """A column of SMILES. Args: name: its name. reason: one sentence for people."""

    name: str
    reason: str


def find_smiles(columns: Mapping[str, Sequence[str]], cancel: CancelToken | None = None) -> Found | None:
    """Return the column whose values RDKit reads as molecules, None when there is none.

    Args: columns: name to some of its different values, of which the first 200 are looked at. cancel: checked.
    Returns: of several, the one whose name speaks of structures, then the one of which most is read.
    """
    best: tuple[bool, float, Found] | None = None
    for name, values in columns.items():
        sample = [value for value in values if value.strip()][:_SAMPLE]
        is_named = bool(_NAMES.search(name))
        least = _LEAST_NAMED if is_named else _LEAST
        if not sample or _likeness(sample) < least:
            continue
        share = _share_read(sample, cancel)
        if share >= least and (best is None or (is_named, share) > best[:2]):
            reason = f"RDKit reads {round(share * len(sample)):,} of {len(sample):,} sampled values as molecules."
            best = (is_named, share, Found(name, reason))
    return None if best is None else best[2]


def _likeness(sample: Sequence[str]) -> float:
    """Return the share of values that are spelt like SMILES, 0 where too few show any structure; RDKit is not asked."""
    texts = [value.split(maxsplit=1)[0] for value in sample]
    spelt = [text for text in texts if _LETTERS.match(text) and not text.replace(".", "").isdigit()]
    if sum(1 for text in spelt if _STRUCTURE.search(text)) * 2 < len(spelt):
        return 0.0
    return len(spelt) / len(sample)


def _share_read(sample: Sequence[str], cancel: CancelToken | None) -> float:
    from engine.data.chem.pool import answer

    return float(answer("graph", sample, seconds=_SECONDS, processes=1, cancel=cancel).is_ok.mean())
