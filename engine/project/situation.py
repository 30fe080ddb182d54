"""What a recipe is suggested from: sizes, the target, and how many labels there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import RoleError
from engine.data.dataset import AnyData, union_of
from engine.data.items import Items, Level
from engine.data.options import ColumnOptions, DataOptions, TableOptions
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.values import is_number as is_number_text
from engine.project.opened import target_cells

# A whole number with few values names kinds rather than amounts: departments, countries, ratings in stars.
_MOST_CODES = 50
_LEAST_PER_CODE = 5


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known before a recipe is written.

    Args:
        targets: columns to predict. is_class: whether their values name classes.
        labelled: items with a value. classes: different values, 0 for numbers. smallest: items of the rarest class.
        split_columns: columns that hold only split words. fold_columns: columns that number folds.
        has_features: whether nodes bring features of their own.
        num_nodes, num_edges: of the graph, an undirected edge once.
        level: whether nodes or whole graphs are predicted. num_items: how many there are.
        edges_carry: whether edges carry something, as bonds do. is_molecules: whether graphs are molecules.
    """

    targets: tuple[str, ...]
    is_class: bool
    labelled: int
    classes: int
    smallest: int
    split_columns: tuple[str, ...]
    has_features: bool
    num_nodes: int
    num_edges: int
    level: Level = "node"
    fold_columns: tuple[str, ...] = ()
    num_items: int = 0
    edges_carry: bool = False
    is_molecules: bool = False
    writes: bool = False

    @property
    def target(self) -> str:
        """The first column to predict."""
        return self.targets[0]

    @property
    def task(self) -> dict[str, Any]:  # Any: TOML values
        """The task as a recipe has it."""
        if self.writes:
            return {"type": "generate", "target": self.target}
        if len(self.targets) > 1:
            key = f"{self.level}_{'labels' if self.is_class else 'values'}"
            return {"type": key, "targets": list(self.targets)}
        return {"type": f"{self.level}_{'class' if self.is_class else 'value'}", "target": self.target}


def look_at(data: AnyData, targets: Sequence[str]) -> Situation:
    """Return the situation of the columns to predict.

    Raises: RoleError: there is no such column, or it is empty; several columns of different kinds, or of nodes.
    """
    items = data.items
    found = [_column(items, target) for target in targets]
    is_class = found[0].is_class if len(found) == 1 else _are_classes(items, targets, found)
    return Situation(
        targets=tuple(targets),
        is_class=is_class,
        labelled=max(column.labelled for column in found),
        classes=found[0].classes if is_class else 0,
        smallest=min(column.smallest for column in found) if is_class else 0,
        split_columns=_with_role(items, Role.SPLIT),
        has_features=union_of(data).has_features,
        edges_carry=data.graph.edge_attr is not None,
        is_molecules=any(spec.role is Role.SMILES for spec in items.columns.values()),
        writes=len(targets) == 1 and items.columns[targets[0]].role is Role.SMILES,
        num_nodes=data.graph.num_nodes,
        num_edges=data.graph.num_links,
        level=items.level,
        fold_columns=_with_role(items, Role.FOLD),
        num_items=len(items),
    )


@dataclass(frozen=True, slots=True)
class _Column:
    """A column to predict: see `Situation`. Args: is_number: whether all its values are numbers."""

    is_class: bool
    is_number: bool
    labelled: int
    classes: int
    smallest: int


def _column(items: Items, target: str) -> _Column:
    cells = target_cells(items, (target,))
    values = np.asarray([cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()], dtype=object)
    if not len(values):
        raise RoleError(f'The column "{target}" has no values to learn from.', hint="Choose another target column.")
    names, counts = np.unique(values.astype(str), return_counts=True)
    is_class = _names_classes(items.columns[target].kind, names, len(values))
    is_number = all(is_number_text(name, items.columns[target].decimal) for name in names)
    return _Column(is_class, is_number, len(values), len(names), int(counts.min()))


def _are_classes(items: Items, targets: Sequence[str], found: Sequence[_Column]) -> bool:
    """Say whether several columns are of two classes each, or all of numbers.

    Raises: RoleError: neither, or they are columns of nodes.
    """
    if items.level == "node":
        raise RoleError(
            f"{len(targets)} columns are named as the target, but of nodes one is predicted at a time.",
            hint="Name one target.",
        )
    if all(column.classes == 2 for column in found):
        return True
    if all(column.is_number for column in found):
        return False
    odd = next(name for name, one in zip(targets, found, strict=True) if one.classes != 2 and not one.is_number)
    raise RoleError(
        f'Columns that are predicted together hold two classes each, or all of them numbers; "{odd}" does not fit.',
        hint="Predict it alone.",
        column=odd,
    )


def target_of(options: DataOptions) -> str:
    """Return the column with the role target.

    Raises: RoleError: there is none, or there are several.
    """
    found = [name for table in _of_items(options) for name, spec in table.columns.items() if spec.role is Role.TARGET]
    if len(found) == 1:
        return found[0]
    if not found:
        raise RoleError("No column is marked as the target.", hint="Name the column to predict, with --target.")
    raise RoleError(f"Several columns are marked as the target: {', '.join(found)}.", hint="Name one with --target.")


def with_target(options: DataOptions, target: str) -> DataOptions:
    """Return the options with this column as the only target; see `with_targets`."""
    return with_targets(options, (target,))


def with_targets(options: DataOptions, targets: tuple[str, ...]) -> DataOptions:
    """Return the options with these columns as the only targets; what was one before is a feature no longer."""
    tables = []
    for table in options.tables:
        columns = dict(table.columns)
        if table in _of_items(options):
            for name, spec in table.columns.items():
                # A structure stays one when it is what is written anew.
                if name in targets and spec.role is not Role.SMILES:
                    columns[name] = ColumnOptions(role=Role.TARGET, kind=spec.kind)
                elif spec.role is Role.TARGET:
                    columns[name] = ColumnOptions(role=Role.IGNORE, kind=spec.kind)
        tables.append(table.model_copy(update={"columns": columns}))
    return options.model_copy(update={"tables": tuple(tables)})


def with_splits(options: DataOptions, columns: tuple[str, ...]) -> DataOptions:
    """Return the options with these columns as split columns, so that they are no features."""
    tables = []
    for table in options.tables:
        changed = {
            name: ColumnOptions(role=Role.SPLIT, kind=ColumnKind.CATEGORY) if name in columns else spec
            for name, spec in table.columns.items()
        }
        tables.append(table.model_copy(update={"columns": changed if table in _of_items(options) else table.columns}))
    return options.model_copy(update={"tables": tuple(tables)})


def _of_items(options: DataOptions) -> list[TableOptions]:
    """Return the tables whose rows are what is predicted: graphs where there are such tables, nodes otherwise."""
    of_graphs = [table for table in options.tables if table.kind in (TableKind.GRAPHS, TableKind.MOLECULES)]
    return of_graphs or [table for table in options.tables if table.kind is TableKind.NODES]


def _with_role(items: Items, role: Role) -> tuple[str, ...]:
    return tuple(name for name, spec in items.columns.items() if spec.role is role)


def _names_classes(kind: ColumnKind, names: NDArray[np.str_], labelled: int) -> bool:
    if kind is not ColumnKind.NUMBER:
        return True
    whole = all(name.lstrip("+-").isdigit() for name in names)
    return whole and len(names) <= _MOST_CODES and labelled >= _LEAST_PER_CODE * len(names)
