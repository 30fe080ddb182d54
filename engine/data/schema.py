"""Raw values to `x`: what was learnt about every feature column, kept with each checkpoint as plain data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from engine.core.errors import MismatchError, RoleError, VersionError
from engine.core.events import EventSink, IssueFound, Notice, silent
from engine.data.builders.relational import RelationalData
from engine.data.collection import CollectionData
from engine.data.columns import column_of
from engine.data.dataset import AnyData, is_collection, union_of
from engine.data.features._base import Block, Coder, LeftOut, RawColumn
from engine.data.features.boolean import BooleanCoder
from engine.data.features.category import CategoryCoder
from engine.data.features.counts import CountsCoder, rows_to_one
from engine.data.features.date import DateCoder
from engine.data.features.number import NumberCoder
from engine.data.features.structural import Kind as StructuralKind
from engine.data.features.structural import StructuralCoder
from engine.data.features.text import TextCoder
from engine.data.features.wide import counts_of, fit_counts, wide_columns
from engine.data.items import Items
from engine.data.options import DataOptions
from engine.data.roles import ColumnKind, Role

FeatureMatrix: TypeAlias = npt.NDArray[np.float32] | sp.csr_matrix

VERSION = 1
CODERS: Mapping[str, type[Coder]] = {
    coder.kind: coder for coder in (NumberCoder, BooleanCoder, CategoryCoder, DateCoder, TextCoder)
}
# Up to this width x is an ordinary matrix when no part of it is sparse.
_DENSE_WIDTH = 512
# Spectral coordinates of more nodes than that take minutes and gigabytes; what walks meet is quick for any graph.
_MOST_SPECTRAL_NODES = 200_000


@dataclass(frozen=True, slots=True)
class SchemaReport:
    """How the columns of other files compare with those that a schema was fitted on."""

    matched: list[str]
    missing: list[str]
    extra: list[str]
    kind_changed: list[str]

    def to_plain(self) -> dict[str, list[str]]:
        """Return the report as plain data."""
        return {
            "matched": self.matched,
            "missing": self.missing,
            "extra": self.extra,
            "kind_changed": self.kind_changed,
        }


@dataclass(frozen=True)
class FeatureSchema:
    """What turns raw cells, sparse features and the graph itself into `x`.

    Fitted on every node of the graph that was opened; no target takes part. Columns of x come in this order:
    node-table columns, sparse features, ready-made ones, structural features, and what is chosen of the graphs' own
    table, which each node of a graph is told.

    Args:
        coders: one for each used column of the node table.
        counts: the sparse features, or None.
        structural: features of the graph itself, or None.
        rows: each row of x is divided by the sum of its absolute values at the end.
        coded: names of features that come ready-made; they are taken as they are.
        of_graphs: one coder for each used column of a table of graphs.
        edge_names: kinds of edges that the encoder is told, see `aligned`.
        left_out: column to why it is not used.
    """

    coders: tuple[Coder, ...] = ()
    counts: CountsCoder | None = None
    structural: StructuralCoder | None = None
    rows: bool = False
    left_out: Mapping[str, str] = field(default_factory=dict)
    coded: tuple[str, ...] = ()
    of_graphs: tuple[Coder, ...] = ()
    edge_names: tuple[str, ...] = ()

    @classmethod
    def fit(cls, data: AnyData, options: DataOptions, *, sink: EventSink = silent) -> FeatureSchema:
        """Learn vocabularies and scales from every node; the target takes no part.

        Args: data: graph, node table and sparse features; of a collection those of all its graphs. options: widths,
            scaling, structural features. sink: takes an issue for each column that is left out, and notices.
        Raises: RoleError: there is nothing to learn from, and structural features are switched off.
        """
        left_out: dict[str, str] = {}
        of_graphs = _fit_columns(data.items, (), options, left_out, sink) if data.items.level == "graph" else []
        data = union_of(data)
        wide = wide_columns(data, _feature_names(data.items))
        coders = _fit_columns(data.items, wide, options, left_out, sink)
        counts = fit_counts(data, wide, options, sink)
        has_others = bool(coders) or counts is not None or data.coded is not None
        structural = _fit_structural(data, options, has_others, sink)
        if not has_others and structural is None:
            raise RoleError(
                "There is no column to learn from, and features of the graph itself are switched off.",
                hint='Give a column the role feature, or set "data.structural" to "auto".',
            )
        _tell_scope(data, coders, counts, sink)
        coded = () if data.coded is None else data.coded.names
        rows = options.normalise == "rows"
        return cls(tuple(coders), counts, structural, rows, left_out, coded, tuple(of_graphs), data.edge_names)

    @property
    def names(self) -> list[str]:
        """Name of each column of x."""
        names = [name for coder in self.coders for name in coder.names]
        names += self.counts.names if self.counts else ()
        names += self.coded
        names += self.structural.names if self.structural else []
        return names + [name for coder in self.of_graphs for name in coder.names]

    @property
    def width(self) -> int:
        """Number of columns of x."""
        return len(self.names)

    @property
    def reasons(self) -> dict[str, str]:
        """What was done with each source of features, one sentence each; left-out columns with the reason."""
        reasons = {coder.column: coder.reason for coder in (*self.coders, *self.of_graphs)}
        if self.counts:
            reasons["sparse features"] = self.counts.reason
        if self.structural:
            reasons["the graph itself"] = self.structural.reason
        return {**reasons, **{name: f"Not used: it {reason}." for name, reason in self.left_out.items()}}

    def check(self, data: AnyData) -> SchemaReport:
        """Compare the columns of other files by name with those that are needed.

        Returns: what matches, what is extra, and which columns look like another kind.
        Raises: MismatchError: a column that is needed is missing; the message names all of them.
        """
        of_graphs = [coder.column for coder in self.of_graphs]
        absent = [name for name in of_graphs if data.items.level == "node" or name not in data.items.names]
        data = union_of(data)
        needed = [coder.column for coder in self.coders]
        if self.counts and self.counts.columns:
            needed += self.counts.names
        here = set(map(str, data.nodes.columns))
        missing = [name for name in needed if name not in here] + absent
        if self.counts and not self.counts.columns and data.features is None:
            missing.append("sparse features (a table of id, feature, value)")
        if missing:
            named = ", ".join(f'"{name}"' for name in missing[:8]) + (" and more" if len(missing) > 8 else "")
            raise MismatchError(
                f"The model needs {len(missing)} columns that the files do not have: {named}.",
                hint="Add them under the same names. Columns are matched by name; their order does not matter.",
                missing=missing,
            )
        _check_coded(self.coded, data)
        kinds = {coder.column: coder.kind for coder in self.coders}
        changed = [
            name
            for name, kind in kinds.items()
            if name in data.columns and _coder_kind(data.columns[name].kind) != kind
        ]
        used = set(needed)
        extra = [name for name, spec in data.columns.items() if name not in used and spec.role is Role.FEATURE]
        return SchemaReport(needed + of_graphs, [], extra, changed)

    def transform(self, data: AnyData, *, sink: EventSink = silent) -> FeatureMatrix:
        """Turn raw values into x.

        Args: data: the graph that was fitted, or another one with the same columns. sink: takes what is new in it.
        Returns: shape [N, F] float32; csr when a part is sparse or F is above 512; uint8 when all came ready-made.
        Raises: MismatchError: a needed column is missing, or structural features cannot be carried over.
        """
        self.check(data)
        told = self._of_graphs(data, sink) if isinstance(data, CollectionData) and self.of_graphs else []
        data = union_of(data)
        blocks = _coded_columns(self.coders, data.items, sink)
        if self.counts:
            matrix, names = counts_of(data, self.counts)
            blocks.append(self.counts.transform(matrix, names, sink))
        if data.coded is not None and self.coded:
            blocks.append(data.coded.values)
        if self.structural:
            blocks.append(self.structural.transform(data.graph, data.node_ids, sink))
        blocks += told
        x = blocks[0] if len(blocks) == 1 and blocks[0].dtype == np.uint8 else _together(blocks)
        if self.rows:
            x = rows_to_one(x) if sp.issparse(x) else _dense_rows_to_one(x)
        assert x.shape == (data.graph.num_nodes, self.width)
        return x

    def aligned(self, data: AnyData) -> AnyData:
        """Return a collection whose edges carry the kinds that the schema was fitted on, in their order.

        A kind that was not there at fitting has no mark, as an edge without a kind.

        Raises: MismatchError: the edges of the data have no kinds.
        """
        if not isinstance(data, CollectionData) or data.union.edge_names == self.edge_names:
            return data
        union, graph = data.union, data.union.graph
        if self.edge_names and (graph.edge_attr is None or not union.edge_names):
            column = self.edge_names[0].partition("=")[0]
            raise MismatchError(
                f'The model was told the kind of each edge, and these edges have no column "{column}" with that role.',
                hint="Add it to the table of edges.",
                missing=[column],
            )
        if not union.edge_names:
            return data
        marks = np.zeros((graph.num_edges, len(self.edge_names)), np.uint8)
        for place, name in enumerate(self.edge_names):
            if name in union.edge_names and graph.edge_attr is not None:
                marks[:, place] = graph.edge_attr[:, union.edge_names.index(name)]
        changed = replace(graph, edge_attr=marks if self.edge_names else None)
        return replace(data, union=replace(union, graph=changed, edge_names=self.edge_names))

    def _of_graphs(self, data: CollectionData, sink: EventSink) -> list[Block]:
        """Return what each node is told of its graph, dense blocks of N rows."""
        found = _coded_columns(self.of_graphs, data.items, sink)
        home = np.repeat(np.arange(data.num_graphs), np.diff(data.graph_ptr))
        return [block[home] for block in found]

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return everything that was learnt as JSON-ready data."""
        return {
            "version": VERSION,
            "columns": [coder.to_plain() for coder in self.coders],
            "counts": self.counts.to_plain() if self.counts else None,
            "structural": self.structural.to_plain() if self.structural else None,
            "rows": self.rows,
            "left_out": dict(self.left_out),
            **({"coded": list(self.coded)} if self.coded else {}),
            **({"edges": list(self.edge_names)} if self.edge_names else {}),
            **({"of_graphs": [coder.to_plain() for coder in self.of_graphs]} if self.of_graphs else {}),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> FeatureSchema:  # Any: JSON values
        """Rebuild a schema from `to_plain`.

        Raises: VersionError: it was written by a newer program.
        """
        if plain["version"] > VERSION:
            raise VersionError(
                f"The feature schema has version {plain['version']}; this program reads up to {VERSION}.",
                hint="Use a newer version of the program.",
            )
        counts, structural = plain["counts"], plain["structural"]
        return cls(
            tuple(CODERS[column["kind"]].from_plain(column) for column in plain["columns"]),
            CountsCoder.from_plain(counts) if counts else None,
            StructuralCoder.from_plain(structural) if structural else None,
            plain["rows"],
            dict(plain["left_out"]),
            tuple(plain.get("coded", ())),
            tuple(CODERS[column["kind"]].from_plain(column) for column in plain.get("of_graphs", ())),
            tuple(plain.get("edges", ())),
        )


def _check_coded(names: tuple[str, ...], data: RelationalData) -> None:
    """Make sure that ready-made features are those that the schema was fitted on.

    Raises: MismatchError: they are not.
    """
    here = () if data.coded is None else data.coded.names
    if names and names != here:
        raise MismatchError(
            "The features of atoms are not those that the model was trained on.",
            hint="Read the molecules with the options that the run had under data.molecules.",
            missing=[name for name in names if name not in here],
        )


def _coder_kind(kind: ColumnKind) -> str:
    """Return which coder reads columns of a kind; an id that is used as a feature is a category."""
    return ColumnKind.CATEGORY.value if kind is ColumnKind.ID else kind.value


def _feature_names(items: Items) -> list[str]:
    return [name for name, spec in items.columns.items() if spec.role is Role.FEATURE and name in items.table]


def _fit_columns(
    items: Items, wide: Collection[str], options: DataOptions, left_out: dict[str, str], sink: EventSink
) -> list[Coder]:
    """Return a coder for each feature column that says something. Args: wide: columns that are coded together."""
    coders: list[Coder] = []
    for name in _feature_names(items):
        if name in wide:
            continue
        fitted = _fit_column(_raw(items, name, sink), items.columns[name].kind, options)
        if isinstance(fitted, LeftOut):
            left_out[name] = fitted.reason
            text = f'Column "{name}" {fitted.reason}; it is not used as a feature.'
            sink(IssueFound(fitted.code, text, file=items.file, column=name))
        else:
            coders.append(fitted)
    return coders


def _coded_columns(coders: Sequence[Coder], items: Items, sink: EventSink) -> list[Block]:
    return [coder.transform(_raw(items, coder.column, sink, getattr(coder, "decimal", None))) for coder in coders]


def _fit_column(raw: RawColumn, kind: ColumnKind, options: DataOptions) -> Coder | LeftOut:
    match kind:
        case ColumnKind.NUMBER:
            standard = options.normalise in ("auto", "standard")
            return NumberCoder.fit(raw, standard=standard, may_log=options.normalise == "auto")
        case ColumnKind.BOOLEAN:
            return BooleanCoder.fit(raw)
        case ColumnKind.DATE:
            return DateCoder.fit(raw)
        case ColumnKind.TEXT:
            return TextCoder.fit(raw, width=options.text_width)
        case _:
            return CategoryCoder.fit(raw, max_categories=options.max_categories)


def _fit_structural(
    data: RelationalData, options: DataOptions, has_others: bool, sink: EventSink
) -> StructuralCoder | None:
    kind: StructuralKind
    match options.structural:
        case "none":
            return None
        case "auto":
            if has_others:
                return None
            # Places in one graph mean nothing in another.
            is_small = data.graph.num_nodes <= _MOST_SPECTRAL_NODES
            kind = "laplacian" if is_small and not is_collection(options) else "random_walk"
        case chosen:
            kind = chosen
    coder = StructuralCoder.fit(data.graph, data.node_ids, kind=kind, width=options.structural_width)
    if not has_others:
        text = (
            f"There are no feature columns, so features are made from the graph itself: {coder.reason[0].lower()}"
            f"{coder.reason[1:]}"
        )
        sink(Notice("info", "feature.structural", text, {"kind": kind, "width": len(coder.names)}))
    return coder


def _tell_scope(data: RelationalData, coders: Sequence[Coder], counts: CountsCoder | None, sink: EventSink) -> None:
    if coders or counts:
        text = (
            f"Scales and vocabularies of the features were learnt from all {data.graph.num_nodes:,} nodes, labelled "
            "or not; no target took part."
        )
        sink(Notice("info", "feature.scope", text, {"nodes": data.graph.num_nodes}))
    if counts and not counts.columns and data.features is not None:
        empty = int((np.diff(data.features.indptr) == 0).sum())
        if empty:
            text = f"{empty:,} nodes have no sparse features; theirs are all zero."
            sink(Notice("info", "feature.none", text, {"count": empty}))


def _raw(items: Items, name: str, sink: EventSink, decimal: str | None = None) -> RawColumn:
    """Return a column; its decimal mark is what the file says, or what was used at fitting."""
    spec = items.columns.get(name)
    mark = spec.decimal if spec is not None else (decimal or ".")
    is_number = spec is not None and spec.kind is ColumnKind.NUMBER
    cells = column_of(items.table, name) if is_number else np.asarray(items.table[name], dtype=object)
    return RawColumn(name, cells, mark, items.lines, items.file, sink)


def _together(blocks: Sequence[Block]) -> FeatureMatrix:
    width = sum(block.shape[1] for block in blocks)
    if width <= _DENSE_WIDTH and not any(sp.issparse(block) for block in blocks):
        return np.ascontiguousarray(np.hstack(blocks), dtype=np.float32)
    matrix = sp.hstack(blocks, format="csr", dtype=np.float32)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix


def _dense_rows_to_one(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    total = np.abs(x).sum(axis=1, keepdims=True)
    return np.asarray(np.divide(x, total, out=np.zeros_like(x), where=total > 0), dtype=np.float32)
