"""A table of options of the recipe that belongs to no component: what is done against noise, or after training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.forms.form_builder import Form
from app.kit.widgets.basics import Fold, column

if TYPE_CHECKING:
    from app.session.session import Session


class OptionsEditor(QWidget):
    """Edits `recipe[path]` by the schema of the same name in the catalogue's options; folded away at first.

    Args: path: "noise", "after" …
    """

    def __init__(self, session: Session, path: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._path = path
        self._form: Form | None = None
        self._box = QWidget()
        self._inside = column(spacing=0)
        self._box.setLayout(self._inside)
        self.fold = Fold(title, self._box)
        self.setLayout(column(self.fold, spacing=0))
        session.recipe_changed.connect(self.refresh)
        session.catalogue_changed.connect(self.refresh)
        self.refresh()

    @property
    def form(self) -> Form | None:
        """The form, once the catalogue is there."""
        return self._form

    @Slot()
    def refresh(self) -> None:
        """Show the draft as it is."""
        schema = self._session.catalogue.get("options", {}).get(self._path)
        if self._form is None and schema:
            self._form = Form(schema)
            self._form.edited.connect(self._on_edited)
            self._inside.addWidget(self._form)
        self.setVisible(self._form is not None)
        if self._form is not None:
            self._form.show_values(self._session.draft.get(self._path) or {})

    def show_error(self, path: str, text: str) -> bool:
        """Show what the engine says about an option. Returns: whether it is one of these."""
        mine = path.startswith(self._path + ".") and self._form is not None
        if mine and self._form is not None and self._form.show_problem(path.rpartition(".")[2], text):
            self.fold.set_open(True)
            return True
        return False

    def clear_errors(self) -> None:
        """Take what the engine said away."""
        if self._form is not None:
            self._form.clear_problems()

    @Slot(object)
    def _on_edited(self, told: tuple[str, object]) -> None:
        name, value = told
        self._session.draft.set(f"{self._path}.{name}", value)
