"""Predict something…: which column, which preset, how it is split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QListView, QWidget

from app.dialogs._base import Dialog
from app.kit.translate import tr
from app.kit.widgets.basics import button, label, row

if TYPE_CHECKING:
    import pandas as pd

    from app.session.session import Session

_CLASSES = ("category", "boolean")
_NEVER = ("node_id", "ignore", "split", "label_text")


def _likely_target(nodes: pd.DataFrame, columns: Mapping[str, Any]) -> str | None:
    """Return the column to offer first: the one marked as target, else the classes with the widest gaps.

    Of two with equal gaps the later one, where tables have their labels; without gaps the first of all classes.
    """
    roles = {name: str(about.get("role")) for name, about in columns.items() if name in nodes.columns}
    marked = [name for name, role in roles.items() if role == "target"]
    if marked:
        return marked[0]
    classes = [name for name, role in roles.items() if role == "feature" and columns[name].get("kind") in _CLASSES]
    known = {name: int(nodes[name].notna().sum()) for name in classes}
    fewest = min((count for count in known.values() if count), default=0)
    found = [str(name) for name in nodes.columns if known.get(str(name)) == fewest]
    if found and fewest < max(known.values()):
        return found[-1]
    return str(classes[0]) if classes else None


class ChooseTarget(Dialog):
    """A list of the node table's columns with how many values each has."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(tr("Predict something"), parent)
        self._session = session
        self.list = QListView()
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName(tr("Columns"))
        self.list.setMinimumHeight(220)
        self.preset = QComboBox()
        self.preset.setAccessibleName(tr("Preset"))
        for key, words in (
            ("quick", tr("Quick: a result in under a minute")),
            ("recommended", tr("Recommended: what the program believes best")),
            ("plain", tr("Plain: a two-layer GCN from scratch, as published")),
        ):
            self.preset.addItem(words, key)
        self.split = QComboBox()
        self.split.setAccessibleName(tr("Split"))
        dataset = session.dataset
        splits = dataset.columns("split") if dataset is not None else []
        if splits:
            self.split.addItem(tr("Split by the table: {columns}", columns=", ".join(splits)), "")
        else:
            self.split.addItem(tr("What the data offer"), "")
        self.split.addItem(tr("Random, stratified: 60 % train, 20 % valid, 20 % test"), "random")
        self.split.addItem(tr("Few labels a class"), "few")
        self._go = button(tr("Prepare the recipe"), self._on_go, primary=True)
        self._go.setDefault(True)
        self._fill_columns()
        self.fill(
            label(tr("Which column shall be predicted where it is not known?"), "muted", wrap=True),
            self.list,
            label(tr("Preset"), "section"),
            self.preset,
            label(tr("Split"), "section"),
            self.split,
            row(None, button(tr("Cancel"), self.reject), self._go),
        )
        self.list.doubleClicked.connect(self._on_go)
        self.list.setFocus()

    def _fill_columns(self) -> None:
        dataset = self._session.dataset
        columns = dict(dataset.summary.get("columns") or {}) if dataset is not None else {}
        if dataset is None:
            return
        order = {"target": 0, "feature": 1}
        names = [str(name) for name in dataset.nodes.columns]
        names.sort(key=lambda name: order.get(str(columns.get(name, {}).get("role")), 2))
        total = dataset.num_nodes
        for name in names:
            role = str(columns.get(name, {}).get("role", ""))
            known = int(dataset.nodes[name].notna().sum())
            words = tr("{column}: {known} of {all} have a value", column=name, known=known, all=total)
            item = QStandardItem(words)
            item.setData(name, Qt.ItemDataRole.UserRole)
            if role in _NEVER:
                item.setToolTip(tr("Marked as {role} on the import sheet", role=role))
            self._model.appendRow(item)
        wanted = self._session.draft.target or _likely_target(dataset.nodes, columns)
        if self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(names.index(wanted) if wanted in names else 0, 0))

    @Slot()
    def _on_go(self) -> None:
        index = self.list.currentIndex()
        if index.isValid():
            preset = self.preset.currentData()
            pretrain = "none" if preset == "plain" else "auto"
            column = index.data(Qt.ItemDataRole.UserRole)
            self._session.preparing.choose_target(column, preset, pretrain, self.split.currentData())
            self._session.go_to("pretrain" if pretrain == "auto" else "finetune")
            self.accept()
