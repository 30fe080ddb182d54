"""The Pretrain station's form: objective, encoder, how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.forms.part_editor import STAGE_PARTS, PartEditor
from app.forms.presets import Presets
from app.kit.translate import tr
from app.kit.widgets.basics import Strip, button, column, label, line, row
from app.kit.widgets.tall import Tall
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values


class PretrainForm(View):
    """What is learned from the graph itself, without labels."""

    spec = ViewSpec("pretrain_form", "Pretraining", "pretrain", "left", icon="pretrain", order=10)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._strip = Strip()
        self.presets = Presets(session)
        self.objective = PartEditor(
            session,
            "objective",
            "pretrain",
            tr("Objective"),
            optional=tr("None: start from scratch"),
            stage=True,
            along=self._strategy_along,
        )
        self.encoder = PartEditor(session, "encoder", "encoder", tr("Encoder"))
        self.go = button(tr("Pretrain now"), session.running.pretrain, icon="play")
        self.go.setToolTip(tr("Train the encoder without labels now; fine-tuning then starts from it."))
        why = label(
            tr("Pretraining learns the encoder from all that is there, labelled or not. Fine-tuning starts from it."),
            "muted",
            wrap=True,
        )
        page = QWidget()
        page.setLayout(
            column(self._strip, why, self.presets, self.objective, self.encoder, None, margins=14, spacing=14)
        )
        foot = row(self.go, margins=10)
        self.setLayout(column(Tall(page), line(), foot, spacing=0))
        session.recipe_changed.connect(self._on_changed)
        session.training.live_changed.connect(self._on_changed)
        session.training.run_ended.connect(self._on_run_ended)
        self._on_changed()

    def _strategy_along(self, objective: str | None) -> Plain:
        """A pretrained encoder is there to be used, and without one nothing but scratch is left."""
        before = self.session.draft.get("finetune") or {}
        if (objective is None) == (before.get("type") == "scratch"):
            return {}
        kept = {name: before[name] for name in STAGE_PARTS if name in before}
        return {"finetune": {"type": "scratch" if objective is None else "full", **kept}}

    @Slot()
    def _on_changed(self) -> None:
        draft = self.session.draft
        self.setEnabled(not draft.is_empty)
        has_objective = draft.get("pretrain.type") is not None
        self.go.setEnabled(has_objective and not self.session.training.is_running)

    @Slot(object)
    def _on_run_ended(self, live: Any) -> None:  # Any: LiveRun
        error = live.job.error if live.job.state == "failed" else None
        for part in (self.objective, self.encoder):
            part.clear_errors()
        self._strip.hide()
        if error:
            path = str((error.get("details") or {}).get("path", ""))
            text = f"{error['message']} {error.get('hint', '')}".strip()
            if not any(part.show_error(path, text) for part in (self.objective, self.encoder)):
                self._strip.say("problem", str(error["message"]), str(error.get("hint", "")))
