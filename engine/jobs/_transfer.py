"""The pretrained encoders of another run, made to read this run's features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.core.cancel import CancelToken
from engine.core.errors import MismatchError
from engine.core.events import EventSink, Notice, silent
from engine.core.fingerprint import of_plain
from engine.data.schema import FeatureSchema
from engine.learn.options import TransferOptions
from engine.learn.transfer import InputMap, column_map, folded, principal_directions, principal_map
from engine.nn.encoders._base import Encoder
from engine.project import checkpoint
from engine.project.opened import open_data
from engine.project.recipe import Recipe
from engine.project.runs import RunFolder


@dataclass(frozen=True, slots=True)
class Carried:
    """Weights for this run's encoder, and where they are from as JSON values."""

    state: Mapping[str, Tensor]
    facts: Mapping[str, Any]  # Any: JSON values


class Source:
    """Another run, whose encoders are carried over.

    Args: recipe: of this run, with `transfer`. schema, x: this run's features. sink, cancel: as the job has them.
    Raises: ProjectError: there is no such run. MismatchError: its encoder or objective differs from the recipe's.
    """

    def __init__(self, recipe: Recipe, schema: FeatureSchema, x: Any, sink: EventSink, cancel: CancelToken) -> None:
        # Any: numpy array or scipy CSR matrix
        assert recipe.transfer is not None
        self._options: TransferOptions = recipe.transfer
        self._recipe, self._schema, self._x, self._sink, self._cancel = recipe, schema, x, sink, cancel
        self._run = RunFolder(Path(self._options.source))
        self._theirs = self._run.recipe()
        self._map: InputMap | None = None
        for name in ("encoder", "pretrain"):
            own, other = getattr(recipe, name), getattr(self._theirs, name)
            if other is None or own.model_dump() != other.model_dump():
                raise MismatchError(
                    f'The run {self._run.path.name} has another "{name}" than this recipe, so nothing can be carried '
                    "over.",
                    hint="Let the run command write both: run RECIPE --transfer-from RUN.",
                    path=name,
                )

    def carried(self, seed: int, build: Callable[[int], Encoder]) -> Carried:
        """Return the weights of a seed; the source's first encoder where it has none of that seed.

        Args: build: width of features to an encoder that reads them.
        """
        folder = self._folder(seed)
        stored = checkpoint.load(folder)
        inputs = self._inputs(str(stored.manifest["schema"]))
        state = folded(build, stored.tensors, int(stored.manifest["in_width"]), inputs)
        facts = {
            "run": self._run.path.name,
            "data": stored.manifest["data"],
            "weights": stored.manifest["sha256"],
            "seed": stored.manifest["seed"],
            "map": self._options.map,
            "directions": int(inputs.left.shape[1]),
        }
        return Carried(state, facts)

    def _folder(self, seed: int) -> Path:
        found: dict[int, Path] = {}
        for path in sorted(self._run.path.glob("seeds/*/pretrain")):
            manifest = checkpoint.read_manifest(path) if checkpoint.exists(path) else {}
            if manifest.get("status") == "finished":
                found.setdefault(int(manifest["seed"]), path)
        if not found:
            raise MismatchError(
                f"The run {self._run.path.name} has no finished pretrained encoder.", hint="Let it finish first."
            )
        return found.get(seed, found[min(found)])

    def _inputs(self, schema_hash: str) -> InputMap:
        if self._map is None:
            opened = open_data(self._theirs.data, sink=silent, cancel=self._cancel)
            schema = FeatureSchema.fit(opened.data, self._theirs.data)
            if of_plain(schema.to_plain()) != schema_hash:
                raise MismatchError(
                    f"The files of the run {self._run.path.name} are not those that its encoders were trained on.",
                    hint="Run it again.",
                )
            if self._options.map == "columns":
                self._map = column_map(self._schema.names, schema.names)
            else:
                known = principal_directions(schema.transform(opened.data), self._options.directions)
                self._cancel.check()
                self._map = principal_map(principal_directions(self._x, self._options.directions), known)
            self._sink(
                Notice(
                    "info",
                    "run.encoder_carried_over",
                    f"The encoders of {self._run.path.name} are carried over; "
                    f"{self._map.left.shape[1]} directions of the features lead into them.",
                    {"directions": int(self._map.left.shape[1])},
                )
            )
        return self._map
