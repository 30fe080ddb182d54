"""From files to a dataset and a recipe: the import, what shall be predicted, and the recipe that is suggested."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Slot

from app.kit.translate import tr
from app.session.own_columns import safe_name
from engine.core.errors import EngineError

if TYPE_CHECKING:
    from app.bridge.jobs import Job
    from app.session.frames import DatasetFrame
    from app.session.keeping import Keeper
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values


class Preparing(QObject):
    """Imports what the sheet says and asks for recipes.

    `job` is the import that goes on or was the last; `error` why it failed, `suggest_error` why no recipe came;
    `preset` the one chosen last.
    """

    def __init__(self, session: Session, keeper: Keeper) -> None:
        super().__init__(session)
        self._session = session
        self._keeper = keeper
        self.job: Job | None = None
        self.error: Plain | None = None
        self.suggest_error: Plain | None = None
        self.preset = "quick"
        self._wanted_target: str | None = None
        self._import_when_ready = False  # a column was handed over, and its preview is on its way
        session.importing.changed.connect(self._on_importing_changed)
        session.training.suggested.connect(self._on_suggested)
        session.training.suggest_failed.connect(self._on_suggest_failed)

    def forget(self) -> None:
        """Have no errors to tell."""
        self.error = self.suggest_error = None

    def suggest_for(self, dataset: DatasetFrame) -> None:
        """Ask for a recipe of what was just imported, where it is known what shall be predicted."""
        # What was predicted before the files were imported anew still is, unless another column is marked now.
        known = (self._wanted_target, self._session.sample.get("target"))
        targets = dataset.columns("target") or [name for name in known if name and name in dataset.nodes.columns]
        if targets and self._session.draft.is_empty:
            split = self._session.sample.get("split", "")
            preset = self.preset if targets[0] == self._wanted_target else "quick"
            pretrain = "none" if preset == "plain" else "auto"
            self.choose_target(targets[0], preset, pretrain, split if split in ("random", "few") else "")

    @property
    def is_stale(self) -> bool:
        """Whether the sheet says something else than what was imported."""
        return (
            self._session.dataset is not None
            and self._session.importing.data is not None
            and self._session.importing.data != self._session.dataset.data
        )

    def import_all(self) -> None:
        """Read everything as the sheet says."""
        if not self._session.importing.is_ready or self._session.importing.data is None:
            return
        if self._session.project is None:
            first = Path(self._session.importing.files[0])
            try:
                self._keeper.create(first.parent.name or first.stem)
            except EngineError as error:
                self._session.say_error(error)
                return
        assert self._session.project is not None
        self.error = None
        arguments = {"data": self._session.importing.data, "out": str(self._session.project.data_folder)}
        self.job = self._session.jobs.submit(
            "import_data", arguments, title=tr("Importing"), topic="import", then=self._on_imported
        )

    def use_own_column(self, name: str, role: str) -> None:
        """Give a column that was made here to the import, as what shall be predicted or as the split, and import anew.

        Args: role: target or split; other columns of that role are ignored from now on.
        """
        column, dataset, project = self._session.own_columns.get(name), self._session.dataset, self._session.project
        if column is None or dataset is None or project is None:
            return
        if role == "split" and not set(column.values) <= {"train", "valid", "test"}:
            self._session.say(
                "warning",
                tr("“{name}” cannot be the split yet.", name=name),
                tr("Its values have to be train, valid and test: write each to the column, one selection at a time."),
            )
            return
        path = project.folder / "columns" / f"{safe_name(name)}.csv"
        try:
            self._session.own_columns.to_file(name, dataset.node_ids, path)
        except OSError as error:
            self._session.say("problem", tr("The column cannot be written: {error}", error=str(error)))
            return
        self._import_when_ready = True
        self._session.importing.add_column(path, name, role)
        self._session.go_to("data")

    def choose_target(self, column: str, preset: str = "quick", pretrain: str = "auto", split: str = "") -> None:
        """Choose the column to predict and ask for a recipe."""
        if self._session.dataset is None:
            return
        self.suggest_error = None
        self.preset = preset
        self._session.training.suggest(self._session.dataset.data, column, preset, pretrain, split or None)
        self._session.recipe_changed.emit()

    def choose_preset(self, preset: str) -> None:
        """Ask for another recipe for the same target."""
        target = self._session.draft.target
        if target is not None:
            self.choose_target(target, preset, "none" if preset == "plain" else "auto")

    def _on_imported(self, job: Job) -> None:
        if job.state == "finished" and job.result is not None:
            assert self._session.project is not None
            self._wanted_target = self._session.draft.target
            self._session.draft.load({})
            self._keeper.remember(dataset=job.result["dataset"])
            self._keeper.save_soon()
            self._session.read_dataset(self._session.project.data_folder / job.result["dataset"])
        elif job.state == "failed":
            self.error = job.error
            self._session.say_error(job.error)
        self._session.dataset_changed.emit()

    @Slot(object)
    def _on_suggested(self, result: Plain) -> None:
        self.suggest_error = None
        text = tr("Take the recipe of preset {name}", name=self.preset)
        # What to beware of travels with what it costs: both are told before the run, and kept with the draft.
        estimate = {**result.get("estimate", {}), "warnings": result.get("warnings", [])}
        self._session.draft.suggest(result["recipe"], result.get("reasons", []), estimate, text)

    @Slot(object)
    def _on_suggest_failed(self, error: Plain) -> None:
        self.suggest_error = error
        self._session.say_error(error)
        self._session.recipe_changed.emit()

    @Slot()
    def _on_importing_changed(self) -> None:
        if self._import_when_ready and not self._session.importing.is_busy:
            self._import_when_ready = False
            self.import_all()
