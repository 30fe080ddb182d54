"""How good scores are: ROC, precision and recall, calibration, thresholds, errors; every point selects its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStackedWidget, QWidget

from app.kit.sayings import said
from app.kit.throttle import Throttle
from app.kit.translate import tr, tr_n
from app.kit.widgets.bar_plot import BarPlot
from app.kit.widgets.basics import Empty, column, label, row
from app.kit.widgets.choice import Choice
from app.kit.widgets.curve_plot import CurvePlot
from app.kit.widgets.scatter_plot import ScatterPlot
from app.kit.widgets.threshold_plot import ThresholdPlot
from app.models.confusion import ALL_PARTS, parts_of
from app.models.scored import at_least, confident, counted, erring
from app.session.attributes import PREDICTED, TARGET, Attributes
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values
_MOST_PAIRS = 4_000  # points drawn; a click finds no smaller ones
_OF_CLASSES = ("threshold", "roc", "precision", "calibration")
_OF_VALUES = ("pairs", "residuals")
_PER_CLASS = ("threshold", "roc", "precision")


class ChartsView(View):
    """One chart at a time, large, beside the nodes that a click on it selects."""

    spec = ViewSpec("charts", "Charts", "inspect", "right", order=22, tabs=("confusion",), icon="chart")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.roc = CurvePlot(tr("ROC curve"), tr("false positive rate"), tr("true positive rate"))
        self.precision = CurvePlot(tr("Precision and recall"), tr("recall"), tr("precision"))
        self.calibration = CurvePlot(tr("Calibration"), tr("confidence"), tr("share that is right"))
        self.threshold = ThresholdPlot(tr("Scores and a threshold"), tr("score"), tr("count"))
        self.pairs = ScatterPlot(tr("Predicted against observed"), tr("observed"), tr("predicted"))
        self.residuals = BarPlot(tr("Errors"), tr("predicted minus observed"), tr("count"))
        self._plots: dict[str, QWidget] = {
            "threshold": self.threshold,
            "roc": self.roc,
            "precision": self.precision,
            "calibration": self.calibration,
            "pairs": self.pairs,
            "residuals": self.residuals,
        }
        self.kind, self.part, self.of = Choice(), Choice(), Choice()
        for box, name in ((self.kind, tr("Chart")), (self.part, tr("Part of the split")), (self.of, tr("Class"))):
            box.setAccessibleName(name)
            # A narrow column of docks has room for all three.
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(4)
            box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.words = label("", "muted", wrap=True)
        self.empty = Empty("chart", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        for plot in self._plots.values():
            self._pages.addWidget(plot)
        head = column(row(self.kind, self.of, self.part, None), self.words, margins=6, spacing=4)
        self.setLayout(column(head, self._pages, spacing=0))
        self._rows: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._bins: list[int] = []
        self._lit = Throttle(self._show_selected, 60, self)
        self._connect()
        self._on_facts_changed()

    def _connect(self) -> None:
        for box in (self.kind, self.of, self.part):
            box.activated.connect(self._show)
        self.roc.chosen.connect(self._on_curve_chosen)
        self.roc.marked.connect(self._on_curve_marked)
        self.precision.chosen.connect(self._on_curve_chosen)
        self.precision.marked.connect(self._on_curve_marked)
        self.calibration.chosen.connect(self._on_bin_chosen)
        self.threshold.moved.connect(self._on_threshold_moved)
        self.threshold.taken.connect(self._on_threshold_taken)
        self.pairs.chosen.connect(self._on_pair_chosen)
        self.residuals.chosen.connect(self._on_residual_chosen)
        self.session.facts.changed.connect(self._on_facts_changed)
        self.session.score_curves.changed.connect(self._show)
        self.session.selection.changed.connect(self._lit.request)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what was not asked while it was out of sight."""
        super().showEvent(event)
        self._show()

    @Slot()
    def _on_facts_changed(self) -> None:
        attributes = self.session.facts.attributes
        predicted = attributes.get(PREDICTED) if attributes is not None else None
        has_truth = attributes is not None and attributes.get(TARGET) is not None
        kinds = () if predicted is None or not has_truth else _OF_CLASSES if predicted.categories else _OF_VALUES
        titles = {
            "threshold": tr("Scores and a threshold"),
            "roc": tr("ROC"),
            "precision": tr("Precision and recall"),
            "calibration": tr("Calibration"),
            "pairs": tr("Predicted against observed"),
            "residuals": tr("Errors"),
        }
        parts = {"train": tr("Train"), "valid": tr("Valid"), "test": tr("Test")}
        there = parts_of(attributes) if attributes is not None and kinds else []
        _refill(self.kind, [(titles[key], key) for key in kinds])
        every = [(tr("All labelled"), ALL_PARTS)] if there else []
        _refill(self.part, [*((parts[key], key) for key in there), *every])
        self._show()

    @Slot()
    def _show(self) -> None:
        kind, part, attributes = self.kind.currentData(), self.part.currentData(), self.session.facts.attributes
        for box in (self.kind, self.part):
            box.setVisible(box.count() > 0)
        self.of.setVisible(False)
        if attributes is None or kind is None or part is None:
            self._say_why(attributes)
            return
        if kind == "pairs":
            self._show_pairs(attributes, str(part))
            return
        found = self.session.score_curves.of(str(part))
        if found is None:
            self._wait(str(part))
            return
        if kind in _PER_CLASS:
            self._show_class(found, str(kind))
        elif kind == "calibration":
            self._show_calibration(found)
        else:
            self._show_residuals(found)

    def _say_why(self, attributes: Attributes | None) -> None:
        self.words.setText("")
        self._pages.setCurrentWidget(self.empty)
        if attributes is None or attributes.get(PREDICTED) is None:
            self.empty.say(tr("No predictions yet"), tr("Train a model; how good its scores are is drawn here."))
        elif attributes.get(TARGET) is None:
            self.empty.say(tr("Nothing to compare with"), tr("Nothing here has a true value."))
        else:
            self.empty.say(tr("No part of the split is known"), tr("This run did not say what it trained on."))

    def _wait(self, part: str) -> None:
        self._pages.setCurrentWidget(self.empty)
        self.words.setText("")
        error = self.session.score_curves.error
        if error is not None:
            self.empty.say(tr("The curves could not be drawn"), said(str(error.get("message", ""))))
            return
        self.empty.say(tr("Drawing curves…"), tr("They come in a moment."))
        if self.isVisible():
            self.session.score_curves.ask(part)

    # Classes

    def _show_class(self, found: Plain, kind: str) -> None:
        _refill(self.of, [(str(one["class"]), str(one["class"])) for one in found["classes"]])
        self.of.setVisible(True)
        one = self._class()
        if one is None:
            self._pages.setCurrentWidget(self.empty)
            self.words.setText("")
            self.empty.say(tr("Nothing in this part has a true class"), tr("Choose another part of the split."))
            return
        colour = self._colour(str(one["class"]))
        if kind == "threshold":
            self.threshold.show_scores(one["scores"]["positive"], one["scores"]["negative"], colour)
            self._on_threshold_moved(self.threshold.threshold)
        elif kind == "roc" and one["area"] is not None:
            self.roc.show_curve(one["fall_out"], one["recall"], _steps(one), colour=colour, chance=(0.0, 1.0))
            self.words.setText(tr("Area under the curve {area}; a click selects.", area=f"{one['area']:.3f}"))
        elif kind == "precision" and one["average_precision"] is not None:
            share = one["positives"] / max(1, int(found["items"]))
            self.precision.show_curve(
                one["recall"], one["precision"], _steps(one), colour=colour, chance=(share, share)
            )
            area = f"{one['average_precision']:.3f}"
            self.words.setText(tr("Average precision {area}; a click selects.", area=area))
        else:
            self._pages.setCurrentWidget(self.empty)
            self.words.setText("")
            self.empty.say(
                tr("Only one class here"), tr("A curve needs some that are of the class and some that are not.")
            )
            return
        self._pages.setCurrentWidget(self._plots[kind])

    def _class(self) -> Plain | None:
        found = self.session.score_curves.of(str(self.part.currentData()))
        name = self.of.currentData()
        return next((one for one in (found or {}).get("classes", []) if one["class"] == name), None)

    def _colour(self, name: str) -> int:
        attributes = self.session.facts.attributes
        classes = attributes.classes if attributes is not None else ()
        return classes.index(name) if name in classes else 0

    @Slot(object)
    def _on_curve_marked(self, number: int) -> None:
        one = self._class()
        if one is not None:
            self.words.setText(_steps(one)[number])

    @Slot(object)
    def _on_curve_chosen(self, number: int) -> None:
        one, attributes = self._class(), self.session.facts.attributes
        if one is None or attributes is None:
            return
        self.words.setText(_steps(one)[number])
        self._select_from(attributes, one, one["thresholds"][number])

    @Slot(object)
    def _on_threshold_moved(self, value: float) -> None:
        one = self._class()
        if one is None:
            return
        # The last step that still takes everything from the threshold up for the class.
        at = max((i for i, step in enumerate(one["thresholds"]) if step is None or step >= value), default=0)
        self.words.setText(_steps(one)[at] if at else tr("Nothing scores {value} or more.", value=f"{value:.2f}"))

    @Slot(object)
    def _on_threshold_taken(self, value: float) -> None:
        one, attributes = self._class(), self.session.facts.attributes
        if one is not None and attributes is not None:
            self._select_from(attributes, one, value)

    def _select_from(self, attributes: Attributes, one: Plain, threshold: float | None) -> None:
        mask = at_least(attributes, str(self.part.currentData()), str(one["class"]), threshold)
        self.session.selection.replace(mask, tr("Select by a threshold"))

    # Confidence

    def _show_calibration(self, found: Plain) -> None:
        told = found["reliability"]
        self._bins = [i for i, count in enumerate(told["count"]) if count]
        words = [
            tr_n(
                "{count} node with confidence {confidence}, {share} % of them right.",
                "{count} nodes with confidence {confidence}, {share} % of them right.",
                int(told["count"][i]),
                confidence=f"{told['confidence'][i]:.2f}",
                share=f"{100 * told['accuracy'][i]:.0f}",
            )
            for i in self._bins
        ]
        xs, ys = ([told[name][i] for i in self._bins] for name in ("confidence", "accuracy"))
        self.calibration.show_curve(xs, ys, words, chance=(0.0, 1.0), dots=True)
        self.words.setText(
            tr("On the dashed line confidence is the share that is right; below it the model is too sure.")
        )
        self._pages.setCurrentWidget(self.calibration)

    @Slot(object)
    def _on_bin_chosen(self, number: int) -> None:
        attributes, part = self.session.facts.attributes, str(self.part.currentData())
        found = self.session.score_curves.of(part)
        if attributes is None or found is None:
            return
        self.words.setText(self.calibration.accessibleDescription())
        edges, at = found["reliability"]["edges"], self._bins[number]
        mask = confident(attributes, part, edges[at], edges[at + 1])
        self.session.selection.replace(mask, tr("Select by confidence"))

    # Values

    def _show_pairs(self, attributes: Attributes, part: str) -> None:
        true, predicted = attributes.get(TARGET), attributes.get(PREDICTED)
        if true is None or predicted is None:
            return
        xs, ys = true.values.astype(np.float64), predicted.values.astype(np.float64)
        rows = np.flatnonzero(counted(attributes, part) & np.isfinite(ys))
        step = -(-len(rows) // _MOST_PAIRS) if len(rows) else 1
        self._rows = rows[::step]
        names = attributes.names[self._rows]
        words = [
            tr("{name}: observed {x}, predicted {y}", name=name, x=f"{x:.4g}", y=f"{y:.4g}")
            for name, x, y in zip(names, xs[self._rows], ys[self._rows], strict=True)
        ]
        self.pairs.show_pairs(xs[self._rows], ys[self._rows], words)
        text = tr("A click on a point selects it.")
        if step > 1:
            text = tr(
                "{shown} of {count} nodes are drawn; a click selects one.", shown=len(self._rows), count=len(rows)
            )
        self.words.setText(text)
        self._pages.setCurrentWidget(self.pairs)
        self._lit.request()

    def _show_selected(self) -> None:
        mask = self.session.selection.mask
        if self.kind.currentData() == "pairs" and len(self._rows) and self._rows[-1] < len(mask):
            self.pairs.show_selected(mask[self._rows])

    @Slot(object)
    def _on_pair_chosen(self, number: int) -> None:
        node = int(self._rows[number])
        self.session.selection.select([node], tr("Select a node"))
        self.session.selection.set_current(node)

    def _show_residuals(self, found: Plain) -> None:
        told = found.get("residuals")
        if told is None:
            self._pages.setCurrentWidget(self.empty)
            self.words.setText("")
            self.empty.say(tr("Nothing in this part has a true value"), tr("Choose another part of the split."))
            return
        edges = told["edges"]
        words = [
            tr_n(
                "{count} node errs by {low} to {high}.", "{count} nodes err by {low} to {high}.", n, low=low, high=high
            )
            for n, low, high in zip(
                told["count"], [f"{x:.3g}" for x in edges[:-1]], [f"{x:.3g}" for x in edges[1:]], strict=True
            )
        ]
        self.residuals.show_counts(edges, told["count"], words)
        values = {"mean": f"{told['mean']:.3g}", "deviation": f"{told['deviation']:.3g}"}
        self.words.setText(tr("Mean error {mean}, standard deviation {deviation}; a click selects.", **values))
        self._pages.setCurrentWidget(self.residuals)

    @Slot(object)
    def _on_residual_chosen(self, number: int) -> None:
        attributes, part = self.session.facts.attributes, str(self.part.currentData())
        found = self.session.score_curves.of(part)
        if attributes is None or found is None or not found.get("residuals"):
            return
        edges = found["residuals"]["edges"]
        self.words.setText(self.residuals.accessibleDescription())
        is_last = number == len(edges) - 2
        mask = erring(attributes, part, edges[number], edges[number + 1], is_last=is_last)
        self.session.selection.replace(mask, tr("Select by error"))


def _steps(one: Plain) -> list[str]:
    """Return what each point of a class's curves says."""
    return [
        tr("Nothing is taken for {name}.", name=one["class"])
        if threshold is None
        else tr(
            "From a score of {threshold}: {recall} % found, {precision} % of those taken are right.",
            threshold=f"{threshold:.3f}",
            recall=f"{100 * (recall or 0):.0f}",
            precision=f"{100 * (precision or 0):.0f}",
        )
        for threshold, recall, precision in zip(one["thresholds"], one["recall"], one["precision"], strict=True)
    ]


def _refill(box: QComboBox, entries: list[tuple[str, str]]) -> None:
    """Offer other entries, and stay with the one chosen where it is still there."""
    if [(box.itemText(i), box.itemData(i)) for i in range(box.count())] == entries:
        return
    before = box.currentData()
    box.clear()
    for text, key in entries:
        box.addItem(text, key)
    box.setCurrentIndex(max(0, box.findData(before)))
