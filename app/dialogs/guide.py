"""The README and the pages of figures, in the user's language, as they lie beside the program."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QKeySequence, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QWidget

from app.dialogs._base import Dialog
from app.kit.translate import language, tr
from app.kit.widgets.basics import button, row
from engine.core.resources import resource

_README = "README.md"
# Only a checkout has it. What lies beside an installed program may be the README of another one.
_OF_A_CHECKOUT = "packaging/run"
# How much of the dialog's width a picture takes at most: beside it, in a table, stands its text.
_PICTURE_SHARE = 0.42


class Guide(Dialog):
    """Pages that link to each other, and a way back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Guide and figures"), parent, width=720)
        self.resize(self.sizeHint().expandedTo(self.screen().availableSize() * 0.7))
        self.pages = Pages(widest=round(_PICTURE_SHARE * self.width()))
        self.pages.setAccessibleName(tr("Page of the guide"))
        self.pages.setMinimumHeight(320)
        self.back = button(tr("Back"), self.pages.backward, icon="undo", tip=tr("Go back to the page before"))
        self.back.setShortcut(QKeySequence.StandardKey.Back)
        self.back.setEnabled(False)
        self.pages.backwardAvailable.connect(self.back.setEnabled)
        self.fill(self.pages, row(self.back, None, button(tr("Close"), self.accept)))
        self.pages.setSource(QUrl.fromLocalFile(str(first_page())), QTextDocument.ResourceType.MarkdownResource)
        self.pages.setFocus(Qt.FocusReason.OtherFocusReason)


class Pages(QTextBrowser):
    """Shows Markdown from this machine; links lead from page to page. Args: widest: picture, in pixels."""

    def __init__(self, *, widest: int) -> None:
        super().__init__()
        self._widest = widest

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Return a page's text, or a picture no wider than what is read beside it."""
        path = Path(self.source().resolved(name).toLocalFile())
        if kind == QTextDocument.ResourceType.MarkdownResource.value and path == _root() / _README:
            return readme()
        if kind == QTextDocument.ResourceType.ImageResource.value:
            return self._picture(path)
        return super().loadResource(kind, name)

    def _picture(self, path: Path) -> QImage:
        image = QImage(str(path))
        ratio = self.devicePixelRatio()
        if image.width() > self._widest * ratio:
            image = image.scaledToWidth(round(self._widest * ratio), Qt.TransformationMode.SmoothTransformation)
            image.setDevicePixelRatio(ratio)
        return image


def first_page() -> Path:
    """Return the README in the language of the window, the English one where there is no other."""
    other = resource("help") / language() / _README
    return other if other.is_file() else _root() / _README


def readme() -> str:
    """Return the English README: the file in a checkout, the description that an installed program carries."""
    file = _root() / _README
    if (_root() / _OF_A_CHECKOUT).is_file():
        return file.read_text(encoding="utf-8")
    try:
        told = metadata.metadata("kith")
    except metadata.PackageNotFoundError:
        return tr("The guide is missing. Install the program again.")
    return told["Description"]


def _root() -> Path:
    return resource().parent
