"""The import sheet: every file with its first rows, what each column is for, and how the bytes are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QScrollArea, QSizePolicy, QTableView, QWidget

from app.forms.role_header import RoleHeader
from app.kit.translate import tr, tr_n
from app.kit.widgets.basics import Elided, Picture, Strip, button, column, label, row
from app.models.preview import PreviewModel
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.importing import ImportDraft
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values
_ROWS_IN_VIEW = 7
_DELIMITERS = (",", ";", "\t", "|", " ")


def delimiter_words(delimiter: str | None) -> str:
    """Return what a delimiter is called on screen."""
    words = {",": tr("comma"), ";": tr("semicolon"), "\t": tr("tab"), "|": tr("bar"), " ": tr("space")}
    return words.get(delimiter or "", delimiter or tr("none"))


class TableCard(QFrame):
    """One file: kind of its rows, dialect, and the first rows under their roles."""

    def __init__(self, draft: ImportDraft, table: Plain, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._draft = draft
        self._path = str(table["path"])
        name = Path(self._path).name
        self._title = label(name, "heading")
        self._facts = Elided("", "muted")
        self._facts.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._kind = self._combo(tr("What the rows of {file} are", file=name), self._on_kind)
        for kind, words in (
            ("nodes", tr("Nodes")),
            ("edges", tr("Edges")),
            ("features", tr("Features, long")),
            ("graphs", tr("Graphs")),
            ("molecules", tr("Molecules")),
        ):
            self._kind.addItem(words, kind)
        self._delimiter = self._combo(tr("Character between the cells of {file}", file=name), self._on_delimiter)
        self._header = self._combo(tr("Whether {file} begins with column names", file=name), self._on_header)
        self._header.addItem(tr("names in the first row"), True)
        self._header.addItem(tr("no column names"), False)
        self._encoding = self._combo(tr("Text encoding of {file}", file=name), self._on_encoding)
        # The list is as wide as its samples, the closed box as its longest name.
        self._encoding.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        remove = button("", self._on_remove, icon="close", tip=tr("Take {file} out", file=name))
        remove.setAccessibleName(remove.toolTip())
        self._strip = Strip()
        self._view = QTableView()
        self._view.setAccessibleName(tr("First rows of {file}", file=name))
        self._view.setAlternatingRowColors(True)
        self._view.setShowGrid(False)
        self._view.setWordWrap(False)
        self._view.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self._view.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self._view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._view.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        self._view.verticalHeader().setSectionResizeMode(self._view.verticalHeader().ResizeMode.Fixed)
        self.model = PreviewModel(table, self)
        self.header = RoleHeader(self._view)
        self._view.setHorizontalHeader(self.header)
        self._view.setModel(self.model)
        self.header.role_chosen.connect(self._on_role)
        self.header.kind_chosen.connect(self._on_column_kind)
        top = row(Picture("table", 20), self._title, self._kind, self._facts, remove)
        self._dialect = QWidget()
        self._dialect.setLayout(
            row(label(tr("Read with"), "muted"), self._delimiter, self._header, self._encoding, None, spacing=6)
        )
        self.setLayout(column(top, self._dialect, self._strip, self._view, margins=12))
        self.show_table(table)

    def show_table(self, table: Plain) -> None:
        """Show the file as it is understood now."""
        self.model.show(table)
        kind = str(table["kind"] or "nodes")
        self.header.show_columns(table["columns"], kind)
        self._kind.setCurrentIndex(self._kind.findData(kind))
        many = "+" if not table.get("rows_complete", True) else ""
        self._facts.setText(
            tr("{rows}{more} rows · {columns} columns", rows=table["rows"], more=many, columns=len(table["columns"]))
        )
        self._show_dialect(table)
        self._show_encoding(table)
        unread = table["kind"] is None
        self._view.setVisible(not unread)
        self._kind.setVisible(not unread)
        rows = min(max(self.model.rowCount(), 1), _ROWS_IN_VIEW)
        scroll = self._view.horizontalScrollBar().sizeHint().height()
        line = self._view.verticalHeader().defaultSectionSize()
        self._view.setFixedHeight(self.header.sizeHint().height() + rows * line + scroll + 4)

    def _show_dialect(self, table: Plain) -> None:
        delimited = table["format"] == "delimited" and table["kind"] is not None
        self._delimiter.setVisible(delimited)
        self._header.setVisible(delimited)
        if not delimited:
            return
        found = table["delimiter"]
        self._delimiter.clear()
        for one in dict.fromkeys([found, *_DELIMITERS]):
            if one:
                self._delimiter.addItem(delimiter_words(one), one)
        self._delimiter.setCurrentIndex(self._delimiter.findData(found))
        self._header.setCurrentIndex(0 if table["header"] else 1)

    def _show_encoding(self, table: Plain) -> None:
        self._encoding.clear()
        self._encoding.setMinimumContentsLength(9 if table["encoding"] else len(tr("Choose the encoding…")))
        candidates = table["encoding_candidates"]
        for one in candidates:
            self._encoding.addItem(f"{one['name']} – {one['sample'][:40]}", one["name"])
        if table["encoding"] and self._encoding.findData(table["encoding"]) < 0:
            self._encoding.insertItem(0, str(table["encoding"]), table["encoding"])
        if not table["encoding"]:
            self._encoding.insertItem(0, tr("Choose the encoding…"), None)
            self._encoding.setCurrentIndex(0)
            error = table.get("error") or {}
            hint = tr("Choose the encoding in which the rows below read well.")
            self._strip.say("warning", str(error.get("message", "")), hint)
        else:
            self._encoding.setCurrentIndex(self._encoding.findData(table["encoding"]))
            self._strip.hide()
        self._encoding.view().setMinimumWidth(self._encoding.view().sizeHintForColumn(0) + 24)

    def _combo(self, name: str, slot: Any) -> QComboBox:  # Any: a bound method on the chosen number
        made = QComboBox()
        made.setAccessibleName(name)
        made.setToolTip(name)
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        made.activated.connect(slot)
        return made

    @Slot(int)
    def _on_kind(self, number: int) -> None:
        self._draft.set_table(self._path, "kind", self._kind.itemData(number))

    @Slot(int)
    def _on_delimiter(self, number: int) -> None:
        self._draft.set_table(self._path, "delimiter", self._delimiter.itemData(number))

    @Slot(int)
    def _on_header(self, number: int) -> None:
        self._draft.set_table(self._path, "header", self._header.itemData(number))

    @Slot(int)
    def _on_encoding(self, number: int) -> None:
        name = self._encoding.itemData(number)
        if name is not None:
            self._draft.set_encoding(self._path, name)

    @Slot()
    def _on_remove(self) -> None:
        self._draft.remove(self._path)

    @Slot(object)
    def _on_role(self, told: tuple[str, str]) -> None:
        self._draft.set_role(self._path, *told)

    @Slot(object)
    def _on_column_kind(self, told: tuple[str, str]) -> None:
        self._draft.set_kind(self._path, *told)


class ImportSheet(View):
    """All files of the import, one card each."""

    spec = ViewSpec("import_sheet", "Import", "data", "centre", icon="data", order=10)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._draft = session.importing
        self._cards: dict[str, TableCard] = {}
        self._strip = Strip()
        self._busy = label("", "muted")
        self._add = button(tr("Add files…"), icon="plus")
        self._add.setObjectName("add_files")
        self._list = column(spacing=12)
        page = QWidget()
        page.setObjectName("page")
        foot = row(self._add, self._busy, None)
        page.setLayout(column(self._strip, self._list, foot, None, margins=16, spacing=12))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        self.setLayout(column(scroll))
        self._add.clicked.connect(session.files_requested)
        self._draft.changed.connect(self._on_changed)
        session.dataset_changed.connect(self._on_changed)
        self._on_changed()

    def card(self, file: str) -> TableCard:
        """Return the card of a file. Args: file: its name without folder."""
        return next(card for path, card in self._cards.items() if Path(path).name == file)

    @Slot()
    def _on_changed(self) -> None:
        tables = self._draft.tables()
        paths = [str(table["path"]) for table in tables]
        for path in [path for path in self._cards if path not in paths]:
            self._cards.pop(path).deleteLater()
        for place, table in enumerate(tables):
            path = str(table["path"])
            if path in self._cards:
                self._cards[path].show_table(table)
            else:
                self._cards[path] = TableCard(self._draft, table)
                self._list.insertWidget(place, self._cards[path])
        self._show_strip()
        count = len(self._draft.files)
        busy = tr_n("Reading {count} file…", "Reading {count} files…", count) if self._draft.is_busy else ""
        self._busy.setText(busy)

    def _show_strip(self) -> None:
        error = self._draft.error or self.session.preparing.error or self._draft.preview.get("join_error")
        if error:
            self._strip.say("problem", str(error["message"]), str(error.get("hint", "")), str(error.get("details", "")))
        else:
            self._strip.hide()
