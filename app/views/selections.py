"""Named selections and the columns made of selections: come back to them, use them, take them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.kit.translate import tr
from app.kit.widgets.basics import Elided, button, column, label, link, row, tool
from app.kit.widgets.tall import Tall
from app.session.counting import counted
from app.session.own_columns import OWN
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session


class SelectionsView(View):
    """One line for each; the buttons above make new ones."""

    spec = ViewSpec(
        "selections", "Selections", "explore", "left", also=("inspect",), order=25, tabs=("inspector",), icon="bookmark"
    )

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.save = button(tr("Save selection…"), self._on_save, icon="bookmark")
        self.write = button(tr("To a column…"), self._on_write, icon="table")
        self.hint = label("", "muted", wrap=True)
        self._named, self._columns = QVBoxLayout(), QVBoxLayout()
        self._columns_title = label(tr("YOUR COLUMNS"), "section")
        page = QWidget()
        page.setLayout(
            column(
                row(self.save, self.write, None),
                self.hint,
                self._named,
                6,
                self._columns_title,
                self._columns,
                None,
                margins=12,
            )
        )
        self.setLayout(column(Tall(page), spacing=0))
        session.named.changed.connect(self._show)
        session.own_columns.changed.connect(self._show)
        session.dataset_changed.connect(self._show)
        session.selection.changed.connect(self._on_selection_changed)
        self._show()

    def lines(self) -> list[str]:
        """Return the names shown."""
        return [*self.session.named.names(), *self.session.own_columns.names()]

    @Slot()
    def _on_selection_changed(self) -> None:
        chosen = self.session.selection.count > 0
        for made in (self.save, self.write):
            made.setEnabled(chosen)
            made.setToolTip("" if chosen else tr("Nothing is selected."))

    @Slot()
    def _show(self) -> None:
        named, own = self.session.named, self.session.own_columns
        for box in (self._named, self._columns):
            while (item := box.takeAt(0)) is not None:
                old = item.widget()
                if old is not None:
                    old.hide()
                    old.deleteLater()
        for name in named.names():
            self._named.addWidget(self._named_line(name, named.count(name)))
        for name in own.names():
            self._columns.addWidget(self._column_line(name))
        self._columns_title.setVisible(bool(own.names()))
        if self.session.dataset is None:
            self.hint.setText(tr("Import data first; then what you select can be kept here."))
        else:
            self.hint.setText(tr("Select nodes anywhere, and keep them here under a name or as a column."))
        self.hint.setVisible(not named.names() and not own.names())
        self._on_selection_changed()

    def _named_line(self, name: str, count: int) -> QWidget:
        go = link(name, self._on_recall)
        go.setAccessibleName(tr("Select “{name}”", name=name))
        go.setProperty("name", name)
        drop = tool("trash", tr("Delete selection “{name}”", name=name), self._on_remove)
        drop.setProperty("name", name)
        line = QWidget()
        line.setLayout(row(go, None, label(counted(self.session.dataset, count), "muted"), drop, spacing=4))
        return line

    def _column_line(self, name: str) -> QWidget:
        column_ = self.session.own_columns.get(name)
        values = ", ".join(column_.values) if column_ is not None else ""
        use = tool("menu", tr("What to do with column “{name}”", name=name))
        use.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(use)
        for text, slot in (
            (tr("Colour by it"), self._on_colour),
            (tr("Predict it"), self._on_predict),
            (tr("Use it as the split"), self._on_split),
            (tr("Delete it"), self._on_remove_column),
        ):
            action = menu.addAction(text)
            action.setData(name)
            action.triggered.connect(slot)
        use.setMenu(menu)
        line = QWidget()
        texts = column(Elided(name), Elided(values, "muted"), spacing=0)
        body = row(texts, use, spacing=4)
        body.setStretch(0, 1)
        line.setLayout(body)
        return line

    @Slot()
    def _on_save(self) -> None:
        self.session.command_requested.emit("save_selection")

    @Slot()
    def _on_write(self) -> None:
        self.session.command_requested.emit("selection_column")

    @Slot()
    def _on_recall(self) -> None:
        self.session.named.recall(self._sent())

    @Slot()
    def _on_remove(self) -> None:
        self.session.named.remove(self._sent())

    @Slot()
    def _on_colour(self) -> None:
        self.session.style.colour_by(OWN + self._sent())

    @Slot()
    def _on_predict(self) -> None:
        self.session.preparing.use_own_column(self._sent(), "target")

    @Slot()
    def _on_split(self) -> None:
        self.session.preparing.use_own_column(self._sent(), "split")

    @Slot()
    def _on_remove_column(self) -> None:
        self.session.own_columns.remove(self._sent())

    def _sent(self) -> str:
        sender = self.sender()
        found = sender.property("name") if isinstance(sender, QPushButton | QToolButton) else sender.data()  # type: ignore[attr-defined]
        return str(found)
