"""Pinned nodes in a whole window: held by a layout that goes on, and where they were when the project is opened."""

from pathlib import Path

import numpy as np
import pytest

from app.bridge.background import Background
from app.shell.palette import Palette

SECONDS = 60_000


@pytest.mark.slow
def test_pins_hold_while_a_layout_goes_on_and_when_the_project_is_opened_again(
    opened_for_real, qtbot, tmp_path: Path
) -> None:
    edges = "".join(f"p{i},p{(i + step) % 30}\n" for i in range(30) for step in (1, 2))
    (tmp_path / "edges.csv").write_text(f"x,y\n{edges}", encoding="utf-8")
    start = opened_for_real.open(tmp_path / "edges.csv")
    session, actions = start.session, start.window.actions_
    qtbot.waitUntil(lambda: session.importing.is_ready, timeout=SECONDS)
    session.preparing.import_all()
    qtbot.waitUntil(lambda: session.facts.attributes is not None, timeout=SECONDS)
    qtbot.waitUntil(lambda: _rests(session), timeout=SECONDS)
    first = session.positions
    assert actions.why_not("unpin_all") == "Nothing is pinned."
    assert actions.why_not("pin_selection") == "Nothing is selected."

    aside = first[:2] + np.array([[4.0, 4.0]], np.float32)
    session.pins.move(np.array([0, 1]), aside)
    session.selection.select([9])
    actions.update()
    assert actions.why_not("unpin_selection") == "No selected node is pinned."
    actions["pin_selection"].trigger()
    session.selection.clear()
    actions["continue_layout"].trigger()
    qtbot.waitUntil(lambda: _rests(session), timeout=SECONDS)
    np.testing.assert_array_equal(session.positions[[0, 1]], aside)
    np.testing.assert_array_equal(session.positions[9], first[9])
    others = np.setdiff1d(np.arange(30), [0, 1, 9])
    assert (session.positions[others] != first[others]).any(axis=1).all()

    session.pictures.choose("circular")
    qtbot.waitUntil(lambda: _rests(session), timeout=SECONDS)
    session.pins.move(np.array([5]), np.array([[7.0, 7.0]], np.float32))
    session.undo_stack.undo()
    session.undo_stack.undo()  # the places of before are read while the next step is undone
    session.undo_stack.undo()
    session.undo_stack.redo()
    session.undo_stack.redo()
    session.undo_stack.redo()
    qtbot.waitUntil(lambda: _rests(session), timeout=SECONDS)
    assert session.pictures.layout_type == "circular"
    np.testing.assert_array_equal(session.positions[5], [7, 7])
    left = session.positions
    assert session.save_now()
    opened_for_real.close()

    again = opened_for_real.open().session
    qtbot.waitUntil(lambda: again.positions is not None and _rests(again), timeout=SECONDS)
    assert again.pictures.layout_type == "circular"
    np.testing.assert_array_equal(again.positions, left)
    assert again.pins.nodes().tolist() == [0, 1, 5, 9]
    view = opened_for_real.starts[-1].window.docks.views["graph"]
    assert view.panel.canvas.in_words(5).endswith("Pinned")


def test_every_verb_of_pins_is_in_the_menu_and_in_the_palette(opened, qtbot) -> None:
    window = opened.open().window
    wanted = {"Move nodes", "Pin selection", "Unpin selection", "Unpin all"}
    assert wanted <= {action.text() for action, _ in window.actions_.of_menu("Graph")}
    window.open_palette()
    palette = window.findChild(Palette)
    model = palette._list.model()
    texts = " ".join(str(model.index(row, 0).data()) for row in range(model.rowCount()))
    palette.close()
    assert all(one in texts for one in wanted)


def _rests(session) -> bool:
    """Whether no layout goes on and nothing is being read or written."""
    return not session.pictures.is_placing and not any(one.busy for one in session.findChildren(Background))
