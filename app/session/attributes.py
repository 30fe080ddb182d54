"""What is known about each node, from the data and from a run, in one list: for colours, columns and filters."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.kit.later import np
from app.kit.translate import tr
from app.session.edges import edges_of
from app.session.texts import Texts, chosen

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from app.session.frames import DatasetFrame, RunFrame

Kind = Literal["text", "category", "number"]

_MOST_CATEGORIES = 80
SEPARATOR = " | "  # between the classes of a set, as the engine writes it
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
        texts: a number of the data as it was written; a float would show 17 digits of an id as 1.4e+14.
        is_given: whether it was in the data, so its title is the user's own word.
        coded: of a category whose codes are known already, int32 [N].
    """

    key: str
    title: str
    kind: Kind
    values: NDArray[np.object_] | NDArray[np.float64]
    categories: tuple[str, ...] = ()
    decimals: int | None = None
    texts: Sequence[str | None] | None = None
    is_given: bool = False
    coded: NDArray[np.int32] | None = None

    def codes(self) -> NDArray[np.int32]:
        """Return the number of each node's category, -1 for none, int32 [N]; not to be written to."""
        return self._codes

    @cached_property
    def _codes(self) -> NDArray[np.int32]:
        if self.coded is not None:
            codes = self.coded.copy()
        elif self.categories:
            codes = Texts(self.values.astype(object)).codes(self.categories)
        else:
            codes = np.full(len(self.values), -1, dtype=np.int32)
        codes.setflags(write=False)
        return codes

    def shown(self, node: int) -> str:
        """Return a node's value as text, empty where it is missing."""
        value: object = self.values[node] if self.texts is None else self.texts[node]
        if self.kind != "number" or self.texts is not None:
            return "" if value is None else str(value)
        value = float(self.values[node])
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
        # What makes an item large: a node's edges, or a graph's nodes.
        extent = np.diff(dataset.indptr) if dataset.sizes is None else dataset.sizes
        self.degree = extent.astype(np.float64)
        directed = bool(dataset.summary.get("directed", False))
        self.drawn = edges_of(dataset.indptr, dataset.indices, dataset.weight, directed=directed)
        self.edges = self.drawn.ends
        self.by_key: dict[str, Attribute] = {}
        self._added: frozenset[str] = frozenset()
        self.classes: tuple[str, ...] = ()
        if run is not None and run.predictions is not None and len(run.predictions) == self.num_nodes:
            self._add_run(run, run.predictions)
        title = tr("Size") if dataset.is_collection else tr("Degree")
        self._add(Attribute(DEGREE, title, "number", self.degree, decimals=0))
        kinds = _declared_kinds(dataset)
        for name in map(str, dataset.nodes.columns):
            kind = "category" if name == self.target and self.classes else kinds.get(name, "")
            self._add(_column(name, dataset.nodes[name], kind, self._order_of(name)))

    def with_added(self, added: Sequence[Attribute]) -> Attributes:
        """Return the same with these attributes, and no others that were added before, behind those of the data."""
        made = copy.copy(self)
        made.by_key = {key: one for key, one in self.by_key.items() if key not in self._added}
        made.by_key.update({one.key: one for one in added})
        made._added = frozenset(one.key for one in added)
        return made

    def added(self) -> list[Attribute]:
        """Return what was added by the user or computed, in order."""
        return [one for key, one in self.by_key.items() if key in self._added]

    def get(self, key: str) -> Attribute | None:
        """Return an attribute, or None."""
        return self.by_key.get(key)

    def colourable(self) -> list[Attribute]:
        """Return what nodes can be coloured by."""
        return [one for one in self.by_key.values() if one.kind != "text"]

    def classed(self) -> Attribute | None:
        """Return what classes mean here: the prediction, the target, or the first column with classes."""
        wanted = [PREDICTED, *(f"column:{name}" for name in self.dataset.columns("target"))]
        found = [self.get(key) for key in wanted]
        found += [one for one in self.colourable() if one.is_given and len(one.categories) > 1]
        return next((one for one in found if one is not None and one.kind == "category"), None)

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
        if run.targets:
            for name in run.targets:
                self._add_one_of_several(table, name)
            self._add_split(table)
            self._add_folds(table)
        if run.predicted_column is None or self.target is None:
            return
        predicted = table[run.predicted_column]
        given = self.dataset.nodes.get(self.target)
        if "confidence" in table:
            true = Texts(given if given is not None else np.full(self.num_nodes, None, dtype=object))
            named = Texts(predicted)
            self.classes = _classes(run, named, true)
            self._add(_category(PREDICTED, tr("Predicted {target}", target=self.target), named, self.classes))
            self._add(_category(TARGET, tr("True {target}", target=self.target), true, self.classes))
            self._add(_correct(named.codes(self.classes), true.codes(self.classes)))
            self._add(Attribute(CONFIDENCE, tr("Confidence"), "number", _numbers(table["confidence"]), decimals=3))
            if f"set_{self.target}" in table:
                self._add_possible(table[f"set_{self.target}"])
        else:
            value = _numbers(predicted)
            self._add(Attribute(PREDICTED, tr("Predicted {target}", target=self.target), "number", value))
            if given is not None:
                true_value = _numbers(given)
                self._add(Attribute(TARGET, tr("True {target}", target=self.target), "number", true_value))
                self._add(Attribute("error", tr("Error"), "number", value - true_value))
            for key, title in (("low", tr("Lowest likely")), ("high", tr("Highest likely"))):
                if f"{key}_{self.target}" in table:
                    self._add(Attribute(key, title, "number", _numbers(table[f"{key}_{self.target}"])))
        self._add_split(table)
        self._add_out_of_fold(table)

    def _add_out_of_fold(self, table: pd.DataFrame) -> None:
        """Add what models said that did not see the item, after a run over folds."""
        name, title = f"out_of_fold_predicted_{self.target}", tr("{target} out of fold", target=str(self.target))
        if name in table and "confidence" in table:
            self._add(_category("out_of_fold", title, Texts(table[name]), self.classes))
        elif name in table:
            self._add(Attribute("out_of_fold", title, "number", _numbers(table[name])))
        self._add_folds(table)

    def _add_folds(self, table: pd.DataFrame) -> None:
        if "out_of_fold_split" in table:
            words = Texts(table["out_of_fold_split"])
            self._add(_category("out_of_fold_split", tr("Fold that judged it"), words, tuple(sorted(words.counts))))

    def _add_one_of_several(self, table: pd.DataFrame, target: str) -> None:
        """Add what is said of one target column among several: its classes or numbers, and how sure they are."""
        titles = {
            "predicted": tr("Predicted {target}", target=target),
            "p": tr("Probability of {target}", target=target),
            "low": tr("Lowest likely {target}", target=target),
            "high": tr("Highest likely {target}", target=target),
            "out_of_fold_predicted": tr("{target} out of fold", target=target),
        }
        for prefix, title in titles.items():
            if (name := f"{prefix}_{target}") not in table:
                continue
            key, column = f"{prefix}:{target}", table[name]
            if column.dtype.kind == "f":
                self._add(Attribute(key, title, "number", _numbers(column), decimals=3 if prefix == "p" else None))
            else:
                words = Texts(column)
                self._add(_category(key, title, words, tuple(sorted(words.counts))))

    def _add_possible(self, sets: pd.Series) -> None:
        """Add the classes that the true one is probably among, and how many they are: few where the model is sure."""
        texts = Texts(sets)
        bars = np.array([0 if one is None else one.count(SEPARATOR) + 1 for one in texts.objects], dtype=np.float64)
        self._add(Attribute("possible", tr("Could be"), "text", texts.objects))
        self._add(Attribute("possible_count", tr("Classes possible"), "number", bars, decimals=0))

    def _add_split(self, table: pd.DataFrame) -> None:
        if "split" in table:
            words = Texts(table["split"])
            known = [name for name in ("train", "valid", "test") if name in words.counts]
            rest = sorted(set(words.counts) - set(known))
            self._add(_category(SPLIT, tr("Split"), words, (*known, *rest)))


