"""The window in its states, in both themes and languages: pictures to look at, and nothing that a machine finds wrong.

The pictures lie in tests/artefacts/window; `python -m tests.support.make_states` takes all of them.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTableView, QWidget

from app.kit import sayings, theme, translate
from app.kit.widgets.basics import column
from app.kit.widgets.choice import Choice
from tests.support import pictures
from tests.support.screen import ARTEFACTS
from tests.support.sight import seen_wrong
from tests.support.six_states import Showing

SIZE = (1280, 720)
THEMES = ("light", "dark")


@pytest.fixture
def folder() -> Path:
    """Where the pictures go."""
    found = ARTEFACTS / "window"
    found.mkdir(parents=True, exist_ok=True)
    return found


@pytest.fixture
def showing(request, qtbot, qapp, tmp_path: Path, monkeypatch) -> Iterator[Showing]:
    """A window in a language, whose jobs are real."""
    monkeypatch.delenv("KITH_LANGUAGE", raising=False)
    before = theme.tokens().name
    made = Showing(qapp, tmp_path / "home", request.param)
    yield made
    made.close()
    theme.apply(qapp, before)
    translate.set_language("en")
    sayings.load("en", None)


def _look(showing: Showing, state: str, choice: str, folder: Path) -> list[str]:
    """Take the state's picture in a theme, and return what is wrong in it."""
    showing.arrange(state, *SIZE)
    file = folder / f"{state}-{translate.language()}-{choice}.png"
    wrong = [f"{file.stem}: {line}" for line in showing.take(choice, file)]
    assert file.stat().st_size > 10_000, "the picture shows something"
    return wrong


@pytest.mark.slow
@pytest.mark.parametrize("showing", ["en", "zh_CN"], indirect=True)
def test_states_without_a_training_show_nothing_cut_or_overlapping(showing, qtbot, folder: Path) -> None:
    # There in one theme, back in the other: changing it takes as long as all the rest.
    there, back = THEMES
    showing.go_to("welcome")
    wrong = _look(showing, "welcome", there, folder)
    showing.go_to("import")
    wrong += _look(showing, "import", there, folder)
    # The hand-made graph has its run: it stands for a project that was trained in.
    pictures.fill(showing.session, qtbot)
    for station, choice in (("explore", there), ("inspect", there), ("inspect", back), ("explore", back)):
        showing.window.show_station(station)
        wrong += _look(showing, station, choice, folder)
    showing.window.show_station("data")
    wrong += _look(showing, "import", back, folder)
    showing.session.new_project()
    showing.spin(0.3)
    wrong += _look(showing, "welcome", back, folder)
    assert not wrong, "\n".join(sorted(set(wrong)))


def _shown(qtbot, widget: QWidget) -> QWidget:
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def test_a_button_too_narrow_for_its_text_is_seen(qtbot) -> None:
    made = QPushButton("Go on to pretraining")
    window = QWidget()
    window.setLayout(column(made))
    made.setFixedWidth(40)
    _shown(qtbot, window)
    assert any("Go on to pretraining" in line and "width" in line for line in seen_wrong(window))
    made.setFixedWidth(400)
    qtbot.waitUntil(lambda: not seen_wrong(window), timeout=2_000)


def test_widgets_over_each_other_or_outside_are_seen(qtbot) -> None:
    window = QWidget()
    window.resize(300, 200)
    one, other = QLabel("one", window), QLabel("other", window)
    one.setGeometry(10, 10, 100, 40)
    other.setGeometry(60, 20, 100, 40)
    _shown(qtbot, window)
    assert any("overlap" in line for line in seen_wrong(window))
    other.setGeometry(250, 150, 100, 40)
    assert any("lies outside" in line for line in seen_wrong(window))
    other.setGeometry(120, 10, 100, 40)
    assert not seen_wrong(window)


def test_a_choice_that_is_cut_has_the_whole_in_its_tip(qtbot) -> None:
    box = Choice("What the colours show")
    window = QWidget()
    window.setLayout(column(box))
    box.addItems(["Predicted <b>department</b>", "Sales"])
    box.setFixedWidth(60)
    _shown(qtbot, window)
    assert "Predicted &lt;b&gt;department" in box.toolTip()
    assert not seen_wrong(window)
    box.setCurrentIndex(1)
    assert "Sales" in box.toolTip()
    assert "Predicted" not in box.toolTip()
    assert "What the colours show" in box.toolTip()


@pytest.mark.parametrize("showing", ["en"], indirect=True)
def test_a_long_title_of_a_column_of_numbers_keeps_its_beginning(showing, qtbot) -> None:
    pictures.fill(showing.session, qtbot)
    table = showing.window.docks.views["predictions"].table
    assert isinstance(table, QTableView)
    assert table.horizontalHeader().textElideMode() == Qt.TextElideMode.ElideRight
    model = table.model()
    for number in range(model.columnCount()):
        title = model.headerData(number, Qt.Orientation.Horizontal)
        assert title in model.headerData(number, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
