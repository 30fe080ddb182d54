"""Preferences of the window; nothing here changes a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox, QWidget

from app.dialogs._base import Dialog
from app.kit import settings as keys
from app.kit import theme, translate
from app.kit.translate import tr
from app.kit.widgets.basics import button, label, row

if TYPE_CHECKING:
    from app.kit.settings import Settings


class Preferences(Dialog):
    """Theme and notifications, which hold at once, and the language, which holds from the next start."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(tr("Preferences"), parent, width=440)
        self._settings = settings
        self.theme = QComboBox()
        self.theme.setAccessibleName(tr("Theme"))
        for key, words in (("system", tr("As the system")), ("light", tr("Light")), ("dark", tr("Dark"))):
            self.theme.addItem(words, key)
        self.theme.setCurrentIndex(max(0, self.theme.findData(settings.get(keys.THEME))))
        self.theme.activated.connect(self._on_theme)
        self.language = QComboBox()
        self.language.setAccessibleName(tr("Language"))
        self.language.addItem(tr("As the system"), translate.SYSTEM)
        for key, name in translate.LANGUAGES.items():
            # A language is named in itself: who cannot read the others finds it.
            self.language.addItem(name, key)
        self.language.setCurrentIndex(max(0, self.language.findData(settings.get(keys.LANGUAGE))))
        self.language.activated.connect(self._on_language)
        self._restart = label(tr("The language changes when Kith is opened the next time."), "muted", wrap=True)
        self._restart.hide()
        self.notify = QSpinBox()
        self.notify.setAccessibleName(tr("Notify about runs longer than, in seconds"))
        self.notify.setRange(5, 86_400)
        self.notify.setSuffix(tr(" s"))
        seconds: float = settings.get(keys.NOTIFY_AFTER)
        self.notify.setValue(round(seconds))
        self.notify.valueChanged.connect(self._on_notify)
        note = label(tr("What changes a result is in the recipe, never here."), "muted", wrap=True)
        self.fill(
            row(label(tr("Theme")), None, self.theme),
            row(label(tr("Language")), None, self.language),
            self._restart,
            row(label(tr("Notify when a run takes longer than")), None, self.notify),
            note,
            row(None, button(tr("Close"), self.accept, primary=True)),
        )

    @Slot(int)
    def _on_theme(self, number: int) -> None:
        choice = self.theme.itemData(number)
        self._settings.set(keys.THEME, choice)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, choice)

    @Slot(int)
    def _on_language(self, number: int) -> None:
        choice = self.language.itemData(number)
        self._restart.setVisible(choice != self._settings.get(keys.LANGUAGE))
        self._settings.set(keys.LANGUAGE, choice)

    @Slot(int)
    def _on_notify(self, seconds: int) -> None:
        self._settings.set(keys.NOTIFY_AFTER, float(seconds))
