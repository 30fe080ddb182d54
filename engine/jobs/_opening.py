"""Read what a run works on and put it on its device; on resuming, make sure that nothing has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.core.errors import RoleError
from engine.core.events import Notice
from engine.data.collection import CollectionData, pooled_features
from engine.data.dataset import AnyData, Dataset, union_of
from engine.data.items import Items
from engine.data.roles import Role
from engine.data.schema import FeatureMatrix, FeatureSchema
from engine.jobs._pieces import Material, read_json
from engine.jobs.spec import JobContext
from engine.learn.batching import batch_of, with_whole
from engine.learn.runtime import apply_runtime, environment, resolve_device
from engine.project.opened import check_unchanged, open_data, target_cells
from engine.project.parts import resolve
from engine.project.recipe import Recipe
from engine.project.runs import RunFolder


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """What the trainings share, and what the numbers depend on beside it."""

    material: Material
    environment: Mapping[str, Any]  # Any: JSON values


def open_run(run: RunFolder, recipe: Recipe, context: JobContext) -> OpenedRun:
    """Read, build, fit the schema, and put the graph on the device.

    Raises: MismatchError, CorruptError: the run began with other files. What the readers, the schema and the device
        raise.
    """
    parts = resolve(recipe)
    device = resolve_device(recipe.runtime, context.sink)
    apply_runtime(recipe.runtime, device)
    before = read_json(run.path / "environment.json")
    if before is not None:
        check_unchanged(recipe.data, str(before.get("data")))
    opened = open_data(recipe.data, sink=context.sink, cancel=context.cancel)
    items = opened.data.items
    values = target_cells(items, parts.task.columns)
    _check_no_leak(items, parts.task.columns)
    schema = FeatureSchema.fit(opened.data, recipe.data, sink=context.sink)
    context.cancel.check()
    x = schema.transform(opened.data, sink=context.sink)
    context.cancel.check()
    dataset = Dataset(opened.data, x, schema, opened.fingerprint)
    batch = batch_of(opened.data, x, device)
    batch = with_whole(batch, opened.data, x, parts.whole, sink=context.sink, cancel=context.cancel)
    context.cancel.check()
    now = {
        **environment(device),
        "data": opened.fingerprint,
        "recipe": recipe.fingerprint(),
        "files": [table.path for table in recipe.data.tables],
    }
    if before is not None:
        _tell_changes(before, now, context)
    material = Material(run, recipe, parts, dataset, batch, values, opened.id_name, _own_features(opened.data, x))
    return OpenedRun(material, now)


def _check_no_leak(items: Items, targets: Sequence[str]) -> None:
    """Refuse a target that is a feature too, as the roles suggested for a file may have it.

    Raises: RoleError: it is.
    """
    for target in targets:
        if items.columns[target].role is Role.FEATURE:
            raise RoleError(
                f'The column "{target}" is to be predicted and is a feature at once: the answer would be in the '
                "question.",
                hint="Name the columns of its table in the recipe, with the role target for this one.",
                column=target,
            )


def _own_features(data: AnyData, x: FeatureMatrix) -> Any:  # Any: numpy array, scipy CSR matrix or None
    """Return the items' own features, which need no edges; None when all there is is made from the graph.

    Those of a whole graph are the sums and means over its nodes, and its size.
    """
    has_own = union_of(data).has_features
    if isinstance(data, CollectionData):
        return pooled_features(data.graph, data.graph_ptr, x if has_own else None)
    return x if has_own else None


def _tell_changes(before: Mapping[str, Any], now: Mapping[str, Any], context: JobContext) -> None:  # Any: JSON values
    """Say when a run goes on where its numbers may come out differently in the last digits."""
    changed = [name for name in ("versions", "device", "threads") if before.get(name) != now.get(name)]
    if changed:
        text = f"The run goes on with other {' and '.join(changed)} than it began with: last digits may differ."
        context.sink(Notice("warning", "run.environment_changed", text, {"changed": changed}))
