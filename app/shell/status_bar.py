"""The status bar: one line for each job with its progress, time left and Stop; and what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QProgressBar, QStatusBar, QWidget

from app.kit import theme
from app.kit.throttle import Throttle
from app.kit.translate import tr
from app.kit.widgets.basics import Elided, label, row, tool
from app.kit.words import duration
from app.session.counting import chosen, extent

if TYPE_CHECKING:
    from app.bridge.jobs import Job
    from app.session.session import Session

# A job shorter than this shows no line: it would only flicker.
_SHOWN_AFTER_SECONDS = 0.4
_MOST_LINES = 3  # a window must not grow because much is going on
_NARROWEST = 120  # of a line's text, in pixels


class JobLine(QWidget):
    """One job: its name, what it does, how far it is, Stop."""

    def __init__(self, job: Job, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job = job
        self._session = session
        self._text = Elided("", "muted")
        self._text.setMinimumWidth(_NARROWEST)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setMinimumWidth(_NARROWEST // 2)
        self._bar.setMaximumWidth(140)
        self._bar.setAccessibleName(tr("Progress"))
        is_run = job.lane == "train"
        tip = tr("Stop and keep the best") if is_run else tr("Cancel")
        self._stop = tool("stop" if is_run else "close", tip, self._on_stop)
        self.setLayout(row(self._text, self._bar, self._stop, spacing=6))
        self._throttle = Throttle(self._update, 100, self)
        job.changed.connect(self._throttle.request)
        self._update()

    @Slot()
    def _on_stop(self) -> None:
        if self._job.lane == "train" and self._job.state == "running":
            self._session.jobs.stop(self._job)
        else:
            self._session.jobs.cancel(self._job)

    def _update(self) -> None:
        job = self._job
        parts = [job.title]
        if job.state == "queued":
            parts.append(tr("waiting"))
        elif job.state == "stopping":
            parts.append(tr("stopping after this epoch"))
        elif job.state == "cancelling":
            parts.append(tr("ending at the next batch"))
        elif job.stage is not None:
            parts.append(stage_words(job.stage.name))
        if job.fraction is not None:
            parts.append(tr("{percent} %", percent=round(100 * job.fraction)))
        left = job.seconds_left
        if left is not None:
            parts.append(tr("{time} left", time=duration(left)))
        self._text.setText(" · ".join(parts))
        fraction = job.fraction
        if fraction is None:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(1000 * fraction))


def stage_words(name: str) -> str:
    """Return what a stage is called on screen."""
    known = {
        "read": tr("reading"),
        "preview": tr("reading"),
        "describe": tr("describing"),
        "write": tr("writing"),
        "measure": tr("measuring the time it takes"),
        "layout": tr("placing nodes"),
        "projection": tr("placing points"),
        "predict": tr("predicting"),
        "probe": tr("probing"),
        "export": tr("writing"),
        "floors": tr("floors"),
        "pretrain": tr("pretraining"),
        "scratch": tr("training from scratch"),
        "finetune": tr("fine-tuning"),
        "evaluate": tr("evaluating"),
        "report": tr("writing results"),
    }
    return known.get(name, name)


class StatusBar(QStatusBar):
    """Jobs on the left, the selection on the right."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._lines: dict[str, JobLine] = {}
        self._idle = label(tr("Ready"), "muted")
        self._more = label("", "muted")
        self._selected = label("", "muted")
        self.setSizeGripEnabled(False)
        self.setContentsMargins(theme.SPACE, 0, theme.SPACE, 0)
        self.addWidget(self._idle)
        self.addPermanentWidget(self._more)
        self.addPermanentWidget(self._selected)
        self._more.hide()
        self._throttle = Throttle(self._update_lines, round(_SHOWN_AFTER_SECONDS * 1000), self)
        session.jobs.jobs_changed.connect(self._throttle.request)
        session.selection.changed.connect(self._on_selection)
        session.dataset_changed.connect(self._on_selection)
        self._on_selection()

    def job_texts(self) -> list[str]:
        """Return what the lines say."""
        return [line._text.text() for line in self._lines.values()]

    def _update_lines(self) -> None:
        # Drawings come and go in a moment, while somebody scrolls.
        going_on = [job for job in self._session.jobs.active() if job.lane != "drawing"]
        active = {job.id: job for job in going_on[:_MOST_LINES]}
        for id in [id for id in self._lines if id not in active]:
            gone = self._lines.pop(id)
            self.removeWidget(gone)
            gone.deleteLater()
        for id, job in active.items():
            if id not in self._lines:
                made = JobLine(job, self._session, self)
                self._lines[id] = made
                self.addWidget(made, 1)
                made.show()
        self._idle.setVisible(not self._lines)
        self._more.setText(tr("{count} more", count=len(going_on) - len(active)))
        self._more.setVisible(len(going_on) > len(active))

    @Slot()
    def _on_selection(self) -> None:
        dataset, count = self._session.dataset, self._session.selection.count
        if dataset is None:
            self._selected.setText("")
        else:
            self._selected.setText(chosen(dataset, count) if count else extent(dataset))
