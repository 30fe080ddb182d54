"""The six stations: which state each is in, in words, and the one sensible next step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.kit.sayings import said
from app.kit.translate import tr, tr_n
from app.session.counting import extent

if TYPE_CHECKING:
    from app.session.session import Session

State = Literal["locked", "ready", "busy", "done", "problem"]


@dataclass(frozen=True, slots=True)
class Station:
    """A place on the rail. `title` and `tagline` are English, translated where they are shown."""

    key: str
    title: str
    icon: str
    tagline: str


@dataclass(frozen=True, slots=True)
class StationState:
    """How a station stands. `action` is the key of the one obvious button, `why_not` why it is disabled.

    `also` is the key of a second, quieter button; most stations have none.
    """

    state: State
    sentence: str
    action: str
    why_not: str = ""
    fraction: float | None = None
    also: str = ""


STATIONS = (
    Station("data", "Data", "data", "Tables in, roles confirmed, one graph out"),
    Station("explore", "Explore", "explore", "Look at the data and choose what to predict"),
    Station("pretrain", "Pretrain", "pretrain", "Learn from the graph itself, without labels"),
    Station("finetune", "Fine-tune", "finetune", "Learn the labels, with floors beside every score"),
    Station("inspect", "Inspect", "inspect", "Predictions, embeddings, mistakes: one selection"),
    Station("export", "Export", "export", "Write results under your own ids"),
)


def states(session: Session) -> dict[str, StationState]:
    """Return the state of every station."""
    return {
        "data": _data(session),
        "explore": _explore(session),
        "pretrain": _pretrain(session),
        "finetune": _finetune(session),
        "inspect": _inspect(session),
        "export": _export(session),
    }


def _data(session: Session) -> StationState:
    sheet = session.importing
    job = session.preparing.job
    if job is not None and not job.is_over:
        return StationState("busy", tr("Importing…"), "import_data", tr("The import is going on."), job.fraction)
    if sheet.error is not None or session.preparing.error is not None:
        error = session.preparing.error or sheet.error or {}
        return StationState("problem", str(error.get("message", "")), "import_data", tr("See the message above."))
    if sheet.is_busy:
        return StationState("busy", tr("Reading the first rows…"), "import_data", tr("The files are being read."))
    unconfirmed = sheet.unconfirmed()
    if unconfirmed:
        text = tr("Choose the encoding of {file}", file=Path(unconfirmed[0]).name)
        return StationState("ready", text, "import_data", tr("An encoding is not chosen yet."))
    if session.dataset is not None and not session.preparing.is_stale:
        return StationState("done", extent(session.dataset), "go_explore")
    if sheet.is_ready:
        text = tr_n(
            "{count} file understood; check the roles", "{count} files understood; check the roles", len(sheet.files)
        )
        return StationState("ready", text, "import_data")
    return StationState("ready", tr("Drop files to begin"), "open_files")


def _explore(session: Session) -> StationState:
    if session.dataset is None:
        return StationState("locked", tr("Import data first"), "choose_target", tr("There is no data yet."))
    if session.training.is_suggesting:
        return StationState("busy", tr("Preparing a recipe…"), "go_pretrain", tr("The recipe is being prepared."))
    if session.preparing.suggest_error is not None:
        return StationState("problem", str(session.preparing.suggest_error.get("message", "")), "choose_target")
    if session.draft.is_empty:
        return StationState("ready", tr("Choose what to predict"), "choose_target")
    return StationState("done", tr("Predicting “{column}”", column=str(session.draft.target)), "go_pretrain")


def _pretrain(session: Session) -> StationState:
    if session.draft.is_empty:
        return StationState("locked", tr("Choose what to predict first"), "go_finetune", tr("There is no recipe yet."))
    live = session.training.live
    if session.training.is_running and live is not None:
        alone = live.job.arguments.get("until") == "pretrain"
        if alone or _stage(session) == "pretrain":
            return StationState("busy", tr("Pretraining…"), "stop_run", fraction=live.job.fraction)
        return StationState("busy", tr("A run is going on"), "go_finetune", fraction=live.job.fraction)
    objective = session.draft.get("pretrain.type")
    if objective is None:
        return StationState("ready", tr("No pretraining: the encoder starts from scratch"), "go_finetune")
    if session.running.pretrained_source() is None:
        text = tr("Pretrain with {name}, or go straight on", name=_label(session, objective))
        return StationState("ready", text, "start_pretraining")
    return StationState("done", tr("Pretrained with {name}", name=_label(session, objective)), "go_finetune")


def _finetune(session: Session) -> StationState:
    if session.draft.is_empty:
        return StationState("locked", tr("Choose what to predict first"), "start_run", tr("There is no recipe yet."))
    live = session.training.live
    if session.training.is_running and live is not None and live.job.arguments.get("until") == "pretrain":
        return StationState(
            "locked", tr("Pretraining goes on"), "start_run", tr("The encoder is still being pretrained.")
        )
    if session.training.is_running and live is not None:
        return StationState("busy", tr("Training…"), "stop_run", fraction=live.job.fraction)
    if live is not None and live.job.state == "failed":
        message = str((live.job.error or {}).get("message", ""))
        resumable = any(info.folder == live.folder and info.can_resume for info in session.runs.all)
        return StationState("problem", message, "resume_run" if resumable else "start_run")
    if session.run is not None and session.run.predictions is not None:
        if not session.running.is_of_draft:
            estimate = said(str(session.draft.estimate.get("sentence") or ""))
            return StationState("ready", f"{tr('Changed since the run in view.')} {estimate}".strip(), "start_run")
        told = said(str(session.run.metrics.get("verdict") or "")) or tr("The run is done")
        return StationState("done", told, "go_inspect")
    newest = next((info for info in session.runs.all if info.can_resume), None)
    if session.run is not None and newest is not None and newest.folder == session.run.folder:
        words = {"stopped": tr("This run was stopped."), "cancelled": tr("This run was cancelled.")}
        return StationState("problem", words.get(newest.status, tr("This run was cut off.")), "resume_run")
    return StationState(
        "ready", said(str(session.draft.estimate.get("sentence") or "")) or tr("Ready to run"), "start_run"
    )


def _inspect(session: Session) -> StationState:
    if session.run is None or session.run.predictions is None:
        return StationState("locked", tr("Train a model first"), "go_export", tr("There are no predictions yet."))
    told = said(str(session.run.metrics.get("verdict") or "")) or tr("Predictions are ready")
    return StationState("ready", told, "go_export", also="score_files")


def _export(session: Session) -> StationState:
    if session.run is None or session.run.predictions is None:
        return StationState("locked", tr("Train a model first"), "write_export", tr("There are no predictions yet."))
    sentence = tr("Write predictions, embeddings, a report or the graph")
    return StationState("ready", sentence, "write_export", also="score_files")


def _stage(session: Session) -> str:
    live = session.training.live
    return live.stages[-1].name if live is not None and live.stages else ""


def _label(session: Session, objective: str) -> str:
    for entry in session.components("objective"):
        if entry["key"] == objective:
            return said(str(entry["label"]))
    return objective
