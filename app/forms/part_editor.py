"""One part of the recipe: which component, and its options; for a stage also how it trains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.forms.choice_list import ChoiceList, words
from app.forms.form_builder import Form
from app.kit.translate import tr
from app.kit.widgets.basics import Fold, column, label
from app.session.drafts import with_value

if TYPE_CHECKING:
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values
#: Parts of a stage beside the component's own options.
STAGE_PARTS = ("training", "optimiser", "schedule")
_FOLDED = ("optimiser", "schedule")


class PartEditor(QWidget):
    """Edits `recipe[path]` of the session's draft, by the catalogue.

    Args:
        kind: of component ("encoder", "objective" …). path: of the part in the recipe ("encoder", "pretrain" …).
        optional: words for "none", when the part may be absent.
        stage: also show training, optimiser and schedule.
        leave_out: options that are asked for elsewhere.
        default: key of the component that is used where the recipe names none.
        along: chosen key, or None → what else of the recipe changes with it, in the same step.
    """

    def __init__(
        self,
        session: Session,
        kind: str,
        path: str,
        title: str,
        *,
        optional: str = "",
        stage: bool = False,
        leave_out: Sequence[str] = (),
        default: str | None = None,
        along: Callable[[str | None], Plain] = lambda key: {},
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._default = default
        self._along = along
        self._session = session
        self._kind, self._path, self._stage = kind, path, stage
        self._leave_out = leave_out
        self._choice = ChoiceList(optional)
        self._choice.setAccessibleName(title)
        self._choice.chosen.connect(self._on_chosen)
        self._summary = label("", "muted", wrap=True)
        self._forms: dict[str, Form] = {}
        self._shown_for: tuple[str, int] | None = None
        self._inside = column(spacing=10)
        self.setLayout(column(label(title.upper(), "section"), self._choice, self._summary, self._inside, spacing=6))
        session.recipe_changed.connect(self.refresh)
        session.catalogue_changed.connect(self.refresh)
        session.dataset_changed.connect(self.refresh)
        self.refresh()

    @property
    def choice(self) -> ChoiceList:
        """The list of components."""
        return self._choice

    def form(self, part: str = "") -> Form | None:
        """Return a form: "" for the component's own options, or "training", "optimiser", "schedule"."""
        return self._forms.get(part)

    def show_error(self, path: str, text: str) -> bool:
        """Show what the engine says about an option. Returns: whether it is one of this part."""
        if not path.startswith(self._path + "."):
            return False
        names = path[len(self._path) + 1 :].split(".")
        part, name = (names[0], names[-1]) if len(names) > 1 else ("", names[0])
        form = self._forms.get(part)
        return form is not None and form.show_problem(name, text)

    def clear_errors(self) -> None:
        """Take what the engine said away."""
        for form in self._forms.values():
            form.clear_problems()

    @Slot()
    def refresh(self) -> None:
        """Show the draft as it is."""
        entries = self._session.components(self._kind)
        key = self._session.draft.get(f"{self._path}.type", self._default)
        self._choice.show_entries(entries, key)
        self._choice.setEnabled(not self._session.draft.is_empty)
        entry = next((entry for entry in entries if entry["key"] == key), None)
        self._summary.setText(words(entry) if entry else "")
        self._summary.setVisible(entry is not None)
        wanted = (str(key), id(self._session.dataset)) if entry else None
        if wanted != self._shown_for:
            self._rebuild(entry)
            self._shown_for = wanted
        for part, form in self._forms.items():
            where = f"{self._path}.{part}" if part else self._path
            form.show_values(self._session.draft.get(where) or {})

    def _rebuild(self, entry: Plain | None) -> None:
        while (item := self._inside.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()
        self._forms = {}
        if entry is None:
            return
        columns = self._columns()
        schemas = {"": entry["schema"]}
        if self._stage:
            schemas |= {name: self._session.catalogue.get("options", {}).get(name, {}) for name in STAGE_PARTS}
        for part, schema in schemas.items():
            form = Form(schema, columns, self._leave_out if not part else ())
            if form.is_empty:
                form.deleteLater()
                continue
            form.setProperty("part", part)
            form.edited.connect(self._on_edited)
            self._forms[part] = form
            self._inside.addWidget(Fold(self._title_of(part), form) if part in _FOLDED else form)

    @staticmethod
    def _title_of(part: str) -> str:
        return tr("Optimiser") if part == "optimiser" else tr("Learning-rate schedule")

    def _columns(self) -> dict[str, list[str]]:
        dataset = self._session.dataset
        if dataset is None:
            return {}
        return {"split": dataset.columns("split"), "target": [str(name) for name in dataset.nodes.columns]}

    @Slot(object)
    def _on_chosen(self, key: str | None) -> None:
        draft = self._session.draft
        if key == draft.get(f"{self._path}.type", self._default):
            return
        before = draft.get(self._path) or {}
        kept = {name: before[name] for name in STAGE_PARTS if name in before}
        text = tr("Choose {name}", name=self._choice.currentText())
        plain = with_value(draft.plain, self._path, None if key is None else {"type": key, **kept})
        for path, value in self._along(key).items():
            plain = with_value(plain, path, value)
        draft.replace(plain, text)

    @Slot(object)
    def _on_edited(self, told: tuple[str, object]) -> None:
        name, value = told
        part = str(self.sender().property("part"))
        where = ".".join(filter(None, (self._path, part, name)))
        self._session.draft.set(where, value)
