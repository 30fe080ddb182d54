"""Molecules that are not plain: the sheet has a choice for each, and the import follows it."""

from pathlib import Path

from PySide6.QtCore import Qt

ROWS = """name,smiles,activity
ethanol,CCO,1.5
again,OCC,2.5
salt,CC(=O)[O-].[Na+],3
above,CCCC,>10
butane diol,OCCCCO,4
"""
ROWS += "".join(f"chain {length},{'C' * length}N,{length}.25\n" for length in range(2, 22))


def test_what_is_done_with_salts_repeats_and_bounds_is_chosen_in_the_sheet(opened_for_real, qtbot, tmp_path: Path):
    table = tmp_path / "molecules.csv"
    table.write_text(ROWS, encoding="utf-8")
    start = opened_for_real.open(table)
    session, view = start.session, start.window.docks.views["join_report"]
    qtbot.waitUntil(lambda: session.importing.is_ready, timeout=60_000)
    assert view._molecules.isVisible()
    assert not view._directed.isVisible(), "bonds come with the molecules"
    for name, key in (("salts", "largest"), ("duplicates", "mean"), ("qualifiers", "ignore")):
        box = view._cleaning.field(name).editor()
        box.setFocus()
        while box.currentData() != key:
            before = box.currentIndex()
            qtbot.keyClick(box, Qt.Key.Key_Down if box.findData(key) > before else Qt.Key.Key_Up)
            assert box.currentIndex() != before
    wanted = {"salts": "largest", "duplicates": "mean", "qualifiers": "ignore"}
    assert session.importing.data["cleaning"] | wanted == session.importing.data["cleaning"]
    qtbot.waitUntil(lambda: session.importing.is_ready, timeout=60_000)
    start.window.commands.do("import_data")
    qtbot.waitUntil(lambda: session.dataset is not None, timeout=60_000)
    assert session.dataset.num_nodes == 23
    sizes = dict(zip(session.dataset.node_ids.tolist(), session.dataset.sizes.tolist(), strict=True))
    assert sizes["salt"] == 4, "without its sodium"
    session.undo_stack.undo()
    assert session.importing.data["cleaning"]["qualifiers"] == "number", "one step back"
