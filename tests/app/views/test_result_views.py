"""Report, before and after, data card; and what every view says while it has nothing to show."""

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from app.canvas.scene import State
from app.kit import theme, translate
from app.views.before_after import BeforeAfterView
from app.views.confusion import ConfusionView
from app.views.data_card import DataCardView
from app.views.embedding import EmbeddingView
from app.views.graph import GraphView
from app.views.inspector import InspectorView
from app.views.predictions import PredictionsView
from app.views.report import ReportView
from tests.support import pictures

LEFT = Qt.MouseButton.LeftButton
ALL = (
    GraphView,
    EmbeddingView,
    PredictionsView,
    ConfusionView,
    ReportView,
    BeforeAfterView,
    DataCardView,
    InspectorView,
)


def shown(qtbot, given, kind):
    view = kind(given.session)
    qtbot.addWidget(view)
    view.resize(420, 520)
    view.show()
    qtbot.waitExposed(view)
    return view


def words(view) -> str:
    return "\n".join(one.text() for one in view.findChildren(QLabel) if one.isVisibleTo(view))


@pytest.mark.parametrize("kind", ALL)
def test_with_nothing_open_every_view_says_what_to_do(qtbot, given, kind) -> None:
    view = shown(qtbot, given, kind)
    assert any(word in words(view) for word in ("Import", "import", "Train", "Click"))


@pytest.mark.parametrize("kind", ALL)
def test_every_view_follows_from_nothing_to_a_run_and_back(qtbot, given, kind) -> None:
    view = shown(qtbot, given, kind)
    given.dataset()
    view.grab()
    given.run()
    view.grab()
    given.session.running.run = None
    given.session.dataset = None
    given.session.run_changed.emit()
    given.session.dataset_changed.emit()
    view.grab()
    assert any(word in words(view) for word in ("Import", "import", "Train", "Click"))


@pytest.mark.parametrize("kind", ALL)
def test_every_view_follows_the_theme(qtbot, qapp, given, kind) -> None:
    given.dataset()
    given.run()
    view = shown(qtbot, given, kind)
    dark = view.grab().toImage().pixelColor(2, view.height() - 3).lightness()
    theme.apply(qapp, "light")
    light = view.grab().toImage().pixelColor(2, view.height() - 3).lightness()
    assert dark < 80
    assert light > 180  # a scroll bar's handle, at the darkest


@pytest.mark.parametrize("kind", ALL)
def test_every_view_shows_only_translated_text(qtbot, given, kind, monkeypatch) -> None:
    translate.set_language(translate.PSEUDO)
    try:
        view = shown(qtbot, given, kind)
        raw = [
            one.text()
            for one in view.findChildren(QLabel)
            if one.isVisibleTo(view) and one.text() and not one.text().startswith("[")
        ]
    finally:
        translate.set_language("en")
    assert raw == []


def test_the_report_begins_with_the_verdict(qtbot, given) -> None:
    given.dataset()
    given.run()
    view = shown(qtbot, given, ReportView)
    assert view.verdict.text() == "GCN 73.0 ± 2.8 over 2 seeds; label spreading reaches 60.0."
    assert view.basis.text() == "2 train, 2 valid, 4 test · 2 seeds · cpu"


def test_floors_stand_beside_the_score_with_their_whiskers(qtbot, given) -> None:
    given.dataset()
    given.run()
    view = shown(qtbot, given, ReportView)
    assert [(bar.name, bar.shown, bar.is_strong) for bar in view.floors.bars] == [
        ("GCN, pretrained", "73.0 ± 2.8 %", True),
        ("the same from scratch", "71.0 ± 1.4 %", False),
        ("label spreading", "60.0 %", False),
        ("majority class", "50.0 %", False),
    ]
    assert view.floors.bars[0].error == pytest.approx(2.8)
    assert view.floors.bars[3].error is None


def test_a_run_that_may_have_been_told_the_answer_is_marked_and_its_nodes_can_be_selected(qtbot, given) -> None:
    given.dataset()
    given.run()
    given.session.run.metrics["audit"] = [
        {"code": "audit.overlap", "level": "error", "text": "2 train nodes are in test.", "rows": ["b", "007"]},
        {"code": "audit.ids", "level": "warning", "text": "A column counts upwards.", "rows": []},
    ]
    view = shown(qtbot, given, ReportView)
    assert view.findings.texts() == ["2 train nodes are in test.", "A column counts upwards."]
    assert view.verdict.property("role") == "problem"
    button = view.findings.findChild(QPushButton)
    qtbot.mouseClick(button, LEFT)
    assert given.selected() == [1, 8]


