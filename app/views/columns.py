"""Every column as a histogram or as bars: filter by ranges, select by them, and compute statistics as new columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.bridge.background import Background, Outcome
from app.canvas.bars import Bar, Bars
from app.kit.sayings import said
from app.kit.throttle import Throttle
from app.kit.translate import tr, tr_n
from app.kit.widgets.basics import Elided, Empty, button, column, label, link, row
from app.kit.widgets.flow import Flow
from app.kit.widgets.histogram import HistogramBars
from app.models.histograms import Histogram, histogram_of
from app.session.attributes import Attribute, Attributes
from app.session.filtering import Filter
from app.session.statistics import STATISTIC
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session

_MOST = 24  # columns shown at once; the field above finds the others
_MOST_CLASSES = 8


class ColumnsView(View):
    """Filters as chips, statistics to compute, and a section for each column."""

    spec = ViewSpec(
        "columns", "Columns", "explore", "right", also=("inspect",), order=12, tabs=("embedding",), icon="finetune"
    )

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.compute = button(tr("Compute…"), icon="plus", tip=tr("Compute a statistic of every node"))
        self.menu = QMenu(self)
        self.compute.setMenu(self.menu)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find a column"))
        self.search.setAccessibleName(tr("Find a column"))
        self.search.setClearButtonEnabled(True)
        self.progress = label("", "muted", wrap=True)
        self.chips = Flow()
        self.left_out = label("", "muted")
        self.empty = Empty("finetune", tr("No columns yet"), tr("Import data; what its columns hold appears here."))
        self.sections: dict[str, Section] = {}
        self._selected = Throttle(self._show_selected, 60, self)
        self._body = QVBoxLayout()
        self._rest = label("", "muted", wrap=True)
        self._rest.setParent(self)
        self._rest.hide()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._make_page())
        self.setLayout(column(self._pages, spacing=0))
        self._background = Background(self)
        self._background.finished.connect(self._on_counted)
        self.commands = {"compute": self._offer}
        self._connect()
        self._on_facts_changed()

    def _make_page(self) -> QWidget:
        inner = QWidget()
        inner.setObjectName("page")
        self._body.setContentsMargins(12, 6, 12, 12)
        self._body.setSpacing(14)
        inner.setLayout(self._body)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab goes from column to column, and the area follows
        area.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        page = QWidget()
        top = column(row(self.search, self.compute), self.progress, self.chips, self.left_out, margins=8, spacing=6)
        page.setLayout(column(top, area, spacing=0))
        return page

    def _connect(self) -> None:
        session = self.session
        self.menu.aboutToShow.connect(self._fill_menu)
        self.search.textChanged.connect(self._on_facts_changed)
        session.facts.changed.connect(self._on_facts_changed)
        session.filtering.changed.connect(self._on_filters_changed)
        session.selection.changed.connect(self._selected.request)
        session.selection.hidden_changed.connect(self._on_hidden_changed)
        session.statistics.changed.connect(self._on_statistics_changed)
        session.jobs.jobs_changed.connect(self._on_statistics_changed)

    # Columns

    @Slot()
    def _on_facts_changed(self) -> None:
        attributes = self.session.facts.attributes
        self._pages.setCurrentIndex(0 if attributes is None else 1)
        if attributes is None:
            self._background.drop()
            self._clear({})
            return
        found = [one for one in _worth_showing(attributes) if self.search.text().casefold() in one.title.casefold()]
        shown = {one.key: one for one in found[:_MOST]}
        self._clear(shown)
        for one in shown.values():
            if one.key not in self.sections:
                self.sections[one.key] = Section(self.session, one)
        while self._body.count():
            self._body.takeAt(0)
        for key in shown:
            self._body.addWidget(self.sections[key])
        self._body.addWidget(self._rest)
        self._body.addStretch(1)
        more = len(found) - len(shown)
        self._rest.setText(
            tr_n("{count} more column; find it by its name.", "{count} more columns; find them by name.", more)
        )
        self._rest.setVisible(more > 0)
        self._on_filters_changed()
        uncounted = [one for one in shown.values() if one.kind == "number" and self.sections[one.key].histogram is None]
        self._background.submit(lambda: {one.key: (one, histogram_of(one)) for one in uncounted})
        self._selected.request()

    def _clear(self, keep: dict[str, Attribute]) -> None:
        """Take away the sections of columns that are gone, or that hold something else now."""
        for key, section in list(self.sections.items()):
            if keep.get(key) is not section.attribute:
                self._body.removeWidget(section)
                section.hide()
                section.deleteLater()
                del self.sections[key]

    @Slot(object)
    def _on_counted(self, outcome: Outcome) -> None:
        for key, (attribute, found) in (outcome.value or {}).items():
            section = self.sections.get(key)
            if section is not None and section.attribute is attribute:
                section.show_histogram(found, self.session.filtering.get(key))
        self._show_selected()

    @Slot()
    def _on_scrolled(self) -> None:
        self._selected.request()

    def _show_selected(self) -> None:
        """Show the selection within the bars in sight: to count it in all of a large graph would hold the window up."""
        mask = self.session.selection.mask
        for section in self.sections.values():
            if not section.visibleRegion().isEmpty():
                section.show_selected(mask)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was selected meanwhile."""
        super().showEvent(event)
        self._selected.request()

    # Filters

    @Slot()
    def _on_filters_changed(self) -> None:
        self.chips.clear()
        filters = self.session.filtering.filters
        for one in filters:
            made = button(one.words(), self._on_chip, icon="close", tip=tr("Remove this filter"))
            made.setAccessibleName(tr("Remove the filter {words}", words=one.words()))
            made.setProperty("key", one.key)
            self.chips.add(made)
        if len(filters) > 1:
            self.chips.add(link(tr("Remove all"), self.session.filtering.clear))
        self.chips.setVisible(bool(filters))
        for key, section in self.sections.items():
            section.show_filter(self.session.filtering.get(key))
        self._on_hidden_changed()

    @Slot()
    def _on_chip(self) -> None:
        chip = self.sender()
        if isinstance(chip, QPushButton):
            self.session.filtering.remove(str(chip.property("key")))

    @Slot()
    def _on_hidden_changed(self) -> None:
        hidden = self.session.selection.hidden
        count, total = int(hidden.sum()), len(hidden)
        self.left_out.setText(tr("{shown} of {total} nodes are shown.", shown=total - count, total=total))
        self.left_out.setVisible(count > 0)

    # Statistics

    @Slot()
    def _fill_menu(self) -> None:
        self.menu.clear()
        for entry in self.session.statistics.offered():
            key = str(entry["key"])
            action = QAction(said(str(entry["label"])), self.menu)
            why = self.session.statistics.why_not(key)
            action.setEnabled(not why)
            action.setToolTip(why or said(str(entry.get("doc", ""))))
            action.setCheckable(True)
            action.setChecked(key in self.session.statistics.told)
            action.setData(key)
            action.triggered.connect(self._on_compute)
            self.menu.addAction(action)
        if self.menu.isEmpty():
            waiting = QAction(tr("The catalogue is being loaded."), self.menu)
            waiting.setEnabled(False)
            self.menu.addAction(waiting)

    def _offer(self) -> None:
        """Open the list of statistics below its button."""
        self._fill_menu()
        self.menu.popup(self.compute.mapToGlobal(self.compute.rect().bottomLeft()))

    @Slot()
    def _on_compute(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.session.statistics.compute(str(action.data()))

    @Slot()
    def _on_statistics_changed(self) -> None:
        statistics = self.session.statistics
        lines = [job.title for job in statistics.busy()]
        lines += [said(str(error.get("message", ""))) for error in statistics.errors.values()]
        self.progress.setText("\n".join(lines))
        self.progress.setVisible(bool(lines))
        for key, told in statistics.told.items():
            section = self.sections.get(STATISTIC + key)
            if section is not None:
                section.say(said(str(told.get("sentence", ""))))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.StyleChange:
            self.update()
        super().changeEvent(event)


class Section(QWidget):
    """One column: its name, its histogram or its classes, and what filters by it."""

    def __init__(self, session: Session, attribute: Attribute) -> None:
        super().__init__()
        self._session = session
        self.attribute = attribute
        self.histogram: Histogram | None = None
        title = Elided(attribute.title.upper(), "muted")
        title.setAccessibleName(attribute.title)
        self._words = label("", "muted", wrap=True)
        self._words.hide()
        self.bars = Bars(attribute.title, clickable=True) if attribute.kind == "category" else None
        self.graph = HistogramBars(attribute.title) if attribute.kind == "number" else None
        content: QWidget = self.bars or self.graph or QWidget()
        head = row(title, spacing=4)
        head.setStretch(0, 1)
        if self.bars is not None:
            self.classes = button("", icon="finetune", tip=tr("Choose which classes are shown"))
            self.classes.setAccessibleName(tr("Filter by {column}", column=attribute.title))
            self._menu = QMenu(self)
            self.classes.setMenu(self._menu)
            self._menu.aboutToShow.connect(self._fill_menu)
            head.addWidget(self.classes)
            self.bars.chosen.connect(self._on_class_chosen)
            self._count_classes()
        elif self.graph is not None:
            self.graph.bins_selected.connect(self._on_bins_selected)
            self.graph.filtered.connect(self._on_filtered)
        self.setLayout(column(head, self._words, content, spacing=4))

    def say(self, sentence: str) -> None:
        """Show what a statistic says of the whole graph."""
        self._words.setText(sentence)
        self._words.setVisible(bool(sentence))

    def show_histogram(self, found: Histogram | None, filter_: Filter | None) -> None:
        """Show the spread of a column of numbers."""
        self.histogram = found
        if found is None or self.graph is None:
            self.say(tr("No node has a number here."))
            return
        ends = (self._number(found.edges[0]), self._number(_last(found)))
        self.graph.show_counts(found.counts.tolist(), ends)
        self.show_filter(filter_)

    def show_filter(self, filter_: Filter | None) -> None:
        """Show what filters by this column."""
        if self.bars is not None:
            self.classes.setText("" if filter_ is None else tr("{count} shown", count=len(filter_.keep or ())))
        elif self.graph is not None and self.histogram is not None:
            edges = self.histogram.edges
            low = None if filter_ is None or filter_.low is None else int(np.searchsorted(edges, filter_.low))
            high = (
                None
                if filter_ is None or filter_.high is None
                else int(np.searchsorted(edges, filter_.high, "right")) - 1
            )
            last = len(edges) - 2
            self.graph.show_filter(
                None if low is None else min(low, last), None if high is None else min(max(high, 0), last)
            )

    def show_selected(self, mask: np.ndarray) -> None:
        """Show how the selection is spread."""
        if self.graph is not None and self.histogram is not None and len(mask) == len(self.histogram.bins):
            self.graph.show_part(self.histogram.of(mask).tolist() if mask.any() else [])

    def _count_classes(self) -> None:
        assert self.bars is not None
        codes = self.attribute.codes()
        counts = np.bincount(codes[codes >= 0], minlength=len(self.attribute.categories))
        names = self.attribute.categories[:_MOST_CLASSES]
        self.bars.set_bars([Bar(name, int(counts[i]), f"{counts[i]:,}", category=i) for i, name in enumerate(names)])

    def _number(self, value: float) -> str:
        decimals = self.attribute.decimals
        return f"{value:,.{decimals}f}" if decimals is not None else f"{value:,.4g}"

    @Slot()
    def _fill_menu(self) -> None:
        self._menu.clear()
        filter_ = self._session.filtering.get(self.attribute.key)
        for name in self.attribute.categories:
            action = QAction(name.replace("&", "&&"), self._menu)
            action.setCheckable(True)
            action.setChecked(filter_ is None or name in (filter_.keep or ()))
            action.setData(name)
            action.triggered.connect(self._on_class_toggled)
            self._menu.addAction(action)

    @Slot()
    def _on_class_toggled(self) -> None:
        action = self.sender()
        if not isinstance(action, QAction):
            return
        one, everything = self.attribute, self.attribute.categories
        before = self._session.filtering.get(one.key)
        kept = set(everything if before is None else before.keep or ())
        kept ^= {str(action.data())}
        if kept == set(everything):
            self._session.filtering.remove(one.key)
        else:
            keep = tuple(name for name in everything if name in kept)
            self._session.filtering.set(Filter(one.key, one.title, keep=keep))

    @Slot(object)
    def _on_class_chosen(self, number: int) -> None:
        self._session.selection.replace(self.attribute.codes() == number, tr("Select a class"))

    @Slot(object)
    def _on_bins_selected(self, asked: tuple[int, int, bool]) -> None:
        first, last, add = asked
        if self.histogram is None:
            return
        members, reason = self.histogram.members(first, last), tr("Select by {column}", column=self.attribute.title)
        if add:
            self._session.selection.add(members, reason)
        else:
            self._session.selection.replace(members, reason)

    @Slot(object)
    def _on_filtered(self, asked: tuple[int | None, int | None]) -> None:
        first, last = asked
        one, found = self.attribute, self.histogram
        if found is None:
            return
        if first is None and last is None:
            self._session.filtering.remove(one.key)
            return
        low = None if first is None else float(found.edges[first])
        high = None if last is None else found.largest(last)
        self._session.filtering.set(Filter(one.key, one.title, low, high))


def _last(found: Histogram) -> float:
    """Return the largest number there is: bins of whole numbers end one above it."""
    edges = found.edges
    is_whole = len(edges) > 2 and bool(np.equal(np.diff(edges), 1.0).all())
    return float(edges[-1] - 1.0 if is_whole or len(edges) == 2 else edges[-1])


def _worth_showing(attributes: Attributes) -> list[Attribute]:
    """Return columns of numbers and classes: first what was added and computed, then the run's, then the data's."""
    found = [one for one in attributes.by_key.values() if one.kind != "text"]
    added = [one for one in attributes.added() if one.kind != "text"]
    new = {one.key for one in added}
    return [*added, *(one for one in found if one.key not in new)]
