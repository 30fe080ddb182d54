"""Numbers and scaffolds of many molecules as arrays, worked out apart from this process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.data.chem.pool import Answers, answer

WORDS = 32  # of 64 bits in a fingerprint


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of whole molecules.

    Args: values: float32 [B, K], NaN where one is not known. names: of the K columns.
    """

    values: npt.NDArray[np.float32]
    names: tuple[str, ...]


def descriptors(
    smiles: Sequence[str | None],
    which: Literal["all", "motifs"] = "all",
    *,
    processes: int | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
) -> Numbers:
    """Return RDKit's descriptors of each molecule, or only its counts of functional groups.

    About 9 ms a molecule of drug size for all of them, 0.6 ms for the counts.

    Args: smiles: one each row; a row that cannot be read has NaN throughout. Others: as in `pool.answer`.
    """
    from engine.data.chem.numbers import descriptor_names, motif_names

    kind, names = ("descriptors", descriptor_names()) if which == "all" else ("motifs", motif_names())
    answers = answer(kind, smiles, processes=processes, cancel=cancel, sink=sink)
    return Numbers(_rows(answers, np.float32, len(names), np.nan), names)


def fingerprints(
    smiles: Sequence[str | None],
    *,
    processes: int | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
) -> npt.NDArray[np.uint64]:
    """Return Morgan fingerprints of radius 2, 2,048 bits packed into uint64 [B, 32]; 0 for a row without a molecule."""
    answers = answer("fingerprint", smiles, processes=processes, cancel=cancel, sink=sink)
    return _rows(answers, np.uint64, WORDS, 0)


def unpacked(fingerprint: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    """Return fingerprints as 0 and 1, uint8 [B, 2048]."""
    return np.unpackbits(np.ascontiguousarray(fingerprint).view(np.uint8), axis=1, bitorder="little")


def scaffolds(
    smiles: Sequence[str | None],
    *,
    processes: int | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
) -> list[str | None]:
    """Return the Bemis-Murcko scaffold of each molecule, with chirality; "" without rings, None without a molecule."""
    answers = answer("scaffold", smiles, processes=processes, cancel=cancel, sink=sink)
    return [answers.content(row).decode() if ok else None for row, ok in enumerate(answers.is_ok)]


def _rows(answers: Answers, dtype: Any, width: int, missing: float) -> np.ndarray:  # Any: one of numpy's types
    found: np.ndarray = np.full((len(answers.outcome), width), missing, dtype)
    found[answers.is_ok] = np.frombuffer(answers.data, dtype).reshape(-1, width)
    return found
