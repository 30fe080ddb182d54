"""Keeps the attributes of the nodes in view up to date, read in the background and once for all views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge.background import Background, Outcome
from app.session.attributes import Attributes

if TYPE_CHECKING:
    from app.session.attributes import Attribute
    from app.session.session import Session


class Facts(QObject):
    """The attributes of the session's dataset and run; None until they are read."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.attributes: Attributes | None = None
        self._session = session
        self._background = Background(self)
        self._background.finished.connect(self._on_read)
        session.dataset_changed.connect(self._on_source_changed)
        session.run_changed.connect(self._on_source_changed)
        session.own_columns.changed.connect(self._on_added_changed)
        session.statistics.changed.connect(self._on_added_changed)

    @property
    def is_reading(self) -> bool:
        """Whether newer attributes are on their way."""
        return self._background.busy

    @Slot()
    def _on_source_changed(self) -> None:
        dataset, run = self._session.dataset, self._session.run
        if dataset is None:
            self._background.drop()
            if self.attributes is not None:
                self.attributes = None
                self.changed.emit()
            return
        now = self.attributes
        if now is not None and now.dataset is dataset and now.run is run:
            return
        if now is not None and now.dataset is not dataset:
            # Views must not mix one graph's rows with another's.
            self.attributes = None
            self.changed.emit()
        self._background.submit(lambda: Attributes(dataset, run))

    @Slot(object)
    def _on_read(self, outcome: Outcome) -> None:
        found = outcome.value
        if found is None:
            self._session.say("problem", str(outcome.error))
        elif found.dataset is self._session.dataset:
            self.attributes = found.with_added(self._added())
            self.changed.emit()

    @Slot()
    def _on_added_changed(self) -> None:
        if self.attributes is None:
            return
        added = self._added()
        before = self.attributes.added()
        if len(before) != len(added) or any(a is not b for a, b in zip(before, added, strict=True)):
            self.attributes = self.attributes.with_added(added)
            self.changed.emit()

    def _added(self) -> list[Attribute]:
        """Return what the user made of selections, and what was computed of the graph."""
        dataset = self._session.dataset
        if dataset is None:
            return []
        return [
            *self._session.own_columns.attributes(dataset.num_nodes, dataset.nodes.columns),
            *self._session.statistics.attributes(),
        ]
