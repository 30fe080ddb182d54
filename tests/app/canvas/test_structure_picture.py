"""One structure with a place to itself: as large as that place."""

import pytest
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.canvas.structure_picture import Scale, StructurePicture

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='560' height='400'><rect width='560' height='400'/></svg>"


@pytest.fixture
def place(qtbot) -> tuple[QScrollArea, StructurePicture]:
    """A dock's page that scrolls, with a structure above the rest."""
    picture, page, area = StructurePicture(), QWidget(), QScrollArea()
    layout = QVBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(picture)
    layout.addStretch(1)
    page.setLayout(layout)
    area.setWidgetResizable(True)
    area.setWidget(page)
    qtbot.addWidget(area)
    picture.show_drawing(SVG)
    area.show()
    return area, picture


def test_a_wider_place_makes_the_structure_larger_up_to_a_bound(qtbot, place) -> None:
    area, picture = place
    line = picture.fontMetrics().height()
    for lines in (24, 40):
        area.resize(lines * line, 60 * line)
        qtbot.waitUntil(lambda: picture.width() == area.viewport().width(), timeout=2000)
        assert picture.height() == pytest.approx(picture.width() * 5 / 7, abs=1), "the drawing fills it"
    area.resize(90 * line, 60 * line)
    qtbot.waitUntil(lambda: picture.width() > 80 * line, timeout=2000)
    assert picture.height() == 32 * line, "the rest of the page stays in sight"


def test_the_bar_of_colours_has_a_place_of_its_own(place) -> None:
    _, picture = place
    plain = picture.heightForWidth(400)
    picture.show_drawing(SVG, Scale(1.0, ("#0000ff", "#ffffff", "#ff0000")))
    assert picture.heightForWidth(400) > plain + picture.fontMetrics().height()
