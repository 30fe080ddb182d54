"""What a project remembers of the window: collected when it is saved, shown again when it is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.session.keeping import Keeper

if TYPE_CHECKING:
    from app.kit.settings import Settings
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values
_SELECTION_KEPT = 100_000  # nodes; a larger selection is not remembered from one start to the next


class Remembering:
    """Collects and restores; `keeper` owns the project's folder, `selection` is what a restored project had selected.

    What the user made of the nodes is kept by the nodes: it outlives an import that changes roles, not other nodes.

    Args: session: whose parts they are; asked for them only once it is complete. home, settings: of the keeper.
    """

    def __init__(self, session: Session, home: Path, settings: Settings) -> None:
        self._session = session
        self._made_of: str | None = None  # of which nodes the made things in view are
        self.selection: list[int] = []
        self.keeper = Keeper(home, settings, self.shown, session)

    def shown(self) -> Plain:
        """Return what the window shows, for the project to remember."""
        session = self._session
        small = session.selection.count <= _SELECTION_KEPT
        advice = {
            "preset": session.preparing.preset,
            "reasons": session.draft.reasons,
            "estimate": session.draft.estimate,
        }
        return {
            "files": session.importing.files,
            "data": session.importing.data,
            "draft": session.draft.plain,
            "advice": advice,
            "station": session.station,
            "selection": session.selection.indices().tolist() if small else [],
            "made": self._all_made(),
            "filters": session.filtering.to_plain(),
            "style": session.style.to_plain(),
            "layout": session.pictures.layout_type,
        }

    def restore(self) -> None:
        """Show what the project showed when it was left."""
        session, state, project = self._session, self.keeper.state, self.keeper.project
        assert project is not None
        session.importing.restore(state.get("files", []), state.get("data"))
        advice = state.get("advice") or {}
        session.preparing.preset = advice.get("preset", "quick")
        session.draft.load(state.get("draft") or {}, advice.get("reasons"), advice.get("estimate"))
        self.selection = state.get("selection") or []
        session.filtering.restore(state.get("filters") or [])
        session.style.restore(state.get("style") or {})
        if state.get("dataset"):
            # Moved and pinned nodes are seen again where they were left, in the layout they were left in.
            session.pictures.look_for(project.data_folder / state["dataset"], str(state.get("layout") or ""))
            session.read_dataset(project.data_folder / state["dataset"])
        if state.get("run") and (project.runs_folder / state["run"] / "recipe.toml").is_file():
            session.running.open(project.runs_folder / state["run"])
        session.go_to(state.get("station", "data"))

    def take_selection(self) -> list[int]:
        """Return which nodes a restored project had selected; once."""
        found, self.selection = self.selection, []
        return found

    def show_made(self) -> None:
        """Show what the user made of the nodes in view."""
        dataset = self._session.dataset
        if dataset is not None and self._made_of != dataset.nodes_key:
            self.keeper.remember(made=self._all_made())
            self._made_of = dataset.nodes_key
            self._put_made(self.keeper.state["made"].get(self._made_of) or {})

    def forget_made(self) -> None:
        """Have nothing made."""
        self._made_of = None
        self._put_made({})

    def _put_made(self, made: Plain) -> None:
        self._session.named.restore(made.get("selections") or {})
        self._session.own_columns.restore(made.get("columns") or {})
        dataset = self._session.dataset
        self._session.pins.restore(made.get("pins"), 0 if dataset is None else dataset.num_nodes)

    def _all_made(self) -> Plain:
        made: Plain = dict(self.keeper.state.get("made") or {})
        if self._made_of is not None:
            made[self._made_of] = {
                "selections": self._session.named.to_plain(),
                "columns": self._session.own_columns.to_plain(),
                "pins": self._session.pins.to_plain(),
            }
        return made
