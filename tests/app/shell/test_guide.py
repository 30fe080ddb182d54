"""The guide is read inside the window, without a network, in every language, and with the keyboard alone."""

from collections.abc import Iterator
from importlib import metadata

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextCursor, QTextDocument

from app.dialogs import guide
from app.kit import translate
from app.kit.translate import LANGUAGES

_TITLES = {
    "en": ("Guide and figures", "Two commands", "resources/help/speed.md", "Speed, measured"),
    "zh_CN": ("指南与实测数字", "两条命令", "speed.md", "速度：实测"),
}


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    translate.set_language("en")


@pytest.fixture
def shown(opened, qtbot, monkeypatch):
    """Return what opens the guide from the menu, in a language."""

    def show(language: str) -> guide.Guide:
        monkeypatch.setenv("KITH_LANGUAGE", language)
        window = opened.open().window
        window.actions_["guide"].trigger()
        (dialog,) = window.findChildren(guide.Guide)
        qtbot.waitExposed(dialog)
        return dialog

    return show


def _widths(dialog: guide.Guide) -> list[float]:
    """Return how wide each picture of the page is shown; 0 where it is not found."""
    document, found = dialog.pages.document(), []
    cursor = QTextCursor(document)
    for place in range(document.characterCount()):
        if document.characterAt(place) == "\N{OBJECT REPLACEMENT CHARACTER}":
            cursor.setPosition(place + 1)
            name = QUrl(cursor.charFormat().toImageFormat().name())
            picture = document.resource(QTextDocument.ResourceType.ImageResource.value, name)
            found.append(picture.deviceIndependentSize().width() if isinstance(picture, QImage) else 0)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_opens_in_the_language_with_its_pictures_and_leads_to_the_figures(shown, language: str) -> None:
    title, heading, link, page = _TITLES[language]
    dialog = shown(language)
    assert dialog.windowTitle() == title
    assert heading in dialog.pages.toPlainText()
    assert len(_widths(dialog)) == 5
    assert all(0 < width <= dialog.width() / 2 for width in _widths(dialog))
    dialog.pages.setSource(QUrl(link))
    assert dialog.pages.toPlainText().startswith(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_other_language_is_gone_to_and_left_again_by_keys(shown, qtbot, language: str) -> None:
    here, there = (_TITLES[name][1] for name in sorted(LANGUAGES, key=lambda name: name != language))
    dialog = shown(language)
    assert dialog.pages.accessibleName()
    assert not dialog.back.isEnabled()
    qtbot.keyClick(dialog.pages, Qt.Key.Key_Tab)
    qtbot.keyClick(dialog.pages, Qt.Key.Key_Return)
    assert there in dialog.pages.toPlainText()
    assert len(_widths(dialog)) == 5
    assert all(_widths(dialog))
    qtbot.keyClick(dialog.pages, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert here in dialog.pages.toPlainText()
    assert not dialog.back.isEnabled()


def test_an_installed_program_shows_the_readme_that_it_carries(shown, monkeypatch) -> None:
    monkeypatch.setattr(guide, "_OF_A_CHECKOUT", "not/here")
    monkeypatch.setattr(metadata, "metadata", lambda name: {"Description": f"# As {name} was installed"})
    assert shown("en").pages.toPlainText() == "As kith was installed"


def test_a_guide_that_is_missing_is_told(monkeypatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(guide, "_OF_A_CHECKOUT", "not/here")
    monkeypatch.setattr(metadata, "metadata", missing)
    assert guide.readme() == "The guide is missing. Install the program again."
