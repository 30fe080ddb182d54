from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.kit.widgets.tall import Tall


def test_a_page_is_never_narrower_than_what_stands_on_it_but_may_be_lower(qtbot) -> None:
    page = QWidget()
    page.setLayout(QVBoxLayout())
    area = Tall(page)
    qtbot.addWidget(area)
    area.show()
    for _ in range(2):  # what comes later counts as well
        wide = QLabel()
        wide.setMinimumSize(area.minimumSizeHint().width() + 200, 900)
        page.layout().addWidget(wide)
        qtbot.waitUntil(lambda: area.minimumSizeHint().width() > wide.minimumWidth(), timeout=5_000)  # noqa: B023
        assert area.minimumSizeHint().height() < 200
