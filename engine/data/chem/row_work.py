"""What is asked of one molecule at a time, by name: text in, bytes out. The only place that reads SMILES for arrays."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rdkit import Chem, rdBase

from engine.data.chem.molecules import Outcome
from engine.data.chem.numbers import descriptors_of, fingerprint_of, motifs_of
from engine.data.chem.structures import drawn_block, largest_fragment, murcko_scaffold

Arguments = Mapping[str, Any]  # Any: JSON values, as each kind says

# Atoms as they are written, hydrogens within brackets left out.
_ATOM = re.compile(r"\[[^\]]*\]|Br|Cl|[BCNOPSFIbcnops*]")
_STAMP = re.compile(r"^\[\d\d:\d\d:\d\d\] ?")
_NO_PROPERTIES = 0
# Atoms up to which a canonical order is sought; a protein's takes a while, and seldom stands in a table twice.
_WORTH_RANKING = 1000


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

    def forget(self) -> None:
        """Drop what was said about a row that could be read."""
        self._lines.clear()

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
        is_told = text.startswith(("Failed parsing SMILES", "Warning")) or not text.strip("~^ ")
        if text and not is_told and text not in said:
            said.append(text)
    place = next((text for text in said if text.startswith("check for mistakes around position")), "")
    first = said[0] if said else ""
    told = f"{first}; {place.rstrip(':')}" if place and place != first else first
    return told if len(told) <= 200 else told[:197] + "…"


def parse(text: str) -> Chem.Mol | None:
    """Return the molecule of a SMILES, sanitised, or None; what is wrong goes to RDKit's log."""
    return Chem.MolFromSmiles(text)


class _Refused(Exception):  # noqa: N818 - a finding about the row, not a fault
    """A molecule that can be read and is not wanted."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def _graph(text: str, arguments: Arguments) -> bytes | None:
    """Return RDKit's binary form. Arguments: `hydrogens`: whether they become atoms."""
    molecule = parse(text)
    return None if molecule is None else _binary(molecule, arguments)


def _binary(molecule: Chem.Mol, arguments: Arguments) -> bytes:
    whole = Chem.AddHs(molecule) if arguments.get("hydrogens") else molecule
    return bytes(whole.ToBinary(_NO_PROPERTIES))


def _molecule(text: str, arguments: Arguments) -> bytes | None:
    """Return the canonical SMILES, the SMILES that was taken and the binary form, with line ends between them.

    Arguments: `hydrogens` as above; `most_atoms`: more are refused, None for no bound; `largest`: whether only the
    largest fragment is taken.
    """
    most = arguments.get("most_atoms")
    if most is not None and len(text) > most and sum(1 for _ in _ATOM.finditer(text.partition(" ")[0])) > most:
        raise _Refused(Outcome.HUGE)
    molecule = parse(text)
    if molecule is None:
        return None
    if most is not None and molecule.GetNumAtoms() > most:
        raise _Refused(Outcome.HUGE)
    taken = text.strip()
    if arguments.get("largest") and "." in text:
        taken = Chem.MolToSmiles(largest_fragment(molecule))
        # Atoms are numbered as in the SMILES that is drawn, not as in the one they came from.
        molecule = parse(taken)
        if molecule is None:
            return None
    canonical = Chem.MolToSmiles(molecule) if molecule.GetNumAtoms() <= _WORTH_RANKING else taken
    return b"\n".join([canonical.encode(), taken.encode(), _binary(molecule, arguments)])


def _block(text: str, arguments: Arguments) -> bytes | None:
    """Return the SMILES of a mol block, V2000 or V3000."""
    molecule = Chem.MolFromMolBlock(text)
    return None if molecule is None else Chem.MolToSmiles(molecule).encode()


def _of(answer: Callable[[Chem.Mol], bytes]) -> Callable[[str, Arguments], bytes | None]:
    def ask(text: str, arguments: Arguments) -> bytes | None:
        molecule = parse(text)
        return None if molecule is None else answer(molecule)

    return ask


KINDS: dict[str, Callable[[str, Arguments], bytes | None]] = {
    "graph": _graph,
    "molecule": _molecule,
    "block": _block,
    "drawn_block": _of(drawn_block),
    "scaffold": _of(lambda molecule: murcko_scaffold(molecule).encode()),
    "fingerprint": _of(fingerprint_of),
    "descriptors": _of(descriptors_of),
    "motifs": _of(motifs_of),
}


def work(
    kind: str, texts: Sequence[str | None], arguments: Arguments, started: Callable[[int], None]
) -> list[bytes | Failed]:
    """Answer for each text.

    Args:
        kind: key of `KINDS`. texts: one each row, None or blank for a row without. arguments: as the kind says.
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
            listener.forget()
            try:
                answer = ask(text, arguments)
            except _Refused as refused:
                answers.append(Failed(refused.outcome))
                continue
            except (ValueError, RuntimeError) as error:  # RDKit raises these where it does not return None
                answers.append(Failed(Outcome.UNREADABLE, listener.take() or str(error)))
                continue
            answers.append(Failed(Outcome.UNREADABLE, listener.take()) if answer is None else answer)
    return answers
