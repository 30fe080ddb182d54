"""Numbers and scaffolds of many molecules as arrays, worked out apart from this process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.core.fingerprint import of_plain
from engine.data.chem.pool import Answers, answer

WORDS = 32  # of 64 bits in a fingerprint

# Seeds, floors and reports of one run ask the same of the same molecules.
_KEPT = 4
_WORTH_KEEPING = 500
_recent: OrderedDict[str, Answers] = OrderedDict()
_lock = threading.Lock()


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
    answers = _asked(kind, smiles, processes, cancel, sink)
    return Numbers(_rows(answers, np.float32, len(names), np.nan), names)


def fingerprints(
    smiles: Sequence[str | None],
    *,
    processes: int | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
) -> npt.NDArray[np.uint64]:
    """Return Morgan fingerprints of radius 2, 2,048 bits packed into uint64 [B, 32]; 0 for a row without a molecule."""
    answers = _asked("fingerprint", smiles, processes, cancel, sink)
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
    answers = _asked("scaffold", smiles, processes, cancel, sink)
    return [answers.content(row).decode() if ok else None for row, ok in enumerate(answers.is_ok)]


def _asked(
    kind: str, smiles: Sequence[str | None], processes: int | None, cancel: CancelToken | None, sink: EventSink
) -> Answers:
    """Ask, or return what the same question was answered with a moment ago."""
    name = f"{kind} {of_plain(list(smiles))}"
    with _lock:
        if name in _recent:
            _recent.move_to_end(name)
            return _recent[name]
    answers = _remembered(kind, smiles, processes, cancel, sink)
    with _lock:
        _recent[name] = answers
        while len(_recent) > _KEPT:
            _recent.popitem(last=False)
    return answers


def _remembered(
    kind: str, smiles: Sequence[str | None], processes: int | None, cancel: CancelToken | None, sink: EventSink
) -> Answers:
    """Ask, or return what was answered at an earlier start; only what takes long is kept there."""
    if kind != "descriptors" or len(smiles) < _WORTH_KEEPING:
        return answer(kind, smiles, processes=processes, cancel=cancel, sink=sink)
    from engine.data.chem.keeping import keep, recall
    from engine.data.chem.numbers import descriptor_names

    # Another RDKit may have other descriptors, or other values of the same.
    name = f"{kind}-{of_plain([metadata.version('rdkit'), descriptor_names(), list(smiles)])}"
    answers = recall(name)
    if answers is None:
        answers = answer(kind, smiles, processes=processes, cancel=cancel, sink=sink)
        keep(name, answers)
    return answers


def _rows(answers: Answers, dtype: Any, width: int, missing: float) -> np.ndarray:  # Any: one of numpy's types
    found: np.ndarray = np.full((len(answers.outcome), width), missing, dtype)
    found[answers.is_ok] = np.frombuffer(answers.data, dtype).reshape(-1, width)
    return found