def test_a_class_of_the_report_selects_its_nodes(qtbot, given) -> None:
    given.dataset()
    given.run()
    view = shown(qtbot, given, ReportView)
    where = view.table.visualRect(view.model.index(0, 0)).center()
    qtbot.mouseClick(view.table.viewport(), LEFT, pos=where)
    assert given.selected() == [4, 5, 6]  # truly blue


def test_a_run_without_a_result_says_so(qtbot, given) -> None:
    given.dataset()
    given.run(with_metrics=False)
    view = shown(qtbot, given, ReportView)
    assert "Resume" in words(view)


def test_pretraining_is_told_with_sign_spread_and_pairs(qtbot, given) -> None:
    given.dataset()
    given.run()
    view = shown(qtbot, given, BeforeAfterView)
    assert view.sentence.text() == "Pretraining changes accuracy by +2.0 ± 4.2 points."
    assert view.note.text() == "2 pairs on test · better in 1 of 2"
    assert [bar.shown for bar in view.probe.bars] == ["66.0 ± 1.0 %", "61.0 ± 2.0 %"]


def test_a_pair_is_named_under_the_pointer(qtbot, given) -> None:
    given.dataset()
    given.run()
    view = shown(qtbot, given, BeforeAfterView)
    at = view.chart.point(1, True)
    out = QPointF(view.chart.mapToGlobal(at.toPoint()))
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, at, out, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view.chart, event)
    assert "random, seed 1" in view.chart.toolTip()
    assert "72 → 71 %" in view.chart.toolTip()


def test_a_run_from_scratch_alone_has_nothing_to_compare(qtbot, given) -> None:
    given.dataset()
    given.run()
    for key in ("comparison", "probe", "random_init_probe"):
        given.session.run.metrics.pop(key)
    view = shown(qtbot, given, BeforeAfterView)
    assert "not pretrained" in words(view)


def test_the_data_card_tells_sizes_classes_and_degrees(qtbot, given) -> None:
    given.dataset()
    view = shown(qtbot, given, DataCardView)
    assert [view.numbers[name].text() for name in ("nodes", "edges", "components")] == ["9", "9", "2"]
    assert view.column_words.text() == "Neighbours are alike."
    assert [(bar.name, bar.value) for bar in view.classes.bars] == [("red", 5), ("blue", 3), ("no value", 1)]
    assert [bar.name for bar in view.degrees.bars] == ["0", "1", "2", "3–4"]


def test_a_bar_of_the_data_card_selects_its_nodes(qtbot, given) -> None:
    given.dataset()
    view = shown(qtbot, given, DataCardView)
    qtbot.mouseClick(view.classes, LEFT, pos=view.classes.line_rect(1).center())
    assert given.selected() == [4, 5, 6]
    qtbot.mouseClick(view.classes, LEFT, pos=view.classes.line_rect(2).center())
    assert given.selected() == [7]  # no value
    qtbot.mouseClick(view.degrees, LEFT, pos=view.degrees.line_rect(3).center())
    assert given.selected() == [3, 4]  # the ends of the bridge have three edges


def test_bars_work_by_keyboard(qtbot, given) -> None:
    given.dataset()
    view = shown(qtbot, given, DataCardView)
    view.activateWindow()
    view.classes.setFocus()
    qtbot.waitUntil(view.classes.hasFocus, timeout=2_000)
    qtbot.keyClick(view.classes, Qt.Key.Key_Down)
    qtbot.keyClick(view.classes, Qt.Key.Key_Return)
    assert given.selected() == [4, 5, 6]


def test_the_graph_waits_for_its_layout_in_words(qtbot, given) -> None:
    view = shown(qtbot, given, GraphView)
    given.dataset()
    given.session.pictures.positions = None
    given.session.positions_changed.emit()
    assert "Laying the graph out" in words(view)


def test_embeddings_of_another_graph_are_not_shown(qtbot, given) -> None:
    given.dataset()
    given.run()
    given.session.pictures.embedding = given.session.pictures.embedding[:4]
    view = shown(qtbot, given, EmbeddingView)
    assert view.panel.canvas.scene is None


