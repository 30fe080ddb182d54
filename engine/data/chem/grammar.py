"""SMILES as a language: its tokens, and which of them may follow what is written so far. Without RDKit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Kind = Literal["atom", "bond", "ring", "open", "close", "end", "never"]

PAD, BEGIN, END = "<pad>", "<begin>", "<end>"
#: Tokens that every vocabulary begins with; their places are also their numbers.
SPECIAL = (PAD, BEGIN, END)
_END = SPECIAL.index(END)
_TOKEN = re.compile(r"\[[^\]]+\]|Br|Cl|%\d\d|.")
_ELEMENT = re.compile(r"(?:\[\d*)?(se|as|[bcnops]|[A-Z][a-z]?)")
_ORDER = {"-": 1, "=": 2, "#": 3, "/": 1, "\\": 1}


def tokens(smiles: str) -> list[str]:
    """Return a SMILES cut into atoms, bonds, ring numbers and brackets: `CC(=O)[O-]` is C, C, (, =, O, ), [O-]."""
    return _TOKEN.findall(smiles)


def elements(smiles: str) -> frozenset[str]:
    """Return the symbols of the elements that a SMILES names; hydrogens that are not written as atoms left out."""
    return frozenset(found[1].capitalize() for token in tokens(smiles) if (found := _ELEMENT.match(token)))


def kind_of(token: str) -> Kind:
    """Return what a token is; `.` and what no molecule of one piece holds is never to be written."""
    if token in _ORDER:
        return "bond"
    if token in "()":
        return "open" if token == "(" else "close"
    if token.isdigit() or token.startswith("%"):
        return "ring"
    return {END: "end", PAD: "never", BEGIN: "never", ".": "never"}.get(token, "atom")  # type: ignore[return-value]  # a literal each


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens that can be written.

    Args: names: `SPECIAL`, then tokens as they stand in SMILES. bonds: for each token the most bonds that such an atom
        takes part in, orders added up, its own hydrogens left out; 0 for what is no atom.
    """

    names: tuple[str, ...]
    bonds: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.names)

    def encode(self, smiles: str, length: int) -> npt.NDArray[np.int16] | None:
        """Return begin, tokens, end and padding, int16 [length]; None where a token is unknown or there is no room."""
        place = {name: number for number, name in enumerate(self.names)}
        found = [BEGIN, *tokens(smiles), END]
        if len(found) > length or any(name not in place for name in found):
            return None
        return np.array([place[name] for name in found] + [0] * (length - len(found)), dtype=np.int16)

    def decode(self, numbers: Sequence[int]) -> str:
        """Return the SMILES that numbers stand for; special tokens are left out."""
        return "".join(self.names[number] for number in numbers if number >= len(SPECIAL))


