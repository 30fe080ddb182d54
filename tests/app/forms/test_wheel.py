"""The wheel scrolls a form; it changes nothing in it."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.forms.fields.choice import ChoiceField
from app.forms.schema import FieldSpec


def test_the_wheel_over_a_choice_changes_nothing(qtbot) -> None:
    field = ChoiceField(FieldSpec("metric", "choice", "Metric", "", choices=("auto", "accuracy", "macro_f1")))
    qtbot.addWidget(field)
    field.show_value("auto")
    field.show()
    box = field.editor()
    box.setFocus()
    edited: list[object] = []
    field.edited.connect(edited.append)
    none = Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    where = QPointF(5, 5)
    wheel = QWheelEvent(
        where, box.mapToGlobal(where), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, none, phase, False
    )
    QApplication.sendEvent(box, wheel)
    assert edited == []
    assert box.currentData() == "auto"
    assert not wheel.isAccepted()  # so the page takes it
