"""What is known about each node, from the data and from a run, in one list: for colours, columns and filters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from app.kit.translate import tr

if TYPE_CHECKING:
    import pandas as pd

    from app.session.frames import DatasetFrame, RunFrame

Kind = Literal["text", "category", "number"]

_MOST_CATEGORIES = 80
PREDICTED, TARGET, CORRECT, CONFIDENCE, SPLIT, DEGREE = (
    "predicted",
    "target",
    "correct",
    "confidence",
    "split",
    "degree",
)


@dataclass(frozen=True)
class Attribute:
    """One thing known about every node.

    Args:
        key: stable name; columns of the data are "column:<name>".
        title: for people.
        kind: text, category (few different values) or number.
        values: object [N] with None for missing, or float64 [N] with NaN.
        categories: of a category, in the order that gives them their colours.
        decimals: of a number on screen.
        texts: a number of the data as it was written, object [N]; a float would show 17 digits of an id as 1.4e+14.
        is_given: whether it was in the data, so its title is the user's own word.
    """

    key: str
    title: str
    kind: Kind
    values: NDArray[np.object_] | NDArray[np.float64]
    categories: tuple[str, ...] = ()
    decimals: int | None = None
    texts: NDArray[np.object_] | None = None
    is_given: bool = False

    def codes(self) -> NDArray[np.int32]:
        """Return the number of each node's category, -1 for none, int32 [N]; not to be written to."""
        return self._codes

    @cached_property
    def _codes(self) -> NDArray[np.int32]:
        number = {name: i for i, name in enumerate(self.categories)}
        codes = np.fromiter((number.get(v, -1) for v in self.values), dtype=np.int32, count=len(self.values))
        codes.setflags(write=False)
        return codes

    def shown(self, node: int) -> str:
        """Return a node's value as text, empty where it is missing."""
        value = self.values[node] if self.texts is None else self.texts[node]
        if self.kind != "number" or self.texts is not None:
            return "" if value is None else str(value)
        if np.isnan(value):
            return ""
        return f"{value:,.{self.decimals}f}" if self.decimals is not None else f"{value:g}"


class Attributes:
    """The attributes of a dataset and, where there is one, of a run on it. Built in the background: it reads all."""

    def __init__(self, dataset: DatasetFrame, run: RunFrame | None) -> None:
        self.dataset = dataset
        self.run = run
        self.num_nodes = dataset.num_nodes
        self.ids: NDArray[np.object_] = dataset.node_ids
        label = dataset.label_column()
        self.names: NDArray[np.object_] = self.ids if label is None else _named(dataset.nodes[label], self.ids)
        self.target = run.target if run is not None else None
        self.degree = np.diff(dataset.indptr).astype(np.float64)
        self.edges = undirected_edges(dataset.indptr, dataset.indices)
        self.by_key: dict[str, Attribute] = {}
        self.classes: tuple[str, ...] = ()
        if run is not None and run.predictions is not None and len(run.predictions) == self.num_nodes:
            self._add_run(run, run.predictions)
        self._add(Attribute(DEGREE, tr("Degree"), "number", self.degree, decimals=0))
        kinds = _declared_kinds(dataset)
        for name in map(str, dataset.nodes.columns):
            kind = "category" if name == self.target and self.classes else kinds.get(name, "")
            self._add(_column(name, dataset.nodes[name], kind, self._order_of(name)))

    def get(self, key: str) -> Attribute | None:
        """Return an attribute, or None."""
        return self.by_key.get(key)

    def colourable(self) -> list[Attribute]:
        """Return what nodes can be coloured by."""
        return [one for one in self.by_key.values() if one.kind != "text"]

    def names_in_queries(self) -> dict[str, str]:
        """Return what may be written in a filter → attribute key, in lower case."""
        found = {"id": "id", "name": "name"}
        for key, one in self.by_key.items():
            found.setdefault(one.title.lower(), key)
            found.setdefault(one.title.lower().replace(" ", "_"), key)
        if self.target is not None:
            found.update({f"predicted_{self.target}".lower(): PREDICTED, "true": TARGET, "label": TARGET})
            found.setdefault(self.target.lower(), TARGET)
        for key in (PREDICTED, TARGET, CORRECT, CONFIDENCE, SPLIT, DEGREE):
            if key in self.by_key:
                found[key] = key
        return {word: key for word, key in found.items() if key in self.by_key or key in ("id", "name")}

    def query_columns(self) -> dict[str, NDArray[np.object_] | NDArray[np.float64]]:
        """Return every column that a filter may look at."""
        columns: dict[str, NDArray[np.object_] | NDArray[np.float64]] = {"id": self.ids, "name": self.names}
        columns.update({key: one.values for key, one in self.by_key.items()})
        return columns

    def neighbours(self, node: int) -> NDArray[np.int64]:
        """Return a node's neighbours, int64 [degree]; of a directed graph those in its row."""
        return self.dataset.indices[self.dataset.indptr[node] : self.dataset.indptr[node + 1]].astype(np.int64)

    def probabilities(self, node: int) -> list[tuple[str, float]]:
        """Return the classes and their probabilities for a node, the likeliest first; empty without a run."""
        table = self.run.predictions if self.run is not None else None
        if table is None or not self.classes:
            return []
        found = [(name, float(table[f"p_{name}"].to_numpy()[node])) for name in self.classes if f"p_{name}" in table]
        return sorted(found, key=lambda pair: -pair[1])

    def _add(self, one: Attribute) -> None:
        self.by_key[one.key] = one
        one.codes()  # here, in the background, rather than when a view first paints

    def _order_of(self, name: str) -> tuple[str, ...]:
        return self.classes if name == self.target else ()

    def _add_run(self, run: RunFrame, table: pd.DataFrame) -> None:
        if run.predicted_column is None or self.target is None:
            return
        predicted = table[run.predicted_column]
        given = self.dataset.nodes.get(self.target)
        if "confidence" in table:
            true = _text(given) if given is not None else np.full(self.num_nodes, None, dtype=object)
            named = _text(predicted)
            self.classes = _classes(run, named, true)
            self._add(
                Attribute(PREDICTED, tr("Predicted {target}", target=self.target), "category", named, self.classes)
            )
            self._add(Attribute(TARGET, tr("True {target}", target=self.target), "category", true, self.classes))
            self._add(_correct(named, true))
            self._add(Attribute(CONFIDENCE, tr("Confidence"), "number", _numbers(table["confidence"]), decimals=3))
        else:
            value = _numbers(predicted)
            self._add(Attribute(PREDICTED, tr("Predicted {target}", target=self.target), "number", value))
            if given is not None:
                true_value = _numbers(given)
                self._add(Attribute(TARGET, tr("True {target}", target=self.target), "number", true_value))
                self._add(Attribute("error", tr("Error"), "number", value - true_value))
        if "split" in table:
            words = _text(table["split"])
            known = [name for name in ("train", "valid", "test") if name in set(words)]
            rest = sorted({str(v) for v in words if v is not None} - set(known))
            self._add(Attribute(SPLIT, tr("Split"), "category", words, (*known, *rest)))