def test_a_run_on_numbers_is_reported_in_its_own_unit_and_less_is_better(qtbot, given) -> None:
    given.dataset()
    given.run()
    given.session.run.metrics.update(
        metric="rmse",
        test=pictures.spread(4.25, 0.5, 2),
        all={"test": {}},
        floors={"majority": {"test": pictures.spread(6.0)}},
        comparison=None,
        report={"test": {"support": 4}},
    )
    view = shown(qtbot, given, ReportView)
    assert [(bar.name, bar.shown) for bar in view.floors.bars] == [("GCN", "4.25 ± 0.5"), ("mean of train", "6")]
    assert view.floors_note.text().startswith("Shorter is better.")
    assert not view.table.isVisible()


@dataclass
class EndedJob:
    """What a view looks at in a job: how it ended."""

    state: str
    is_over: bool = True


def test_a_layout_that_failed_is_told_where_the_graph_would_be(qtbot, given) -> None:
    view = shown(qtbot, given, GraphView)
    given.dataset()
    given.session.pictures.positions = None
    given.session.pictures.layout_job = EndedJob("failed")
    given.session.pictures.failed.emit({"message": "no"})
    assert "could not be laid out" in words(view)


def test_a_projection_that_failed_is_told_where_the_scatter_would_be(qtbot, given, tmp_path) -> None:
    view = shown(qtbot, given, EmbeddingView)
    given.dataset()
    folder = tmp_path
    (folder / "embeddings.parquet").write_bytes(b"")
    given.session.running.run = pictures.run(folder)
    given.session.pictures.projection_job = EndedJob("failed")
    given.session.run_changed.emit()
    assert "could not be projected" in words(view)


def test_around_one_selected_node_its_neighbours_stay_lit(qtbot, given) -> None:
    view = shown(qtbot, given, GraphView)
    given.dataset()
    given.session.selection.select([3])
    state = view.panel.canvas.scene.state
    assert state[3] == State.SELECTED
    assert (state[[0, 2, 4]] == State.NORMAL).all()
    assert (state[[1, 5, 6, 7, 8]] == State.DIMMED).all()


def test_a_better_layout_keeps_everything_in_sight(qtbot, given) -> None:
    view = shown(qtbot, given, GraphView)
    given.dataset()
    given.session.pictures.positions = pictures.XY * 40 + 1000
    given.session.positions_changed.emit()
    canvas = view.panel.canvas
    assert all(canvas.rect().contains(canvas.screen_point(node)) for node in range(9))


def test_a_view_the_user_moved_stays_where_it_is(qtbot, given) -> None:
    view = shown(qtbot, given, GraphView)
    given.dataset()
    canvas = view.panel.canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    before = canvas.viewport
    given.session.pictures.positions = pictures.XY.copy()
    given.session.positions_changed.emit()
    assert canvas.viewport == before


_FORCE = {
    "key": "force",
    "label": "Force-directed",
    "schema": {"properties": {"steps": {"type": "integer", "default": 0, "description": "Steps of movement."}}},
}


def _graph_with_layouts(qtbot, given) -> GraphView:
    given.session.catalogue = {"kinds": {"layout": [_FORCE, {**_FORCE, "key": "places", "label": "Given places"}]}}
    view = shown(qtbot, given, GraphView)
    given.dataset()
    return view


def test_the_menu_beside_the_layouts_has_their_options_and_what_can_be_done(qtbot, given) -> None:
    view = _graph_with_layouts(qtbot, given)
    view.menu.aboutToShow.emit()
    assert view.form is not None
    assert {action.data() for action in view.menu.actions() if action.isEnabled()} >= {"continue_layout", "save_places"}
    asked: list[str] = []
    given.session.command_requested.connect(asked.append)
    next(action for action in view.menu.actions() if action.data() == "continue_layout").trigger()
    assert asked == ["continue_layout"]


def test_an_option_of_a_layout_is_handed_to_it(qtbot, given, monkeypatch) -> None:
    view = _graph_with_layouts(qtbot, given)
    handed = []
    monkeypatch.setattr(given.session.pictures, "set_option", lambda name, value: handed.append((name, value)))
    view.menu.aboutToShow.emit()
    view.form.edited.emit(("steps", 100))
    assert handed == [("steps", 100)]


def test_given_places_are_asked_for_by_a_file(qtbot, given) -> None:
    view = _graph_with_layouts(qtbot, given)
    asked: list[str] = []
    given.session.command_requested.connect(asked.append)
    view.layouts.setCurrentIndex(view.layouts.findData("places"))
    view.layouts.activated.emit(view.layouts.currentIndex())
    assert asked == ["load_places"]
    assert view.layouts.currentData() == "force"
