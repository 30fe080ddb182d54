"""Filters over the nodes: each leaves out what a column says, they stack, and nothing is lost by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.kit.later import np
from app.kit.translate import tr
from app.session.commands import Change

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.session.attributes import Attribute, Attributes
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values


@dataclass(frozen=True, slots=True)
class Filter:
    """What passes by one column: numbers from `low` to `high`, both included, or the values in `keep`.

    A node without a value does not pass.
    """

    key: str
    title: str
    low: float | None = None
    high: float | None = None
    keep: tuple[str, ...] | None = None

    def passes(self, attribute: Attribute) -> NDArray[np.bool_]:
        """Return which nodes pass, bool [N]."""
        if self.keep is not None:
            wanted = np.array([*(name in self.keep for name in attribute.categories), False], dtype=bool)
            return wanted[attribute.codes()]
        if attribute.kind != "number":
            return np.ones(len(attribute.values), dtype=bool)
        values = attribute.values.astype(np.float64, copy=False)
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        with np.errstate(invalid="ignore"):
            found: NDArray[np.bool_] = (values >= low) & (values <= high)
        return found

    def words(self) -> str:
        """Return what it says, for its chip."""
        if self.keep is not None:
            return tr("{column}: {values}", column=self.title, values=", ".join(self.keep[:4]) or tr("nothing"))
        if self.low is None:
            return tr("{column} ≤ {high}", column=self.title, high=f"{self.high:,.6g}")
        if self.high is None:
            return tr("{column} ≥ {low}", column=self.title, low=f"{self.low:,.6g}")
        return tr("{low} ≤ {column} ≤ {high}", column=self.title, low=f"{self.low:,.6g}", high=f"{self.high:,.6g}")


class Filtering(QObject):
    """The filters in force, one for each column at most; what does not pass all of them is hidden everywhere."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._filters: dict[str, Filter] = {}
        session.facts.changed.connect(self._apply)

    @property
    def filters(self) -> list[Filter]:
        """The filters, oldest first."""
        return list(self._filters.values())

    def get(self, key: str) -> Filter | None:
        """Return the filter of a column."""
        return self._filters.get(key)

    def set(self, wanted: Filter) -> None:
        """Filter by a column, in place of what filtered by it before; dragging on is one step."""
        self._push(
            tr("Filter by {column}", column=wanted.title), {**self._filters, wanted.key: wanted}, f"filter:{wanted.key}"
        )

    def remove(self, key: str) -> None:
        """Filter by a column no longer."""
        gone = self._filters.get(key)
        if gone is not None:
            after = {other: one for other, one in self._filters.items() if other != key}
            self._push(tr("Remove the filter by {column}", column=gone.title), after)

    def clear(self) -> None:
        """Filter by nothing."""
        self._push(tr("Remove all filters"), {})

    def to_plain(self) -> list[Plain]:
        """Return what the project remembers."""
        return [
            {
                "key": one.key,
                "title": one.title,
                "low": one.low,
                "high": one.high,
                "keep": None if one.keep is None else list(one.keep),
            }
            for one in self._filters.values()
        ]

    def restore(self, plain: Sequence[Plain]) -> None:
        """Filter as a project remembers; not a step."""
        found = {}
        for one in plain:
            keep = one.get("keep")
            kept = None if keep is None else tuple(map(str, keep))
            found[str(one["key"])] = Filter(str(one["key"]), str(one["title"]), one.get("low"), one.get("high"), kept)
        self._put(found)

    def _push(self, text: str, after: dict[str, Filter], topic: str = "") -> None:
        if after != self._filters:
            self._session.undo_stack.push(Change(text, self._filters, after, self._put, topic))

    def _put(self, filters: dict[str, Filter]) -> None:
        if filters != self._filters:
            self._filters = filters
            self._apply()
            self.changed.emit()

    @Slot()
    def _apply(self) -> None:
        attributes, selection = self._session.facts.attributes, self._session.selection
        if attributes is not None and attributes.num_nodes == len(selection.mask):
            selection.filter_out(~passing(self.filters, attributes))


def passing(filters: Sequence[Filter], attributes: Attributes) -> NDArray[np.bool_]:
    """Return which nodes pass all filters, bool [N]; a filter whose column is not there (any more) leaves out none."""
    found = np.ones(attributes.num_nodes, dtype=bool)
    for one in filters:
        attribute = attributes.get(one.key)
        if attribute is not None:
            found &= one.passes(attribute)
    return found
