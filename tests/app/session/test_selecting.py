"""Selections and their undo steps."""

import numpy as np
from PySide6.QtGui import QUndoStack

from app.session.selecting import SelectionHistory, neighbours
from app.session.selection import Selection


def test_each_change_of_the_selection_is_a_step_and_a_new_graph_is_none(qtbot) -> None:
    stack, selection = QUndoStack(), Selection()
    history = SelectionHistory(selection, stack)
    history.reset(4)
    selection.select([1], "click")
    selection.select([1, 2], "lasso")
    assert (stack.count(), stack.undoText()) == (2, "lasso")
    stack.undo()
    assert selection.indices().tolist() == [1]
    stack.redo()
    assert selection.indices().tolist() == [1, 2]
    history.reset(4)
    history.restore([0, 99])
    assert (stack.count(), selection.indices().tolist()) == (2, [0])


def test_a_step_of_another_graph_changes_nothing(qtbot) -> None:
    stack, selection = QUndoStack(), Selection()
    history = SelectionHistory(selection, stack)
    history.reset(4)
    selection.select([3])
    history.reset(2)
    stack.undo()
    assert selection.mask.tolist() == [False, False]


def test_neighbours_are_found_against_the_direction_of_an_edge_too() -> None:
    # 0 -> 1 -> 2, and 3 alone: a directed chain stores each edge once.
    indptr, indices = np.array([0, 1, 2, 2, 2]), np.array([1, 2], dtype=np.int32)
    found = neighbours(np.array([False, True, False, False]), indptr, indices)
    assert found.tolist() == [True, True, True, False]


def test_where_both_directions_are_stored_the_rows_of_the_selected_say_it_all() -> None:
    # 0 - 1 - 2 and 3 alone: each edge stands in both rows.
    indptr, indices = np.array([0, 1, 3, 4, 4]), np.array([1, 0, 2, 1], dtype=np.int32)
    for chosen, wanted in (([0], [0, 1]), ([1], [0, 1, 2]), ([3], [3]), ([0, 2], [0, 1, 2]), ([], [])):
        mask = np.isin(np.arange(4), chosen)
        found = neighbours(mask, indptr, indices, is_directed=False)
        assert np.flatnonzero(found).tolist() == wanted
        assert np.array_equal(found, neighbours(mask, indptr, indices))
