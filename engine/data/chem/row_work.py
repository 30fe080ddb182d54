"""What is asked of one molecule at a time, by name: text in, bytes out. The only place that reads SMILES for arrays."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rdkit import Chem, rdBase

from engine.data.chem.molecules import Outcome

_STAMP = re.compile(r"^\[\d\d:\d\d:\d\d\] ?")
_NO_PROPERTIES = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a row has no answer."""

    outcome: Outcome
    reason: str = ""


class _Listener(logging.Handler):
    """Keeps what RDKit logs, until it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())

    def take(self) -> str:
        """Return what was logged since the last time, in one line."""
        said, self._lines = tidy_reason(self._lines), []
        return said


@contextmanager
def listening() -> Iterator[_Listener]:
    """Take RDKit's log instead of having it printed."""
    listener = _Listener()
    logger = logging.getLogger("rdkit")
    propagate, level = logger.propagate, logger.level
    logger.addHandler(listener)
    logger.propagate = False
    rdBase.LogToPythonLogger()
    try:
        yield listener
    finally:
        rdBase.LogToCppStreams()
        logger.removeHandler(listener)
        logger.propagate, logger.level = propagate, level


def tidy_reason(lines: Sequence[str]) -> str:
    """Return RDKit's words without stamps, repeats and the drawing of where it stumbled; at most 200 characters."""
    said: list[str] = []
    for line in "\n".join(lines).splitlines():
        text = _STAMP.sub("", line).removeprefix("SMILES Parse Error: ").strip()
        is_told = text.startswith("Failed parsing SMILES") or not text.strip("~^ ")
        if text and not is_told and text not in said:
            said.append(text)
    place = next((text for text in said if text.startswith("check for mistakes around position")), "")
    first = said[0] if said else ""
    told = f"{first}; {place.rstrip(':')}" if place and place != first else first
    return told if len(told) <= 200 else told[:197] + "…"


def parse(text: str) -> Chem.Mol | None:
    """Return the molecule of a SMILES, sanitised, or None; what is wrong goes to RDKit's log."""
    return Chem.MolFromSmiles(text)


def _graph(text: str) -> bytes | None:
    molecule = parse(text)
    return None if molecule is None else molecule.ToBinary(_NO_PROPERTIES)


def _graph_with_hydrogens(text: str) -> bytes | None:
    molecule = parse(text)
    return None if molecule is None else Chem.AddHs(molecule).ToBinary(_NO_PROPERTIES)


KINDS: dict[str, Callable[[str], bytes | None]] = {
    "graph": _graph,
    "graph_with_hydrogens": _graph_with_hydrogens,
}


def work(kind: str, texts: Sequence[str | None], started: Callable[[int], None]) -> list[bytes | Failed]:
    """Answer for each text.

    Args:
        kind: key of `KINDS`. texts: SMILES, None or blank for a row without.
        started: told of each row before it begins.
    """
    answers: list[bytes | Failed] = []
    ask = KINDS[kind]
    with listening() as listener:
        for row, text in enumerate(texts):
            if not text or text.isspace():
                answers.append(Failed(Outcome.EMPTY))
                continue
            started(row)
            try:
                answer = ask(text)
            except (ValueError, RuntimeError) as error:  # RDKit raises these where it does not return None
                answers.append(Failed(Outcome.UNREADABLE, listener.take() or str(error)))
                continue
            answers.append(Failed(Outcome.UNREADABLE, listener.take()) if answer is None else answer)
    return answers
