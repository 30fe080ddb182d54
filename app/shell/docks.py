"""Views found in their folder, put into the centre and into docks; each station has an arrangement of its own."""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow, QSizePolicy, QStackedWidget, QTabBar, QWidget

import app.views
from app.kit import icons
from app.kit import settings as keys
from app.kit.settings import from_text, to_text
from app.kit.throttle import Throttle
from app.kit.translate import tr
from app.kit.widgets.basics import label, row, tool
from app.views._base import View

if TYPE_CHECKING:
    from app.session.session import Session

_log = logging.getLogger(__name__)
_FIRST, _OTHERS = 4, 3  # parts of a column's height
_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}


def find_views() -> list[type[View]]:
    """Return the views in `app/views`, by order; a file that does not load is logged and left out."""
    import pkgutil  # not before the first paint

    found: list[type[View]] = []
    for info in sorted(pkgutil.iter_modules(app.views.__path__), key=lambda info: info.name):
        if info.name.startswith("_"):
            continue
        try:
            module = importlib.import_module(f"app.views.{info.name}")
        except Exception:  # noqa: BLE001 - one broken view must not keep the window from opening
            _log.exception("The view %s could not be loaded.", info.name)
            continue
        found.extend(
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, View)
            and value.__module__ == module.__name__
            and "spec" in vars(value)
        )
    return sorted(found, key=lambda view: (view.spec.order, view.spec.key))


class DockTitle(QWidget):
    """A dock's title: its name, Float and Close, large enough to hit."""

    def __init__(self, dock: QDockWidget, text: str) -> None:
        super().__init__(dock)
        self.setObjectName("dock_title")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._dock = dock
        name = label(text.upper())
        name.setObjectName("dock_title_text")
        name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        body = row(name, spacing=0)
        body.setContentsMargins(12, 3, 4, 3)
        for icon, tip, slot in (
            ("float", tr("Float or dock"), self._on_float),
            ("close", tr("Hide; the View menu brings it back"), dock.close),
        ):
            made = tool(icon, tip, slot)
            made.setAccessibleName(f"{tip}: {text}")
            body.addWidget(made)
        self.setLayout(body)

    @Slot()
    def _on_float(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())


