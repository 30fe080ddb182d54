"""What nodes look like: colour, size and shape by any column; the same in graph and embedding, undoable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from app.kit.translate import tr
from app.kit.widgets.basics import Empty, button, column, label, row
from app.kit.widgets.choice import Choice
from app.kit.widgets.tall import Tall
from app.session.attributes import Attribute
from app.session.style import NOTHING, colour_choices
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session

_AUTOMATIC = "automatic"


class StyleView(View):
    """Three lists of columns, and names on or off."""

    spec = ViewSpec(
        "style", "Style", "explore", "right", also=("inspect",), order=14, tabs=("embedding", "columns"), icon="style"
    )

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.colour_by, self.size_by, self.shape_by = Choice(), Choice(), Choice()
        names = {self.colour_by: tr("Colour by"), self.size_by: tr("Size by"), self.shape_by: tr("Shape by")}
        for box, name in names.items():
            box.setAccessibleName(name)
            # A long column name must not make the whole dock wide.
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(12)
        self.names = QCheckBox(tr("Names beside nodes"))
        self.reset = button(tr("Reset the style"), session.style.reset, icon="undo")
        self.note = label("", "muted", wrap=True)
        self.empty = Empty("style", tr("Nothing to dress yet"), tr("Import data; how nodes look is chosen here."))
        page = QWidget()
        parts = [part for box, name in names.items() for part in (label(name.upper(), "section"), box)]
        page.setLayout(column(*parts, self.note, 4, self.names, row(self.reset, None), None, margins=12, spacing=6))
        self._tall = Tall(page)
        self.setLayout(column(self.empty, self._tall, spacing=0))
        self.colour_by.activated.connect(self._on_colour)
        self.size_by.activated.connect(self._on_size)
        self.shape_by.activated.connect(self._on_shape)
        self.names.toggled.connect(session.style.show_names)
        session.style.changed.connect(self._show)
        session.facts.changed.connect(self._fill)
        self._fill()

    @Slot()
    def _fill(self) -> None:
        attributes = self.session.facts.attributes
        self.empty.setVisible(attributes is None)
        self._tall.setVisible(attributes is not None)
        choices = colour_choices(attributes) if attributes is not None else []
        for box, first, fit in (
            (self.colour_by, ((tr("What is best"), _AUTOMATIC), (tr("One colour"), NOTHING)), choices),
            (self.size_by, ((tr("One size"), NOTHING),), [one for one in choices if one.kind == "number"]),
            (self.shape_by, ((tr("As the colours have it"), NOTHING),), [one for one in choices if _has_shapes(one)]),
        ):
            box.clear()
            for text, key in (*first, *((one.title, one.key) for one in fit)):
                box.addItem(text, key)
        self._show()

    @Slot()
    def _show(self) -> None:
        look = self.session.style.look
        colour = _AUTOMATIC if look.colour is None else look.colour
        for box, key in ((self.colour_by, colour), (self.size_by, look.size), (self.shape_by, look.shape)):
            box.setCurrentIndex(max(0, box.findData(key)))
        self.names.setChecked(look.names)
        chosen = self.shape_by.currentData() != NOTHING
        self.note.setText(tr("Shapes repeat after six classes.") if chosen else "")
        self.note.setVisible(chosen)

    @Slot()
    def _on_colour(self) -> None:
        key = self.colour_by.currentData()
        self.session.style.colour_by(None if key == _AUTOMATIC else str(key))

    @Slot()
    def _on_size(self) -> None:
        self.session.style.size_by(str(self.size_by.currentData()))

    @Slot()
    def _on_shape(self) -> None:
        self.session.style.shape_by(str(self.shape_by.currentData()))


def _has_shapes(one: Attribute) -> bool:
    return one.kind == "category" and len(one.categories) > 1
