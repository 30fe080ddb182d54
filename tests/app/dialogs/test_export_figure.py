"""The dialog that writes a figure."""

from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QGuiApplication, QImage

from app.canvas.figure import Figure, Source, drawn_here
from app.canvas.viewport import fitted
from app.dialogs.export_figure import ExportFigure
from app.kit import theme
from tests.app.canvas.test_frame import LOOK
from tests.support.pictures import scene


class Answers:
    """Says where to write."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def save(self, title: str, name: str, kinds: str = "") -> Path | None:
        return self.path


@pytest.fixture
def made(qtbot, qapp, tmp_path):
    theme.apply(qapp, "dark")
    shown = scene()
    figure = Figure(shown, fitted(shown.bounds(), 300, 200), LOOK, 6.0, QFont(), legend_at=(0.0, 1.0))
    source = Source("Graph", lambda: figure, drawn_here)
    dialog = ExportFigure({"graph": source}, Answers(tmp_path / "out"))
    qtbot.addWidget(dialog)
    return dialog


def test_saving_writes_what_was_chosen(qtbot, made, tmp_path) -> None:
    made.title.setText("  A title ")
    made.legend.setChecked(False)
    made.scale.setValue(2.0)
    found = made.figure()
    assert (found.title, found.legend_at) == ("A title", None)
    assert "600 ×" in made.note.text()
    made.save.click()
    qtbot.waitUntil(lambda: "Written" in made.note.text(), timeout=10_000)
    image = QImage(str(tmp_path / "out.png"))  # without an ending it is a PNG
    assert image.width() == 600
    assert made.save.isEnabled()


def test_copying_puts_the_picture_on_the_clipboard(qtbot, made) -> None:
    made.scale.setValue(1.0)
    made.copy.click()
    qtbot.waitUntil(lambda: "clipboard" in made.note.text(), timeout=10_000)
    assert QGuiApplication.clipboard().image().width() == 300


def test_a_place_that_cannot_be_written_is_said(qtbot, made, tmp_path) -> None:
    made._asking = Answers(tmp_path / "missing" / "figure.svg")
    made.save.click()
    qtbot.waitUntil(lambda: "could not be written" in made.note.text(), timeout=10_000)


def test_without_a_picture_there_is_nothing_to_save(qtbot, qapp) -> None:
    dialog = ExportFigure({}, Answers(None))
    qtbot.addWidget(dialog)
    assert not dialog.save.isEnabled()
    assert not dialog.copy.isEnabled()
