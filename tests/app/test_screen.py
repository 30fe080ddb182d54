"""The screen that journeys are driven on shows what a program draws and passes on real input."""

import sys

import pytest
from PySide6.QtGui import QImage

from tests.support.screen import Screen

_PROGRAM = """
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

class Red(QWidget):
    def mousePressEvent(self, event):
        self.setWindowTitle(f"clicked {event.position().toPoint().x()} {event.position().toPoint().y()}")

application = QApplication([])
red = Red()
red.setWindowTitle("red window")
red.setStyleSheet("background: #ff0000")
red.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
red.setGeometry(100, 50, 400, 300)
line = QLineEdit(red)
line.move(10, 200)
line.returnPressed.connect(lambda: red.setWindowTitle("typed " + line.text()))
red.show()
application.exec()
"""


@pytest.mark.xvfb
def test_a_real_click_and_real_keys_reach_the_program_and_its_picture_is_true(screen: Screen) -> None:
    screen.launch(sys.executable, "-c", _PROGRAM)
    screen.window("red window")
    picture = QImage(str(screen.picture("screen")))
    assert (picture.width(), picture.height()) == (screen.width, screen.height)
    assert picture.pixelColor(300, 200).name() == "#ff0000"
    assert picture.pixelColor(900, 700).name() != "#ff0000"
    screen.click(150, 80)
    screen.window("clicked 50 30")
    screen.click(130, 262)
    screen.type("hello")
    screen.key("Return")
    screen.window("typed hello")
