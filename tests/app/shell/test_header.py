"""The bar above the centre asks for one thing, and offers at most a second."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.shell.header import Header
from app.shell.stations import STATIONS, StationState

LEFT = Qt.MouseButton.LeftButton


def test_new_files_can_be_scored_beside_the_next_step(qtbot) -> None:
    header = Header()
    qtbot.addWidget(header)
    asked: list[object] = []
    header.step.connect(asked.append)
    header.show_state(STATIONS[4], StationState("ready", "Predictions are ready", "go_export", also="score_files"))
    shown = {button.text(): button for button in header.findChildren(QPushButton) if not button.isHidden()}
    assert set(shown) == {"Export", "Score new files…"}
    qtbot.mouseClick(shown["Score new files…"], LEFT)
    qtbot.mouseClick(shown["Export"], LEFT)
    assert asked == ["score_files", "go_export"]
    header.show_state(STATIONS[0], StationState("ready", "Drop files to begin", "open_files"))
    assert [button.text() for button in header.findChildren(QPushButton) if not button.isHidden()] == ["Choose files…"]
