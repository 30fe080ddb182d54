"""Every command of the window as an action, made from its spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from app.kit import icons
from app.kit.translate import tr
from app.shell.specs import SPECS, ActionSpec

if TYPE_CHECKING:
    from app.session.session import Session

# The six stations and the steps between them.
STATION_KEYS = ("data", "explore", "pretrain", "finetune", "inspect", "export")
MENUS = ("File", "Edit", "View", "Graph", "Model", "Run", "Results", "Window", "Help")
NEXT_STEP_WORDS = {
    "go_explore": "Go on to exploring",
    "go_pretrain": "Go on to pretraining",
    "go_finetune": "Go on to fine-tuning",
    "go_inspect": "Look at the predictions",
    "go_export": "Export",
    "import_data": "Import",
    "open_files": "Choose files…",
    "choose_target": "Predict something…",
    "start_run": "Run",
    "start_pretraining": "Pretrain",
    "stop_run": "Stop and keep the best",
    "resume_run": "Resume",
    "write_export": "Write file…",
    "score_files": "Score new files…",
}


class Actions(QObject):
    """QActions made from the specs. `why_not(key)` says why one is disabled."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._specs = {spec.key: spec for spec in SPECS}
        self._made = {spec.key: self._make(spec) for spec in SPECS}
        self.update()

    def __getitem__(self, key: str) -> QAction:
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._made

    def keys(self) -> list[str]:
        """Return every key, in the order of the menus."""
        return list(self._made)

    def of_menu(self, menu: str) -> list[tuple[QAction, bool]]:
        """Return a menu's actions, each with whether a separator follows."""
        return [(self._made[spec.key], spec.ends_group) for spec in SPECS if spec.menu == menu]

    def why_not(self, key: str) -> str:
        """Return why an action is disabled, or an empty string."""
        stack = self._session.undo_stack
        if key == "undo":
            return "" if stack.canUndo() else tr("Nothing to undo.")
        if key == "redo":
            return "" if stack.canRedo() else tr("Nothing to redo.")
        return self._specs[key].why(self._session)

    def update(self) -> None:
        """Enable and disable by the session's state."""
        for key, action in self._made.items():
            why = self.why_not(key)
            action.setEnabled(not why)
            action.setStatusTip(why or action.toolTip())

    def refresh_icons(self) -> None:
        """Draw the icons in the colours of the theme."""
        for spec in SPECS:
            if spec.icon:
                self._made[spec.key].setIcon(icons.icon(spec.icon))

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(tr(spec.text), self)
        action.setObjectName(spec.key)
        keys: list[QKeySequence] = []
        for shortcut in spec.shortcuts:
            keys.extend(
                [QKeySequence(shortcut)] if isinstance(shortcut, str) else QKeySequence.keyBindings(shortcut)[:1]
            )
        action.setShortcuts([key for number, key in enumerate(keys) if not key.isEmpty() and key not in keys[:number]])
        action.setToolTip(tr(spec.tip))
        if spec.icon:
            action.setIcon(icons.icon(spec.icon))
        if spec.key == "quit":
            action.setMenuRole(QAction.MenuRole.QuitRole)
        return action
