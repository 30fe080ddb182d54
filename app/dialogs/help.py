"""First steps, and every command with its shortcut."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QAction, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from app.dialogs._base import Dialog
from app.kit.translate import tr
from app.kit.widgets.basics import button, label, row


class Help(Dialog):
    """One page."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(tr("First steps and shortcuts"), parent, width=680)
        steps = (
            tr("1. Data: drop your tables, check the roles, press Import."),
            tr("2. Explore: look at the graph, choose the column to predict."),
            tr("3. Pretrain: pick what the encoder learns without labels, or none."),
            tr("4. Fine-tune: press Run. Floors come first: what a graph model has to beat."),
            tr("5. Inspect: a lasso, a row or a confusion cell selects the same everywhere."),
            tr("6. Export: write predictions under your own ids, or score new files."),
        )
        model = QStandardItemModel(0, 3, self)
        model.setHorizontalHeaderLabels([tr("Command"), tr("Shortcut"), tr("What it does")])
        for action in actions:
            keys = ", ".join(key.toString() for key in action.shortcuts())
            model.appendRow([QStandardItem(text) for text in (action.text(), keys, action.toolTip())])
        for name, keys, what in _in_place():
            model.appendRow([QStandardItem(text) for text in (name, keys, what)])
        view = QTableView()
        view.setModel(model)
        view.setAccessibleName(tr("Shortcuts"))
        view.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        view.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        view.verticalHeader().hide()
        view.setShowGrid(False)
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        view.horizontalHeader().setStretchLastSection(True)
        view.setMinimumHeight(320)
        self.fill(*(label(step, wrap=True) for step in steps), view, row(None, button(tr("Close"), self.accept)))


def _in_place() -> list[tuple[str, str, str]]:
    """Return the keys that hold where the keyboard is, and stand in no menu."""
    canvas, table, bars = tr("On a picture"), tr("In the table"), tr("On a histogram or a chart")
    return [
        (canvas, "V, R, L", tr("Drag the picture, select in a rectangle, select with a lasso")),
        (canvas, "M", tr("Move nodes: drag one, or the selection; arrow keys move it too. Moved nodes are pinned")),
        (canvas, tr("Alt and drag"), tr("Move a node whatever the tool")),
        (canvas, "Shift, Ctrl", tr("Drag with Shift for a rectangle, with Ctrl for a lasso")),
        (canvas, "+, −, F, Z", tr("Nearer, farther, everything, the selection")),
        (canvas, "↑ ↓ ← →", tr("Move the picture")),
        (canvas, "Alt+↑ ↓ ← →", tr("Go from node to node")),
        (canvas, tr("Enter"), tr("Select the node alone; with Shift take it in or out")),
        (canvas, "Esc", tr("Select nothing")),
        (table, "↑ ↓", tr("Go from row to row; with Shift select up to there")),
        (table, tr("Space"), tr("Select the row too, or no longer")),
        (table, tr("Enter"), tr("Select the row alone")),
        (bars, "← →", tr("Go from bar to bar, or from point to point; with Shift take in more")),
        (bars, tr("Enter"), tr("Select what is there")),
        (bars, "F, Del", tr("Filter by the bars, and no longer")),
        (tr("In a query"), tr("Tab, Enter"), tr("Take what is offered; Down asks what can come next")),
    ]
