"""Components in a drop-down list: recommended first, the rest behind one more entry."""

import pytest
from PySide6.QtCore import Qt

from app.forms.choice_list import ChoiceList, words

DOC = """Averages each node with its neighbours.

Source: Kipf and Welling (2017), "Semi-supervised
classification"."""


def entry(key: str, *, recommended: bool = False) -> dict[str, object]:
    return {"key": key, "label": key.upper(), "summary": "It does.", "doc": DOC, "recommended": recommended}


ENTRIES = [entry("a"), entry("b", recommended=True), *(entry(key) for key in "cdef")]


@pytest.fixture
def box(qtbot) -> ChoiceList:
    made = ChoiceList()
    qtbot.addWidget(made)
    return made


def texts(box: ChoiceList) -> list[str]:
    return [box.itemText(number) for number in range(box.count()) if box.itemText(number)]


def test_recommended_ones_come_first_and_the_rest_is_folded(box) -> None:
    box.show_entries(ENTRIES, "b")
    assert texts(box) == ["B, recommended", "5 more…"]
    assert box.currentData() == "b"


def test_what_is_chosen_is_never_folded_away(box) -> None:
    box.show_entries(ENTRIES, "e")
    assert texts(box) == ["B, recommended", "E", "4 more…"]
    assert box.currentText() == "E"


def test_the_last_entry_unfolds_the_rest_and_chooses_nothing(qtbot, box) -> None:
    box.show_entries(ENTRIES, "b")
    box.show()
    chosen = []
    box.chosen.connect(chosen.append)
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    box.hidePopup()
    assert texts(box) == ["B, recommended", "A", "C", "D", "E", "F"]
    assert box.currentData() == "b"
    assert chosen == []
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert chosen == ["a"]


def test_a_short_list_is_shown_whole(box) -> None:
    box.show_entries(ENTRIES[:4], "a")
    assert texts(box) == ["B, recommended", "A", "C", "D"]


def test_nothing_can_be_an_entry_too(qtbot) -> None:
    box = ChoiceList("None")
    qtbot.addWidget(box)
    box.show_entries(ENTRIES, None)
    assert box.currentText() == "None"


def test_a_component_is_told_in_a_sentence_with_its_paper() -> None:
    assert words(entry("a")) == "It does. Kipf and Welling (2017)."
    assert words({"summary": "It does.", "doc": "It does.\n\nSource: our own."}) == "It does."


@pytest.mark.parametrize(
    ("source", "paper"),
    [
        ("softmax and cross-entropy as in Kipf and Welling (2017).", "Kipf and Welling (2017)"),
        ("the fixed public splits of Yang, Cohen and Salakhutdinov (2016)", "Yang, Cohen and Salakhutdinov (2016)"),
        ("Hu et al. (2020), section 3; rates as Howard and Ruder (2018).", "Hu et al. (2020)"),
        ("Veličković et\nal. (2019)", "Veličković et al. (2019)"),
    ],
)
def test_the_paper_is_found_wherever_the_source_names_it(source: str, paper: str) -> None:
    assert words({"summary": "It does.", "doc": f"It does.\n\nSource: {source}"}) == f"It does. {paper}."
