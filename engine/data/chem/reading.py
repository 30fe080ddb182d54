"""Rows of a table become molecules: what cannot be read is named, and what is odd is treated as chosen, and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.data.chem.duplicates import settle_duplicates
from engine.data.chem.featurise import molecules_of
from engine.data.chem.molecules import Molecules, Outcome
from engine.data.chem.options import CleaningOptions, MoleculeOptions
from engine.data.chem.pool import Answers, answer
from engine.data.chem.qualifiers import read_qualifiers
from engine.data.issues import IssueLog

_CODES = {
    Outcome.EMPTY: ("data.chem.empty", "The cell is empty."),
    Outcome.UNREADABLE: ("data.chem.unreadable", "RDKit cannot read it: {reason}."),
    Outcome.NO_ATOMS: ("data.chem.no_atoms", "It holds no atom."),
    Outcome.HUGE: ("data.chem.huge", "It has more than {most} atoms and is skipped."),
    Outcome.HANGS: ("data.chem.hangs", "It was not read within {seconds:g} seconds and is skipped."),
    Outcome.CRASHES: ("data.chem.crashes", "RDKit broke down over it, so it is skipped."),
}
_SHOWN = 80  # characters of a SMILES in an issue


@dataclass(frozen=True, slots=True)
class Target:
    """One column that shall be predicted.

    Args: cells: [B] object, text or None. is_number: whether it is a number rather than a class.
    """

    cells: npt.NDArray[np.object_]
    is_number: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows are from, for issues. Args: file: its name. column: of the SMILES. lines: [B] int64, -1 for none."""

    file: str = ""
    column: str = ""
    lines: npt.NDArray[np.int64] | None = None

    def line(self, row: int) -> int | None:
        """Return the line of a row, None where it has none."""
        line = -1 if self.lines is None else int(self.lines[row])
        return line if line > 0 else None