def write_added(attributes: Attributes, path: Path) -> None:
    """Write what the user made and what was computed as a table, the ids first. Raises: OSError: it cannot."""
    import pandas as pd

    columns: dict[str, object] = {"id": attributes.ids}
    columns.update({one.title: one.values for one in attributes.added()})
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(columns).to_parquet(path, index=False)


def _classes(run: RunFrame, predicted: Texts, true: Texts) -> tuple[str, ...]:
    """Return the class names, the most frequent first, so that the same class has the same colour everywhere."""
    found = true.counts or predicted.counts
    order = sorted(found, key=lambda name: (-found[name], name))
    labels = [str(name) for name in (run.metrics.get("confusion") or {}).get("labels", [])]
    more = dict.fromkeys([*labels, *predicted.counts])
    return (*order, *(name for name in more if name not in found))


def _category(key: str, title: str, texts: Texts, names: tuple[str, ...], *, is_given: bool = False) -> Attribute:
    codes = texts.codes(names)
    return Attribute(key, title, "category", chosen(codes, names), names, is_given=is_given, coded=codes)


def _correct(predicted: NDArray[np.int32], true: NDArray[np.int32]) -> Attribute:
    names = (tr("correct"), tr("wrong"))
    codes = np.where(true < 0, -1, (predicted != true).astype(np.int32)).astype(np.int32)
    return Attribute(CORRECT, tr("Correct"), "category", chosen(codes, names), names, coded=codes)


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
    key, text = f"column:{name}", Texts(column)
    is_class = declared in ("category", "boolean")
    most = _MOST_CATEGORIES if is_class else min(_MOST_CATEGORIES, max(12, len(text) // 20))
    if declared == "id":
        return Attribute(key, name, "text", text.objects, is_given=True)
    if not is_class and not order and text.distinct > 2 and _are_numbers(text):
        return Attribute(key, name, "number", text.numbers, texts=text, is_given=True)
    if order or 0 < text.distinct <= most:
        names = order or tuple(sorted(text.counts, key=lambda one: (-text.counts[one], one)))
        return _category(key, name, text, names, is_given=True)
    return Attribute(key, name, "text", text.objects, is_given=True)


def _are_numbers(texts: Texts) -> bool:
    """Whether every cell that is there is a number, "nan" included, and one of them is finite."""
    unread = np.flatnonzero(np.isnan(texts.numbers) & ~texts.missing)
    is_number = all(str(texts[row]).strip().lower() == "nan" for row in unread[:1000])
    return is_number and bool(np.isfinite(texts.numbers).any())


def _numbers(column: pd.Series) -> NDArray[np.float64]:
    import pandas as pd

    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)


def _named(labels: pd.Series, ids: NDArray[np.object_]) -> NDArray[np.object_]:
    return Texts(labels).where_missing(Texts(ids)).objects
