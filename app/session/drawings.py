"""Structures of molecules as drawings: asked for when they come into view, a few at a time, and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.kit.translate import tr

if TYPE_CHECKING:
    import pandas as pd

    from app.bridge.jobs import Job
    from app.session.session import Session

Bond = tuple[int, int, float]
_AT_ONCE = 24  # drawn by one job: about a tenth of a second, so that scrolling is never far ahead
_KEPT = 3000


@dataclass(frozen=True, slots=True)
class Size:
    """How large a drawing is made, and for which ground; drawings are vectors, so this decides their proportions.

    Args: width, height: of the drawing. dark: for a dark ground. bond: length of a bond where there is room for it,
        None for that of small drawings side by side.
    """

    width: int
    height: int
    dark: bool
    bond: float | None = None

    @classmethod
    def large(cls, *, dark: bool) -> Size:
        """Return the size of one structure that has a place to itself."""
        return cls(560, 400, dark, 90.0)

    def arguments(self) -> dict[str, Any]:  # Any: JSON values
        """Return what the job that draws is told."""
        told = {"width": self.width, "height": self.height, "dark": self.dark}
        return told if self.bond is None else {**told, "bond": self.bond}


@dataclass(frozen=True, slots=True)
class Scored:
    """A drawing with contributions. Args: bound: score of the strongest colour. colours: from -bound to bound."""

    row: int
    svg: bytes
    bound: float
    colours: tuple[str, ...]


class Drawings(QObject):
    """Drawings of the dataset's molecules by row.

    `changed` says that there are more of them, `scored` that the one with contributions asked for last is there.
    """

    changed = Signal()
    scored = Signal(object)  # Scored

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._kept: OrderedDict[tuple[int, Size], bytes | None] = OrderedDict()
        self._smiles: pd.Series | None = None
        self._wanted: list[int] = []
        self._size: Size | None = None
        self._job: Job | None = None
        self._asked: list[int] = []
        self._scored_row = -1
        self._scored: Scored | None = None
        self._one: tuple[int, Size] | None = None
        session.dataset_changed.connect(self._on_dataset_changed)

    @property
    def has_structures(self) -> bool:
        """Whether the items are molecules."""
        return self._smiles is not None

    def smiles(self, row: int) -> str | None:
        """Return the SMILES of an item, None where it has none."""
        cell = None if self._smiles is None else self._smiles.iloc[row]
        return None if cell is None or cell != cell else str(cell)

    def get(self, row: int, size: Size) -> bytes | None:
        """Return the drawing of an item as SVG; None while there is none, and where it cannot be drawn."""
        key = (row, size)
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def scored_of(self, row: int) -> Scored | None:
        """Return an item in the colours of its contributions, where these were asked for last and are there."""
        return self._scored if self._scored is not None and self._scored.row == row else None

    def is_known(self, row: int, size: Size) -> bool:
        """Whether an item was drawn, or found not to be drawable."""
        return (row, size) in self._kept

    def want(self, rows: Sequence[int], size: Size) -> None:
        """Ask for drawings of what is in view, the first rows first; what was asked for before is forgotten.

        Args: rows: numbers of items.
        """
        if self._smiles is None:
            return
        self._size = size
        self._wanted = [row for row in rows if (row, size) not in self._kept]
        self._go_on()

    def also_want(self, row: int, size: Size) -> None:
        """Ask for one item in another size, beside what is in view."""
        if self._smiles is None or (row, size) in self._kept:
            return
        arguments = {"smiles": [self.smiles(row) or ""], **size.arguments()}
        self._one = (row, size)
        self._session.jobs.submit(
            "depict", arguments, lane="drawing", title=tr("Drawing structures"), topic="one", then=self._on_one
        )

    def _on_one(self, job: Job) -> None:
        cell = ((job.result or {}).get("cells") or [None])[0]
        if self._one is not None:
            self._kept[self._one] = None if cell is None else str(cell).encode()
            self.changed.emit()

    def draw_scores(self, row: int, atoms: Sequence[float], bonds: Sequence[Bond], size: Size) -> None:
        """Ask for one item coloured by contributions; a newer question takes the place of one that is not answered.

        Args: atoms: score of each atom in the order of the SMILES. bonds: two atoms and a score each.
        """
        arguments = {"smiles": [self.smiles(row) or ""], **size.arguments()}
        scores = {"atoms": [list(atoms)], "bonds": [[list(bond) for bond in bonds]]}
        self._scored_row, self._scored = row, None
        self._session.jobs.submit(
            "depict",
            {**arguments, **scores},
            lane="drawing",
            title=tr("Drawing structures"),
            topic="scored",
            then=self._on_scored,
        )

    def _on_scored(self, job: Job) -> None:
        result = job.result or {}
        cell = (result.get("cells") or [None])[0]
        if cell is not None and result.get("bound"):
            colours = tuple(map(str, result["colours"]))
            self._scored = Scored(self._scored_row, str(cell).encode(), float(result["bound"]), colours)
            self.scored.emit(self._scored)

    def _go_on(self) -> None:
        if self._size is None or not self._wanted or (self._job is not None and not self._job.is_over):
            return
        self._asked = self._wanted[:_AT_ONCE]
        size = self._size
        texts = [self.smiles(row) or "" for row in self._asked]
        arguments = {"smiles": texts, **size.arguments()}
        self._job = self._session.jobs.submit(
            "depict", arguments, lane="drawing", title=tr("Drawing structures"), then=self._on_over
        )

    def _on_over(self, job: Job) -> None:
        if job is not self._job:
            return
        self._job = None
        size = self._size
        told = job.arguments
        made = Size(int(told["width"]), int(told["height"]), bool(told["dark"]), told.get("bond"))
        cells = (job.result or {}).get("cells") or [None] * len(self._asked)
        for row, cell in zip(self._asked, cells, strict=True):
            self._kept[row, made] = None if cell is None else str(cell).encode()
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self._wanted = [row for row in self._wanted if (row, size) not in self._kept]
        self.changed.emit()
        self._go_on()

    @Slot()
    def _on_dataset_changed(self) -> None:
        dataset = self._session.dataset
        smiles = dataset.smiles if dataset is not None else None
        if smiles is not self._smiles:
            self._kept.clear()
            self._wanted, self._job, self._scored = [], None, None
            self._smiles = smiles
            self.changed.emit()