@dataclass(frozen=True, slots=True)
class ReadingReport:
    """How many rows fared how; `rows` is the sum of `kept` and of all that was left out.

    Args:
        rows: rows of the table.
        kept: molecules that came of them.
        empty, unreadable, no_atoms, huge, hangs, crashes: rows without a molecule.
        qualified_out: rows left out because of a target such as >10.
        merged: rows left out because a duplicate stands for them, or disagreed with them.
        salts: molecules of several fragments. single_atoms: of one atom. huge_kept: above `most_atoms` and kept.
        duplicates: rows whose molecule came before. conflicting: molecules whose rows disagree about a target.
        qualified: targets such as >10.
    """

    rows: int
    kept: int
    empty: int = 0
    unreadable: int = 0
    no_atoms: int = 0
    huge: int = 0
    hangs: int = 0
    crashes: int = 0
    qualified_out: int = 0
    merged: int = 0
    salts: int = 0
    single_atoms: int = 0
    huge_kept: int = 0
    duplicates: int = 0
    conflicting: int = 0
    qualified: int = 0

    def to_plain(self) -> dict[str, int]:
        """Return it as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Reading:
    """Molecules of a table.

    Args:
        molecules: B of them, each readable.
        rows: int64 [B], the row each is from (of merged ones, the first).
        smiles: [B] object, as written, or the largest fragment where that was chosen.
        keys: [B] object, canonical SMILES: equal for equal molecules.
        targets: column to its cells [B] after the choices about qualifiers and duplicates.
        report: how many rows fared how.
    """

    molecules: Molecules
    rows: npt.NDArray[np.int64]
    smiles: npt.NDArray[np.object_]
    keys: npt.NDArray[np.object_]
    targets: dict[str, npt.NDArray[np.object_]]
    report: ReadingReport


def read_molecules(
    smiles: Sequence[str | None],
    targets: Mapping[str, Target] | None = None,
    *,
    features: MoleculeOptions | None = None,
    cleaning: CleaningOptions | None = None,
    place: Place | None = None,
    issues: IssueLog | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
) -> Reading:
    """Read the molecules of a table, in processes of their own.

    Args:
        smiles: [R] cells. targets: column to its cells, also [R].
        features: what the arrays tell. cleaning: what is done with odd molecules.
        place: where the rows are from. issues: takes what is wrong or odd, row by row.
        cancel, sink: as in `pool.answer`.
    Raises: Cancelled: `cancel` was called. WorkerError: the processes that read cannot be started.
    """
    features, cleaning = features or MoleculeOptions(), cleaning or CleaningOptions()
    log = issues if issues is not None else IssueLog()
    work = _Work(smiles, dict(targets or {}), cleaning, place or Place(), log)
    answers = answer(
        "molecule", smiles, _arguments(features, cleaning), seconds=cleaning.seconds, cancel=cancel, sink=sink
    )
    texts = _split(answers)
    outcome = _outcomes(answers, texts)
    work.note_failures(outcome, answers.reasons)
    is_kept = outcome == Outcome.OK
    cells = work.settle_qualifiers(is_kept)
    cells = work.settle_duplicates(is_kept, texts.keys, cells)
    rows = np.flatnonzero(is_kept)
    molecules = molecules_of(texts.taken(rows), features)
    work.note_odd(rows, molecules, texts.smiles)
    report = ReadingReport(rows=len(smiles), kept=len(rows), **work.counts)
    kept = {name: column[rows] for name, column in cells.items()}
    return Reading(molecules, rows, texts.smiles[rows], texts.keys[rows], kept, report)


def _arguments(features: MoleculeOptions, cleaning: CleaningOptions) -> dict[str, object]:
    return {
        "hydrogens": features.hydrogens == "explicit",
        "most_atoms": cleaning.most_atoms if cleaning.huge == "skip" else None,
        "largest": cleaning.salts == "largest",
    }


@dataclass(frozen=True, slots=True)
class _Texts:
    """The answers taken apart. Args: keys, smiles: [R] object. graphs: [R], binary forms, empty where there is none."""

    keys: npt.NDArray[np.object_]
    smiles: npt.NDArray[np.object_]
    graphs: list[bytes]

    def taken(self, rows: npt.NDArray[np.int64]) -> Answers:
        """Return the binary forms of some rows."""
        chosen = [self.graphs[row] for row in rows]
        offsets = np.cumsum([0, *map(len, chosen)], dtype=np.int64)
        return Answers(b"".join(chosen), offsets, np.zeros(len(rows), np.int8), {})


def _split(answers: Answers) -> _Texts:
    count = len(answers.outcome)
    keys, smiles = np.full(count, None, object), np.full(count, None, object)
    graphs = [b""] * count
    for row in np.flatnonzero(answers.is_ok).tolist():
        key, taken, graphs[row] = answers.content(row).split(b"\n", 2)
        keys[row], smiles[row] = key.decode(), taken.decode()
    return _Texts(keys, smiles, graphs)


def _outcomes(answers: Answers, texts: _Texts) -> npt.NDArray[np.int8]:
    outcome = answers.outcome.copy()
    # The canonical SMILES of a molecule without atoms has no letter either.
    outcome[answers.is_ok & (texts.keys == "")] = Outcome.NO_ATOMS
    return outcome


@dataclass(slots=True)
class _Work:
    """The rows, what was chosen, and what was counted so far."""

    smiles: Sequence[str | None]
    targets: dict[str, Target]
    cleaning: CleaningOptions
    place: Place
    log: IssueLog
    counts: dict[str, int] = field(default_factory=dict)

    def note(self, code: str, text: str, row: int, column: str | None = None, value: str | None = None) -> None:
        """Note one row. Args: column, value: those of the SMILES when not given."""
        shown = value if value is not None else str(self.smiles[row] or "")
        shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
        name = column or self.place.column or None
        self.log.add(code, text, file=self.place.file, line=self.place.line(row), column=name, value=shown)

    def note_failures(self, outcome: npt.NDArray[np.int8], reasons: Mapping[int, str]) -> None:
        """Note and count the rows without a molecule."""
        for kind, (code, words) in _CODES.items():
            rows = np.flatnonzero(outcome == kind)
            self.counts[kind.name.lower()] = len(rows)
            for row in map(int, self.log.listed(code, rows)):
                reason = reasons.get(row, "no reason given").rstrip(".")
                text = words.format(reason=reason, most=f"{self.cleaning.most_atoms:,}", seconds=self.cleaning.seconds)
                self.note(code, text, row)

    def settle_qualifiers(self, is_kept: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[np.object_]]:
        """Return the cells of the targets; rows that a qualifier leaves out are taken from `is_kept`."""
        cells = {name: target.cells.copy() for name, target in self.targets.items()}
        self.counts["qualified"] = self.counts["qualified_out"] = 0
        for name, target in self.targets.items():
            if not target.is_number:
                continue
            found = read_qualifiers(target.cells, is_kept)
            self.counts["qualified"] += len(found)
            for row, number in found.items():
                words = _QUALIFIED[self.cleaning.qualifiers]
                self.note("data.chem.qualifier", words, row, name, str(target.cells[row]))
                cells[name][row] = number if self.cleaning.qualifiers == "number" else None
                if self.cleaning.qualifiers == "ignore" and is_kept[row]:
                    is_kept[row] = False
                    self.counts["qualified_out"] += 1
        return cells

    def settle_duplicates(
        self,
        is_kept: npt.NDArray[np.bool_],
        keys: npt.NDArray[np.object_],
        cells: dict[str, npt.NDArray[np.object_]],
    ) -> dict[str, npt.NDArray[np.object_]]:
        """Return the cells with duplicates settled; rows that others stand for are taken from `is_kept`."""
        is_number = {name: target.is_number for name, target in self.targets.items()}
        settled = settle_duplicates(keys, cells, is_number, np.flatnonzero(is_kept), self.cleaning.duplicates)
        for row, first in settled.repeats.items():
            text = f"The same molecule stands {_where(self.place, first)}."
            self.note("data.chem.duplicate", text, row)
        for row, first, name, value in settled.conflicts:
            other = cells[name][first]
            text = f"The same molecule has {other!r} {_where(self.place, first)}. {_CONFLICT[self.cleaning.duplicates]}"
            self.note("data.chem.conflict", text, row, name, value)
        is_kept[settled.dropped] = False
        self.counts["duplicates"] = len(settled.repeats)
        self.counts["conflicting"] = settled.num_conflicting
        self.counts["merged"] = len(settled.dropped)
        return settled.cells

    def note_odd(self, rows: npt.NDArray[np.int64], molecules: Molecules, smiles: npt.NDArray[np.object_]) -> None:
        """Note and count salts, single atoms and the huge ones that are kept."""
        num_atoms = molecules.num_atoms
        is_salt = np.array(["." in str(self.smiles[row]).split(maxsplit=1)[0] for row in rows], bool)
        is_salt &= (molecules.fragments > 1) | (self.cleaning.salts == "largest")
        single, huge = num_atoms == 1, num_atoms > self.cleaning.most_atoms
        self.counts |= {"salts": int(is_salt.sum()), "single_atoms": int(single.sum()), "huge_kept": int(huge.sum())}
        for place in self.log.listed("data.chem.salt", np.flatnonzero(is_salt)):
            row = int(rows[place])
            kept = "All of them are kept." if self.cleaning.salts == "keep" else f"Kept is {smiles[row]}."
            self.note("data.chem.salt", f"The molecule has several fragments. {kept}", row)
        for place in self.log.listed("data.chem.single_atom", np.flatnonzero(single)):
            self.note(
                "data.chem.single_atom", "The molecule is a single atom, so no bond says anything.", int(rows[place])
            )
        for place in self.log.listed("data.chem.huge_kept", np.flatnonzero(huge)):
            self.note("data.chem.huge_kept", f"It has {num_atoms[place]:,} atoms.", int(rows[place]))


_QUALIFIED = {
    "drop": "It is a bound and no measurement; its value counts as unknown.",
    "number": "It is a bound and no measurement; its number is used as if it were one.",
    "ignore": "It is a bound and no measurement; the row is left out.",
}
_CONFLICT = {
    "keep": "Both rows are kept.",
    "drop": "All rows of this molecule are left out.",
    "mean": "One row with the mean is kept.",
    "median": "One row with the median is kept.",
}


def _where(place: Place, row: int) -> str:
    line = place.line(row)
    return f"in row {row + 1:,}" if line is None else f"in line {line:,}"
