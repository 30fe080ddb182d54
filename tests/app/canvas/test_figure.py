"""What is exported is what is seen: pixels, lines, legend, title."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from app.canvas import figure as figures
from app.canvas.figure import Figure, as_image, is_vector, write
from app.canvas.graph_canvas import GraphCanvas
from app.canvas.viewport import fitted
from app.kit import theme
from tests.app.canvas.test_frame import LOOK
from tests.support.pictures import scene


@pytest.fixture
def figure(qapp) -> Figure:
    theme.apply(qapp, "dark")
    shown = scene()
    return Figure(shown, fitted(shown.bounds(), 300, 200), LOOK, 6.0, QFont(), legend_at=(0.0, 1.0))


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return (
        np.frombuffer(image.constBits(), np.uint8)
        .reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width(), :3]
        .astype(int)
    )


def painted_svg(path: Path, figure: Figure) -> QImage:
    image = QImage(figure.size, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    QSvgRenderer(str(path)).render(painter, QRectF(0, 0, image.width(), image.height()))
    painter.end()
    return image


def test_a_figure_without_a_title_is_the_canvas(qtbot, qapp) -> None:
    theme.apply(qapp, "dark")
    canvas = GraphCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(320, 260)
    canvas.set_scene(scene())
    canvas.show()
    qtbot.waitExposed(canvas)
    canvas.clearFocus()
    canvas.legend.clearFocus()
    seen = pixels(canvas.grab().toImage())
    found = canvas.figure()
    assert found is not None
    drawn = pixels(as_image(found, 1.0))
    assert drawn.shape == seen.shape
    apart = np.abs(drawn - seen).max(axis=2)
    assert (apart > 40).mean() < 0.01


def test_the_scale_multiplies_the_pixels_and_has_an_end(figure: Figure) -> None:
    image = as_image(figure, 2.5)
    assert (image.width(), image.height()) == (750, 500)
    assert as_image(figure, 1e9).width() <= 10_000
    assert figure.most_scale() == 32  # the root of 64 million pixels by 60,000


def test_a_title_makes_the_figure_higher_and_is_written(figure: Figure) -> None:
    plain, titled = as_image(figure, 1.0), as_image(replace(figure, title="Who talks to whom"), 1.0)
    more = titled.height() - plain.height()
    assert more > 20
    assert (pixels(titled)[:more].max() - pixels(titled)[:more].min()) > 100
    assert np.abs(pixels(titled)[more:] - pixels(plain)).mean() < 1


def test_without_its_place_there_is_no_legend(figure: Figure) -> None:
    corner = (slice(150, 190), slice(14, 60))
    assert np.ptp(pixels(as_image(figure, 1.0))[corner], axis=(0, 1)).max() > 60
    bare = pixels(as_image(replace(figure, legend_at=None), 1.0))
    assert np.ptp(bare[corner].reshape(-1, 3)[-40:], axis=0).max() == 0


def test_lines_and_pixels_show_the_same(figure: Figure, tmp_path: Path) -> None:
    write(figure, tmp_path / "figure.svg")
    apart = np.abs(pixels(painted_svg(tmp_path / "figure.svg", figure)) - pixels(as_image(figure, 1.0)))
    assert apart.mean() < 3
    assert (apart.max(axis=2) > 80).mean() < 0.02
    root = ElementTree.parse(tmp_path / "figure.svg").getroot()
    assert root.get("viewBox") == "0 0 300 200"
    assert not root.findall(".//{http://www.w3.org/2000/svg}image")  # lines, not a picture


def test_many_edges_become_a_picture_in_a_frame_of_lines(
    figure: Figure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "VECTOR_EDGES", 5)
    assert not is_vector(figure)
    write(figure, tmp_path / "figure.svg")
    root = ElementTree.parse(tmp_path / "figure.svg").getroot()
    assert len(root.findall(".//{http://www.w3.org/2000/svg}image")) == 1
    apart = np.abs(pixels(painted_svg(tmp_path / "figure.svg", figure)) - pixels(as_image(figure, 1.0)))
    assert apart.mean() < 4


@pytest.mark.parametrize(("name", "begin"), [("a.png", b"\x89PNG"), ("b.PDF", b"%PDF"), ("c.svg", b"<?xml")])
def test_the_ending_says_the_form_and_nothing_else_is_left(
    figure: Figure, tmp_path: Path, name: str, begin: bytes
) -> None:
    write(replace(figure, title="Title"), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begin)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_cannot_be_written_says_why_and_leaves_nothing(figure: Figure, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="png, svg, pdf"):
        write(figure, tmp_path / "figure.bmp")
    for kind in ("png", "svg", "pdf"):
        with pytest.raises(OSError, match="figure"):
            write(figure, tmp_path / "missing" / f"figure.{kind}")
    assert list(tmp_path.iterdir()) == []
