"""What a recipe is suggested from: sizes, the target, and how many labels there are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import RoleError
from engine.data.dataset import AnyData, union_of
from engine.data.items import Items, Level
from engine.data.options import ColumnOptions, DataOptions, TableOptions
from engine.data.roles import ColumnKind, Role, TableKind
from engine.project.opened import target_cells

# A whole number with few values names kinds rather than amounts: departments, countries, ratings in stars.
_MOST_CODES = 50
_LEAST_PER_CODE = 5


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known before a recipe is written.

    Args:
        target: column to predict. is_class: whether its values name classes.
        labelled: items with a value. classes: different values, 0 for numbers. smallest: items of the rarest class.
        split_columns: columns that hold only split words. fold_columns: columns that number folds.
        has_features: whether nodes bring features of their own.
        num_nodes, num_edges: of the graph, an undirected edge once.
        level: whether nodes or whole graphs are predicted. num_items: how many there are.
        edges_carry: whether edges carry something, as bonds do. is_molecules: whether graphs are molecules.
    """

    target: str
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

    @property
    def task(self) -> str:
        """Key of the task."""
        return f"{self.level}_{'class' if self.is_class else 'value'}"


def look_at(data: AnyData, target: str) -> Situation:
    """Return the situation of a target column.

    Raises: RoleError: there is no such column, or it is empty.
    """
    items = data.items
    cells = target_cells(items, (target,))
    values = np.asarray([cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()], dtype=object)
    if not len(values):
        raise RoleError(f'The column "{target}" has no values to learn from.', hint="Choose another target column.")
    names, counts = np.unique(values.astype(str), return_counts=True)
    is_class = _names_classes(items.columns[target].kind, names, len(values))
    return Situation(
        target=target,
        is_class=is_class,
        labelled=len(values),
        classes=len(names) if is_class else 0,
        smallest=int(counts.min()) if is_class else 0,
        split_columns=_with_role(items, Role.SPLIT),
        has_features=union_of(data).has_features,
        edges_carry=data.graph.edge_attr is not None,
        is_molecules=any(spec.role is Role.SMILES for spec in items.columns.values()),
        num_nodes=data.graph.num_nodes,
        num_edges=data.graph.num_links,
        level=items.level,
        fold_columns=_with_role(items, Role.FOLD),
        num_items=len(items),
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
                if name in targets:
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
