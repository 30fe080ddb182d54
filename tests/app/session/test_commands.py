"""Changes that follow each other at once are one step; later ones are steps of their own."""

import pytest
from PySide6.QtGui import QUndoStack

from app.session import commands
from app.session.commands import Change


@pytest.mark.parametrize(("pause", "steps"), [(0.5, 1), (30.0, 2)])
def test_only_changes_at_once_are_one_step(qapp, monkeypatch, pause: float, steps: int) -> None:
    now = [100.0]
    monkeypatch.setattr(commands.time, "monotonic", lambda: now[0])
    stack, put = QUndoStack(), []
    stack.push(Change("Type", 5, 6, put.append, topic="epochs"))
    now[0] += pause
    stack.push(Change("Type", 6, 7, put.append, topic="epochs"))
    assert stack.count() == steps
    stack.undo()
    assert put[-1] == (5 if steps == 1 else 6)