def undirected_edges(indptr: NDArray[np.int64], indices: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return each undirected edge once, without self-loops.

    Args: indptr: int64 [N + 1]. indices: int32 [E], both directions or one.
    Returns: int32 [M, 2] with the smaller number first.
    """
    rows = np.repeat(np.arange(len(indptr) - 1, dtype=np.int32), np.diff(indptr))
    low, high = np.minimum(rows, indices), np.maximum(rows, indices)
    keep = low != high
    key = np.unique(low[keep].astype(np.int64) * (len(indptr) - 1) + high[keep])
    pair = np.empty((len(key), 2), dtype=np.int32)
    pair[:, 0], pair[:, 1] = np.divmod(key, max(1, len(indptr) - 1))
    return pair


def _classes(run: RunFrame, predicted: NDArray[np.object_], true: NDArray[np.object_]) -> tuple[str, ...]:
    """Return the class names, the most frequent first, so that the same class has the same colour everywhere."""
    found: dict[str, int] = {}
    for value in true if any(v is not None for v in true) else predicted:
        if value is not None:
            found[value] = found.get(value, 0) + 1
    order = sorted(found, key=lambda name: (-found[name], name))
    labels = [str(name) for name in (run.metrics.get("confusion") or {}).get("labels", [])]
    more = dict.fromkeys([*labels, *(str(v) for v in predicted if v is not None)])
    return (*order, *(name for name in more if name not in found))


def _correct(predicted: NDArray[np.object_], true: NDArray[np.object_]) -> Attribute:
    right, wrong = tr("correct"), tr("wrong")
    values = np.empty(len(true), dtype=object)
    values[:] = [None if t is None else right if p == t else wrong for p, t in zip(predicted, true, strict=True)]
    return Attribute(CORRECT, tr("Correct"), "category", values, (right, wrong))


def _declared_kinds(dataset: DatasetFrame) -> dict[str, str]:
    """Return what the import sheet says about each column of the node table ("category", "number" …)."""
    return {
        name: str(column.get("kind", ""))
        for table in dataset.data.get("tables", [])
        if table.get("kind") == "nodes"
        for name, column in table.get("columns", {}).items()
        if isinstance(column, dict)
    }


def _column(name: str, column: pd.Series, declared: str, order: tuple[str, ...]) -> Attribute:
    """Return a column of the data.

    Args: declared: its kind on the import sheet; where that does not settle it, a column whose values are all numbers
        is a number, one with few different values a category, anything else text. order: of its categories, if known.
    """
    key, text = f"column:{name}", _text(column)
    counts: dict[str, int] = {}
    for value in text:
        if value is not None:
            counts[value] = counts.get(value, 0) + 1
    is_class = declared in ("category", "boolean")
    are_few = 0 < len(counts) <= (_MOST_CATEGORIES if is_class else min(_MOST_CATEGORIES, max(12, len(text) // 20)))
    if declared == "id":
        return Attribute(key, name, "text", text, is_given=True)
    if not is_class and not order and len(counts) > 2 and _are_numbers(list(counts)):
        return Attribute(key, name, "number", _numbers(column), texts=text, is_given=True)
    if order or are_few:
        names = order or tuple(sorted(counts, key=lambda one: (-counts[one], one)))
        return Attribute(key, name, "category", text, names, is_given=True)
    return Attribute(key, name, "text", text, is_given=True)


def _are_numbers(values: list[str]) -> bool:
    try:
        return bool(np.isfinite(np.array(values, dtype=np.float64)).any())
    except ValueError:
        return False


def _text(column: pd.Series) -> NDArray[np.object_]:
    values = column.astype(object).to_numpy()
    missing = column.isna().to_numpy()
    out = np.empty(len(values), dtype=object)
    out[:] = [None if gone or value == "" else str(value) for value, gone in zip(values, missing, strict=True)]
    return out


def _numbers(column: pd.Series) -> NDArray[np.float64]:
    import pandas as pd

    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)


def _named(labels: pd.Series, ids: NDArray[np.object_]) -> NDArray[np.object_]:
    text = _text(labels)
    out = np.empty(len(ids), dtype=object)
    out[:] = [own if name is None else name for name, own in zip(text, ids, strict=True)]
    return out
