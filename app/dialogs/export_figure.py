"""A picture of graph or embedding as a file or on the clipboard: what is on screen, with title and legend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QWidget

from app.bridge.background import Background, Outcome
from app.canvas.figure import FORMATS, Figure, Source, as_image, is_vector, write
from app.dialogs._base import Dialog
from app.kit.translate import tr
from app.kit.widgets.basics import button, label, row, set_role

if TYPE_CHECKING:
    from app.dialogs.asking import Asking

_PREVIEW = QSize(520, 330)
_SCALE, _MOST_SCALE = 3.0, 12.0


class ExportFigure(Dialog):
    """Asks what belongs into the figure and where it goes. Args: sources: by key, those with something to show."""

    def __init__(self, sources: Mapping[str, Source], asking: Asking, parent: QWidget | None = None) -> None:
        super().__init__(tr("Export figure"), parent)
        self._sources = dict(sources)
        self._asking = asking
        self.which = QComboBox()
        self.which.setAccessibleName(tr("Picture"))
        for key, source in self._sources.items():
            self.which.addItem(source.title, key)
        self.title = QLineEdit()
        self.title.setPlaceholderText(tr("Title above the picture, if any"))
        self.title.setAccessibleName(tr("Title"))
        self.legend = QCheckBox(tr("Legend"))
        self.names = QCheckBox(tr("Names"))
        for box in (self.legend, self.names):
            box.setChecked(True)
        self.scale = QDoubleSpinBox()
        self.scale.setRange(1.0, _MOST_SCALE)
        self.scale.setSingleStep(0.5)
        self.scale.setDecimals(1)
        self.scale.setValue(_SCALE)
        self.scale.setSuffix(" ×")
        self.scale.setAccessibleName(tr("Scale of a PNG file"))
        self.preview = label()
        self.preview.setMinimumSize(_PREVIEW)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setAccessibleName(tr("Preview"))
        self.note = label("", "muted", wrap=True)
        self.copy = button(tr("Copy"), self._on_copy, icon="copy", tip=tr("Copy the picture to the clipboard"))
        self.save = button(tr("Save…"), self._on_save, icon="save", tip=tr("Write PNG, SVG or PDF"))
        self._previewing = Background(self)
        self._previewing.finished.connect(self._on_previewed)
        self._writing = Background(self)
        self._writing.finished.connect(self._on_written)
        self.fill(
            row(label(tr("Picture")), self.which, self.legend, self.names, None),
            self.title,
            row(label(tr("Scale of a PNG file")), self.scale, None),
            self.preview,
            self.note,
            row(None, button(tr("Close"), self.reject), self.copy, self.save),
        )
        self.which.currentIndexChanged.connect(self._on_changed)
        self.title.textChanged.connect(self._on_changed)
        self.legend.toggled.connect(self._on_changed)
        self.names.toggled.connect(self._on_changed)
        self.scale.valueChanged.connect(self._on_changed)
        self._on_changed()

    def figure(self) -> Figure | None:
        """Return the figure as it would be written now."""
        source = self._source()
        found = None if source is None else source.figure()
        if found is None:
            return None
        return replace(
            found,
            title=self.title.text().strip(),
            legend_at=(found.legend_at or (0.0, 1.0)) if self.legend.isChecked() else None,
            labels=found.labels if self.names.isChecked() else (),
        )

    def _source(self) -> Source | None:
        return self._sources.get(str(self.which.currentData() or ""))

    @Slot()
    def _on_changed(self) -> None:
        figure, source = self.figure(), self._source()
        for one in (self.copy, self.save):
            one.setEnabled(figure is not None)
        if figure is None or source is None:
            self.preview.setText(tr("There is no picture yet."))
            self.note.setText("")
            return
        scale = min(self.scale.value(), figure.most_scale())
        size = figure.size * scale
        words = [tr("PNG: {width} × {height} pixels.", width=round(size.width()), height=round(size.height()))]
        if is_vector(figure):
            words.append(tr("SVG and PDF: every line can be edited."))
        else:
            words.append(tr("SVG and PDF: a picture with editable names and legend, since there are many edges."))
        self.note.setText(" ".join(words))
        set_role(self.note, "tone", "")
        ratio = self.devicePixelRatioF()
        fit = min(_PREVIEW.width() / figure.size.width(), _PREVIEW.height() / figure.size.height())
        draw = source.draw
        self._previewing.submit(lambda: (as_image(figure, 1.0, draw), fit, ratio))

    @Slot(object)
    def _on_previewed(self, outcome: Outcome) -> None:
        if outcome.value is None:
            return
        image, fit, ratio = outcome.value
        small = image.scaledToWidth(
            max(1, round(image.width() * fit * ratio)), Qt.TransformationMode.SmoothTransformation
        )
        small.setDevicePixelRatio(ratio)
        self.preview.setPixmap(QPixmap.fromImage(small))

    @Slot()
    def _on_copy(self) -> None:
        figure, source, scale = self.figure(), self._source(), self.scale.value()
        if figure is not None and source is not None:
            self._busy(tr("Drawing…"))
            draw = source.draw
            self._writing.submit(lambda: as_image(figure, scale, draw), tag=None)

    @Slot()
    def _on_save(self) -> None:
        figure, source, scale = self.figure(), self._source(), self.scale.value()
        path = self._asking.save(tr("Export figure"), f"{tr('figure')}.png")
        if path is None or figure is None or source is None:
            return
        if path.suffix.lower().removeprefix(".") not in FORMATS:
            path = path.with_name(path.name + ".png")
        self._busy(tr("Drawing…"))
        draw, target = source.draw, path
        self._writing.submit(lambda: write(figure, target, scale=scale, draw=draw), tag=target)

    def _busy(self, words: str) -> None:
        self.note.setText(words)
        set_role(self.note, "tone", "")
        self.copy.setEnabled(False)
        self.save.setEnabled(False)

    @Slot(object)
    def _on_written(self, outcome: Outcome) -> None:
        self.copy.setEnabled(True)
        self.save.setEnabled(True)
        if outcome.error is not None:
            reason = outcome.error.strerror if isinstance(outcome.error, OSError) else None
            self.note.setText(tr("The figure could not be written: {reason}", reason=reason or str(outcome.error)))
            set_role(self.note, "tone", "problem")
        elif isinstance(outcome.value, QImage):
            QGuiApplication.clipboard().setImage(outcome.value)
            self.note.setText(tr("The picture is on the clipboard."))
        elif isinstance(outcome.tag, Path):
            self.note.setText(tr("Written: {path}", path=str(outcome.tag)))
