"""A table header in which each column's role and kind can be changed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHeaderView, QTableView, QWidget

from app.kit.sayings import said
from app.kit.translate import tr
from app.kit.widgets.basics import Elided, column, label

Plain = dict[str, Any]  # Any: JSON values
# Which roles a column may have, by the kind of its table: those of `engine.data.roles`, in the order of use.
_COMMON = ("ignore",)
ROLES: dict[str, tuple[str, ...]] = {
    "nodes": ("node_id", "graph_id", "label_text", "feature", "target", "split", "time", *_COMMON),
    "edges": ("edge_source", "edge_target", "edge_weight", "edge_type", "time", *_COMMON),
    "features": ("node_id", "feature_name", "feature_value", *_COMMON),
    "graphs": ("graph_id", "label_text", "target", "split", "fold", "time", *_COMMON),
    "molecules": ("smiles", "graph_id", "label_text", "target", "split", "fold", "time", *_COMMON),
}
KINDS = ("number", "boolean", "category", "date", "text", "id")


def role_words(role: str) -> str:
    """Return what a role is called on screen."""
    words = {
        "node_id": tr("Node id"),
        "label_text": tr("Name"),
        "edge_source": tr("From"),
        "edge_target": tr("To"),
        "edge_weight": tr("Weight"),
        "edge_type": tr("Edge type"),
        "graph_id": tr("Graph id"),
        "smiles": tr("SMILES"),
        "feature": tr("Feature"),
        "feature_name": tr("Feature name"),
        "feature_value": tr("Feature value"),
        "target": tr("Target"),
        "split": tr("Split"),
        "fold": tr("Fold"),
        "time": tr("Time"),
        "ignore": tr("Ignore"),
    }
    return words.get(role, role)


def kind_words(kind: str) -> str:
    """Return what a kind of column is called on screen."""
    words = {
        "number": tr("number"),
        "boolean": tr("yes or no"),
        "category": tr("category"),
        "date": tr("date"),
        "text": tr("text"),
        "id": tr("id"),
    }
    return words.get(kind, kind)


class _Cell(QWidget):
    """Name, role and kind of one column."""

    role_chosen = Signal(object)
    kind_chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = label()
        self._name.setStyleSheet("font-weight: 600;")
        self.role = QComboBox()
        self.kind = QComboBox()
        for combo in (self.role, self.kind):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(5)
        for kind in KINDS:
            self.kind.addItem(kind_words(kind), kind)
        self.role.activated.connect(self._on_role)
        self.kind.activated.connect(self._on_kind)
        for combo in (self.role, self.kind):
            policy = combo.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            combo.setSizePolicy(policy)
        self._reason = Elided("", "muted")
        body = column(self._name, self.role, self.kind, self._reason, spacing=3)
        body.setContentsMargins(6, 4, 6, 4)
        self.setLayout(body)

    def show_column(self, spec: Plain, table_kind: str) -> None:
        """Show a column as it is understood."""
        name = str(spec["name"])
        self._name.setText(name)
        roles = ROLES.get(table_kind, ROLES["nodes"])
        if [self.role.itemData(i) for i in range(self.role.count())] != list(roles):
            self.role.clear()
            for role in roles:
                self.role.addItem(role_words(role), role)
        self.role.setCurrentIndex(self.role.findData(spec["role"]))
        self.kind.setCurrentIndex(self.kind.findData(spec["kind"]))
        self.kind.setVisible(spec["role"] in ("feature", "target"))
        facts = tr("{distinct} different values, {missing} missing", distinct=spec["distinct"], missing=spec["missing"])
        self._reason.setText(said(str(spec["reason"])))
        reason = f"{spec['reason']}\n{facts}"
        for widget in (self, self._name, self.role, self.kind):
            widget.setToolTip(reason)
        self.role.setAccessibleName(tr("Role of column {name}", name=name))
        self.role.setAccessibleDescription(reason)
        self.kind.setAccessibleName(tr("How column {name} is read", name=name))

    @Slot(int)
    def _on_role(self, number: int) -> None:
        self.role_chosen.emit(self.role.itemData(number))

    @Slot(int)
    def _on_kind(self, number: int) -> None:
        self.kind_chosen.emit(self.kind.itemData(number))


class RoleHeader(QHeaderView):
    """Shows combos in the sections that are in view; a table of thousands of columns stays light.

    `role_chosen` and `kind_chosen` carry (column name, value).
    """

    role_chosen = Signal(object)
    kind_chosen = Signal(object)

    def __init__(self, view: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._columns: list[Plain] = []
        self._table_kind = "nodes"
        self._cells: dict[int, _Cell] = {}
        self._height = 0
        self.setSectionsClickable(False)
        self.setDefaultSectionSize(150)
        self.setMinimumSectionSize(96)
        self.sectionResized.connect(self._place)
        view.horizontalScrollBar().valueChanged.connect(self._place)

    def show_columns(self, columns: list[Plain], table_kind: str) -> None:
        """Show a table's columns."""
        self._columns, self._table_kind = columns, table_kind
        for number in [n for n in self._cells if n >= len(columns)]:
            self._cells.pop(number).deleteLater()
        for number, cell in self._cells.items():
            cell.show_column(columns[number], table_kind)
        self._place()

    def cell(self, number: int) -> tuple[QComboBox, QComboBox]:
        """Return the combos of a column that is in view: role and kind."""
        made = self._made(number)
        return made.role, made.kind

    def sizeHint(self) -> QSize:
        """Return room for name and two combos."""
        if not self._height:
            probe = _Cell(self)
            self._height = probe.sizeHint().height()
            probe.deleteLater()
        return QSize(super().sizeHint().width(), self._height)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Draw nothing: the cells lie over the sections."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the view's width."""
        super().resizeEvent(event)
        self._place()

    @Slot()
    def _place(self) -> None:
        """Put the cells in view where their sections are, and hide the others."""
        if not self._columns or self.count() == 0:
            return
        first = max(0, self.visualIndexAt(0))
        last = self.visualIndexAt(self.viewport().width() - 1)
        last = self.count() - 1 if last < 0 else last
        for number, cell in self._cells.items():
            if not first <= number <= last:
                cell.hide()
        for number in range(first, min(last, len(self._columns) - 1) + 1):
            cell = self._made(number)
            cell.setGeometry(self.sectionViewportPosition(number), 0, self.sectionSize(number), self.height())
            cell.show()

    def _made(self, number: int) -> _Cell:
        if number not in self._cells:
            cell = _Cell(self.viewport())
            cell.setProperty("number", number)
            cell.role_chosen.connect(self._on_role)
            cell.kind_chosen.connect(self._on_kind)
            cell.show_column(self._columns[number], self._table_kind)
            self._cells[number] = cell
        return self._cells[number]

    @Slot(object)
    def _on_role(self, role: str) -> None:
        self.role_chosen.emit((self._name_of_sender(), role))

    @Slot(object)
    def _on_kind(self, kind: str) -> None:
        self.kind_chosen.emit((self._name_of_sender(), kind))

    def _name_of_sender(self) -> str:
        return str(self._columns[int(self.sender().property("number"))]["name"])
