"""The Fine-tune station's form: target, split, strategy, encoder, device, seeds, and Run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.forms.options_editor import OptionsEditor
from app.forms.part_editor import PartEditor
from app.forms.presets import Presets
from app.forms.runtime_editor import RuntimeEditor
from app.kit.translate import tr
from app.kit.widgets.basics import Fold, Strip, button, column, label, line, link
from app.kit.widgets.tall import Tall
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session


class FinetuneForm(View):
    """What is learned from the labels."""

    spec = ViewSpec("finetune_form", "Fine-tuning", "finetune", "left", icon="finetune", order=10)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._strip = Strip()
        self._source = label("", "muted", wrap=True)
        self.presets = Presets(session)
        self._target = label("", wrap=True)
        # Another column may need another kind of task and split, so it is chosen where those are worked out anew.
        self.change = link(tr("Predict something else…"), session.target_requested.emit)
        self.task = PartEditor(session, "task", "task", tr("Predict"), leave_out=("target",))
        self.split = PartEditor(session, "split", "split", tr("Split"))
        self.strategy = PartEditor(session, "strategy", "finetune", tr("Strategy"), stage=True)
        self.encoder = PartEditor(session, "encoder", "encoder", tr("Encoder"))
        self.beside = PartEditor(
            session, "term", "beside", tr("Beside the labels"), optional=tr("Nothing: the labels alone")
        )
        self.loader = PartEditor(session, "loader", "loader", tr("Batches"), default="full")
        self.noise = OptionsEditor(session, "noise", tr("Against wrong edges and labels"))
        self.after = OptionsEditor(session, "after", tr("After training"))
        self.labels = OptionsEditor(session, "labels", tr("Labels of train nodes as features"))
        self.runtime = RuntimeEditor(session)
        self.go = button(tr("Run now"), session.running.start, icon="play")
        page = QWidget()
        target = column(label(tr("TARGET"), "section"), self._target, self.change, spacing=2)
        more = QWidget()
        more.setLayout(column(self.beside, self.loader, spacing=14))
        parts = (self.presets, target, self.task, self.split, self.strategy, self.encoder, self.runtime)
        folded = (self.noise, self.after, self.labels, Fold(tr("Beside the labels, and batches"), more))
        page.setLayout(column(self._strip, *parts, *folded, None, margins=14, spacing=14))
        foot = column(self._source, self.go, margins=10)
        self.setLayout(column(Tall(page), line(), foot, spacing=0))
        session.recipe_changed.connect(self._on_changed)
        session.runs_changed.connect(self._on_changed)
        session.training.live_changed.connect(self._on_changed)
        session.training.run_ended.connect(self._on_run_ended)
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        self.setEnabled(not self.session.draft.is_empty)
        self._target.setText(str(self.session.draft.target or "–"))
        self.go.setEnabled(not self.session.training.is_running)
        source = self.session.running.pretrained_source()
        if source is not None:
            self._source.setText(tr("Starts from the encoder pretrained in run {name}.", name=source.name))
        self._source.setVisible(source is not None)

    @Slot(object)
    def _on_run_ended(self, live: Any) -> None:  # Any: LiveRun
        components = (self.task, self.split, self.strategy, self.encoder, self.beside, self.loader)
        parts = (*components, self.noise, self.after, self.labels)
        for part in parts:
            part.clear_errors()
        self.runtime.show_error("", "")
        self._strip.hide()
        error = live.job.error if live.job.state == "failed" else None
        if not error:
            return
        path = str((error.get("details") or {}).get("path", ""))
        text = f"{error['message']} {error.get('hint', '')}".strip()
        if not any(part.show_error(path, text) for part in (*parts, self.runtime)):
            self._strip.say("problem", str(error["message"]), str(error.get("hint", "")))