class Writing:
    """One SMILES being written, and what may come next so that it can become a molecule of one piece.

    It looks after brackets and ring numbers, and gives no atom more bonds than it takes. Meant for kekulized SMILES,
    where every bond order is written: there a text that ends as the grammar wants is a molecule, but for rare
    valences and stereo marks.

    Source: OpenSMILES specification 1.0, sections 2 and 3; keeping valence while writing is the idea of Krenn et al.
    (2020), "Self-referencing embedded strings", here as a mask over ordinary SMILES.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._kinds = [kind_of(name) for name in vocabulary.names]
        self._vocabulary = vocabulary
        self._free: list[int] = []  # bonds that each atom still takes
        self._joined: list[set[int]] = []
        self._branches: list[int] = []
        self._rings: dict[str, tuple[int, int | None]] = {}  # number -> atom, order where it was written
        self._atom = -1
        self._bond: str | None = None
        self._is_fresh = False  # a bracket was opened just now
        self.is_over = False

    def allowed(self, room: int | None = None) -> npt.NDArray[np.bool_]:
        """Return which tokens may come next, bool [V]; after the end, and where nothing can, only the end.

        Args: room: how many tokens may still be written, the end among them: what is open must fit in there, and only
            `closing` tokens come where it just does. None for no limit.
        """
        if self.is_over:
            return np.array([kind == "end" for kind in self._kinds])
        found = np.array([self._may(number) for number in range(len(self._kinds))])
        if room is not None:
            fits = np.array([self._needed_after(number) < room for number in range(len(self._kinds))])
            hangs = self._is_fresh or self._bond is not None
            found = found & fits if self._needed(0, 0, hangs) < room else self._closing(found)
        return found if found.any() else np.array([kind == "end" for kind in self._kinds])

    def closing(self) -> npt.NDArray[np.bool_]:
        """Return which tokens come next that lead to the end: the end itself, else what closes a ring or a branch.

        Where nothing can be closed yet, as on an atom without a free bond, an atom that has bonds for it.
        """
        return self._closing(self.allowed())

    def push(self, number: int) -> None:
        """Write a token, one of those allowed."""
        kind, name = self._kinds[number], self._vocabulary.names[number]
        if kind == "atom":
            self._push_atom(self._vocabulary.bonds[number])
        elif kind == "ring":
            self._push_ring(name)
        elif kind == "bond":
            self._bond = name
        elif kind == "open":
            self._branches.append(self._atom)
            self._is_fresh = True
        elif kind == "close":
            self._atom = self._branches.pop()
        else:
            self.is_over = True

    def _closing(self, allowed: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        if allowed[_END]:
            return np.array([kind == "end" for kind in self._kinds])
        pairs = zip(self._kinds, self._vocabulary.names, strict=True)
        closes: npt.NDArray[np.bool_] = allowed & np.array(
            [kind == "close" or name in self._rings for kind, name in pairs]
        )
        if closes.any():
            return closes
        # Four bonds are enough for a double bond into a ring between two others.
        bonds = np.where(allowed, self._vocabulary.bonds, 0)
        atoms: npt.NDArray[np.bool_] = (bonds > 0) & (bonds >= min(4, int(bonds.max())))
        return atoms if atoms.any() else allowed

    def _needed(self, branches: int, rings: int, hangs: bool) -> int:
        """Return how many tokens lead to the end at most, were there so many more open branches and rings.

        Args: hangs: whether the last token is nothing without an atom behind it.
        """
        rings += len(self._rings)
        # Each ring takes an atom and its number, the first one two more where it was begun just now.
        return 1 + len(self._branches) + branches + 2 * rings + (2 if rings else 0) + hangs

    def _needed_after(self, number: int) -> int:
        kind, name = self._kinds[number], self._vocabulary.names[number]
        if kind == "ring":
            return self._needed(0, -1 if name in self._rings else 1, False)
        if kind in ("open", "bond"):
            return self._needed(1 if kind == "open" else 0, 0, True)
        return self._needed(-1 if kind == "close" else 0, 0, False)

    @property
    def _order(self) -> int:
        return _ORDER.get(self._bond or "-", 1)

    def _lasts(self, atom: int, taken: int, rings: int) -> bool:
        """Whether an atom has so many free bonds, and the main chain can still go on while rings are open.

        Args: taken: bonds that would be taken from it. rings: how many rings would be open then.
        """
        start = self._branches[0] if self._branches else self._atom
        left = self._free[atom] - taken
        return left >= (1 if rings and atom == start else 0)

    def _may(self, number: int) -> bool:
        kind, name = self._kinds[number], self._vocabulary.names[number]
        if kind == "never":
            return False
        if kind == "atom":
            return self._may_atom(self._vocabulary.bonds[number])
        if self._atom < 0 or (self._is_fresh and kind != "bond"):
            return False
        if kind == "bond":
            return self._bond is None and self._may_bond(_ORDER[name])
        if kind == "ring":
            return self._may_ring(name)
        if self._bond is not None:
            return False
        if kind == "open":
            return self._free[self._atom] >= 1 + (bool(self._rings) and not self._branches)
        return bool(self._branches) if kind == "close" else not self._branches and not self._rings

    def _may_atom(self, bonds: int) -> bool:
        if self._atom < 0:
            return bonds > 0
        if bonds < self._order or not self._may_bond(self._order):
            return False
        # The last atom of the main chain must be able to go on while a ring is open.
        return bonds > self._order or not self._rings or bool(self._branches)

    def _may_bond(self, order: int) -> bool:
        """Whether the present atom can be joined to a next one: where a branch begins, it also goes on behind it."""
        returns = self._is_fresh and len(self._branches) == 1 and bool(self._rings)
        return self._free[self._atom] >= order + returns

    def _may_ring(self, name: str) -> bool:
        order, count = self._order, len(self._rings)
        if name not in self._rings:
            start = self._branches[0] if self._branches else self._atom
            goes_on = start == self._atom or self._free[start] >= 1
            return goes_on and self._lasts(self._atom, order, count + 1)
        atom, written = self._rings[name]
        if atom == self._atom or atom in self._joined[self._atom]:
            return False
        if written is not None and self._bond is not None and written != order:
            return False
        order = max(written or 1, order)
        both = self._lasts(self._atom, order, count - 1), self._lasts(atom, order - (written or 1), count - 1)
        return all(both)

    def _push_atom(self, bonds: int) -> None:
        self._free.append(bonds)
        self._joined.append(set())
        new = len(self._free) - 1
        if self._atom >= 0:
            self._join(self._atom, new, self._order)
            self._free[self._atom] -= self._order
        self._atom, self._bond, self._is_fresh = new, None, False

    def _push_ring(self, name: str) -> None:
        if name in self._rings:
            atom, written = self._rings.pop(name)
            order = max(written or 1, self._order)
            self._join(atom, self._atom, order)
            self._free[atom] -= order - (written or 1)
        else:
            # The first end keeps a bond free for the second one.
            self._rings[name] = (self._atom, None if self._bond is None else self._order)
            self._free[self._atom] -= self._order
        self._bond = None

    def _join(self, first: int, second: int, order: int) -> None:
        self._free[second] -= order
        self._joined[first].add(second)
        self._joined[second].add(first)
