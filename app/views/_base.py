"""What a view is: a widget that gets the session, and a spec that says where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

from app.kit.translate import tr

if TYPE_CHECKING:
    from app.canvas.figure import Source
    from app.session.session import Session

Station = Literal["data", "explore", "pretrain", "finetune", "inspect", "export"]
Area = Literal["centre", "left", "right", "bottom"]


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """Where a view belongs.

    Args:
        key: file name under `app/views`, stable, names the dock in saved layouts.
        title: English, short; translated where it is shown.
        station: where it lives. also: further stations that show it.
        area: the centre (one for each station), or the dock area beside it.
        order: within its area, small first. tabs: shares its place with the first of these views that the station has.
        icon: name in `app.kit.icons`. on_demand: hidden until it is asked for.
    """

    key: str
    title: str
    station: Station
    area: Area
    also: tuple[Station, ...] = ()
    order: int = 50
    tabs: tuple[str, ...] = ()
    icon: str = "table"
    on_demand: bool = False


class View(QWidget):
    """Base of all views; they show the session's state and call its methods, and know no other view.

    `commands` maps keys of actions to what the view does for them.
    """

    spec: ClassVar[ViewSpec]

    @classmethod
    def suits(cls, session: Session) -> bool:
        """Say whether what is open has something to show here; of several centres or tabs one that does is shown."""
        return True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.heart: QWidget | None = None  # what the view is about: a picture, a table
        self.commands: dict[str, Callable[[], object]] = {}
        self.exported: Source | None = None  # where the view shows one that can be exported
        self.setObjectName("panel")
        # A plain widget paints no background of its own; the centre keeps the window's.
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, self.spec.area != "centre")
        self.setAccessibleName(tr(self.spec.title))

    def take_focus(self) -> None:
        """Give the keyboard to what the view is about, or else to the first control that is in sight."""
        if self.heart is not None and self.heart.isVisibleTo(self):
            self.heart.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        for widget in self.findChildren(QWidget):
            can_focus = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled()
            # A scroll area is no control; a table, which is one by descent, shows something of its own.
            is_frame = isinstance(widget, QScrollArea)
            if can_focus and widget.isVisibleTo(self) and not is_frame:
                widget.setFocus(Qt.FocusReason.TabFocusReason)
                return
        self.setFocus(Qt.FocusReason.TabFocusReason)