class Docks(QObject):
    """Owns the arrangement: which view is where at which station, as the user left it."""

    def __init__(self, window: QMainWindow, centre: QStackedWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._centre = centre
        self._session = session
        self._docks: dict[str, QDockWidget] = {}
        self._centres: dict[str, list[View]] = {}
        self._views: dict[str, View] = {}
        stored = session.settings.get(keys.LAYOUTS)
        self._layouts: dict[str, str] = dict(stored)
        self._station = ""
        self._bare = False  # every dock is hidden, but not by the user
        self._ends = False  # the window closes: docks that vanish now are not rearranged
        self._tidy = Throttle(self._tidy_tabs, 60, self)

    @property
    def views(self) -> dict[str, View]:
        """All views by key."""
        return self._views

    @property
    def docks(self) -> dict[str, QDockWidget]:
        """All docks by the key of their view."""
        return self._docks

    def build(self) -> None:
        """Make every view."""
        for kind in find_views():
            try:
                view = kind(self._session)
            except Exception:  # noqa: BLE001 - one broken view must not keep the window from opening
                _log.exception("The view %s could not be made.", kind.spec.key)
                continue
            self._views[kind.spec.key] = view
            if kind.spec.area == "centre":
                self._centre.addWidget(view)
                for station in (kind.spec.station, *kind.spec.also):
                    self._centres.setdefault(station, []).append(view)
            else:
                self._add_dock(view)

    def show_station(self, station: str) -> None:
        """Show a station's centre and docks, as they were left or as they are by default."""
        self._remember()
        self._station, self._bare = station, False
        self.show_centre()
        stored = self._layouts.get(station)
        if stored is None or not self._window.restoreState(from_text(stored)):
            self._arrange(station)
        self.show_suiting()
        self._tidy_tabs()

    @Slot()
    def show_suiting(self) -> None:
        """Where a tab in front has nothing to show for the open data, bring one forward that has."""
        for key, dock in self._docks.items():
            if dock.isHidden() or dock.visibleRegion().isEmpty() or self._views[key].suits(self._session):
                continue
            others = self._window.tabifiedDockWidgets(dock)
            keys_ = [other for other, one in self._docks.items() if one in others and not one.isHidden()]
            better = next((other for other in keys_ if self._views[other].suits(self._session)), None)
            if better is not None:
                self._docks[better].raise_()

    @Slot()
    def show_centre(self) -> None:
        """Show the station's centre that suits the data."""
        centres = self._centres.get(self._station, [])
        if centres:
            self._centre.setCurrentWidget(next((one for one in centres if one.suits(self._session)), centres[0]))

    def hide_all(self) -> None:
        """Show no dock: there is nothing yet that they could tell."""
        if self._bare:
            return
        self._remember()
        self._bare = True
        for dock in self._docks.values():
            dock.hide()
        self._tidy_tabs()

    def _remember(self) -> None:
        """Keep how the user left the station's docks."""
        if self._station and not self._bare:
            self._layouts[self._station] = to_text(self._window.saveState())

    def reset(self) -> None:
        """Forget how the user left the station's docks."""
        self._layouts.pop(self._station, None)
        self._arrange(self._station)
        self._tidy_tabs()

    def store(self) -> None:
        """Remember the arrangement for the next start."""
        self._remember()
        self._session.settings.set(keys.LAYOUTS, self._layouts)
        self._ends = True
        self._tidy.cancel()

    def of_station(self, station: str) -> list[QDockWidget]:
        """Return the docks that belong to a station."""
        return [
            dock
            for key, dock in self._docks.items()
            if station in (self._views[key].spec.station, *self._views[key].spec.also)
        ]

    def _add_dock(self, view: View) -> None:
        spec = view.spec
        title = tr(spec.title)
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock_{spec.key}")
        dock.setWidget(view)
        dock.setTitleBarWidget(DockTitle(dock, title))
        dock.setAccessibleName(title)
        dock.toggleViewAction().setIcon(icons.icon(spec.icon))
        dock.visibilityChanged.connect(self._on_visibility_changed)
        self._docks[spec.key] = dock
        self._window.addDockWidget(_AREAS[spec.area], dock)
        dock.hide()

    def _arrange(self, station: str) -> None:
        """Put the station's docks where their specs say."""
        mine = {key: dock for key, dock in self._docks.items() if dock in self.of_station(station)}
        for dock in self._docks.values():
            dock.setFloating(False)
            dock.hide()
        last: dict[str, QDockWidget] = {}
        # Split first and tab afterwards: Qt adds a dock that should split a tabbed one as one more tab.
        for key, dock in sorted(mine.items(), key=lambda item: self._host(item[0], mine) is not None):
            spec, host = self._views[key].spec, self._host(key, mine)
            self._window.removeDockWidget(dock)
            if host is not None:
                self._window.addDockWidget(_AREAS[spec.area], dock)
                self._window.tabifyDockWidget(mine[host], dock)
            elif spec.area in last and spec.area != "bottom":
                self._window.splitDockWidget(last[spec.area], dock, Qt.Orientation.Vertical)
                last[spec.area] = dock
            else:
                self._window.addDockWidget(_AREAS[spec.area], dock)
                last[spec.area] = dock
            dock.setVisible(not spec.on_demand)
        for host in {self._host(key, mine) for key in mine}:
            if host is not None:
                mine[host].raise_()
        self._size(mine)

    def _host(self, key: str, mine: dict[str, QDockWidget]) -> str | None:
        """Return the view whose place a view shares as a tab, None for a place of its own."""
        return next((other for other in self._views[key].spec.tabs if other in mine), None)

    @Slot()
    def _on_visibility_changed(self) -> None:
        if not self._ends:
            self._tidy.request()

    def _tidy_tabs(self) -> None:
        """Show the tab bars that belong to docks as they lie now, and no others.

        Docks that were taken out leave their place behind in Qt, and its tab bar over whatever is shown there next.
        """
        layout = self._window.layout()
        if layout is not None:
            layout.activate()
        found = self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        wanted = [self._bar_of(group, found) for group in self._groups()]
        for bar in found:
            bar.setVisible(any(bar is one for one in wanted))
            bar.setAccessibleName(tr("Panels that share this place"))

    def _groups(self) -> list[list[QDockWidget]]:
        """Return the docks in sight that share a place, each group once."""
        there = [dock for dock in self._docks.values() if not dock.isHidden() and not dock.isFloating()]
        groups: list[list[QDockWidget]] = []
        for dock in there:
            with_it = [dock, *(other for other in self._window.tabifiedDockWidgets(dock) if other in there)]
            if len(with_it) > 1 and not any(dock in group for group in groups):
                groups.append(with_it)
        return groups

    @staticmethod
    def _bar_of(group: list[QDockWidget], bars: list[QTabBar]) -> QTabBar | None:
        """Return the tab bar of a group: it has their names, and of several that do it lies next to them."""
        names = {dock.windowTitle() for dock in group}
        named = [bar for bar in bars if {bar.tabText(number) for number in range(bar.count())} == names]
        # Docks behind the front one keep an older place: the nearest of all pairs counts.
        places = [dock.geometry() for dock in group]

        def away(bar: QTabBar) -> int:
            at = bar.geometry()
            return min(
                abs(place.left() - at.left())
                + abs(place.right() - at.right())  # a bar left behind may lie there too, as wide as its docks were
                + min(abs(place.top() - at.bottom()), abs(place.bottom() - at.top()))
                for place in places
            )

        return min(named, key=away, default=None)

    def _size(self, mine: dict[str, QDockWidget]) -> None:
        """Give each area its share of the window."""
        for area, share, orientation in (
            ("left", 0.21, Qt.Orientation.Horizontal),
            ("right", 0.27, Qt.Orientation.Horizontal),
            ("bottom", 0.27, Qt.Orientation.Vertical),
        ):
            here = [dock for key, dock in mine.items() if self._views[key].spec.area == area]
            whole = self._window.width() if orientation == Qt.Orientation.Horizontal else self._window.height()
            if here:
                self._window.resizeDocks(here, [round(whole * share)] * len(here), orientation)
        for area in ("left", "right"):
            column = [
                dock
                for key, dock in mine.items()
                if self._views[key].spec.area == area and self._host(key, mine) is None
            ]
            # The first of a column matters most; without this Qt goes by what each could be squeezed to.
            parts = [_FIRST, *[_OTHERS] * (len(column) - 1)]
            heights = [self._window.height() * part // sum(parts) for part in parts]
            if len(column) > 1:
                self._window.resizeDocks(column, heights, Qt.Orientation.Vertical)


def spacer() -> QWidget:
    """Return what pushes the rest of a tool bar to its end."""
    made = QWidget()
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    made.setObjectName("panel")
    return made
