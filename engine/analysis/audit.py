"""Ways in which a score can be too good: what of the answer may have reached the model, with the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import poisson

from engine.analysis.leaks import NUMBERS_TOO, suspects
from engine.data.builders.relational import RelationalData
from engine.data.columns import column_of
from engine.data.dataset import AnyData
from engine.data.items import Items
from engine.data.judging import numbers_of
from engine.data.roles import ColumnKind, Role
from engine.data.splits._base import Split
from engine.learn.finetuning import Labels

_ROWS_LISTED = 20
# Where fewer of the nodes have features of their own, equal rows are what few possible values lead to.
_OWN_SHARE = 0.5
# From this share of the test nodes on, equal rows in train are more than a few copies that nobody noticed.
_TOO_MANY = 0.01
_BY_CHANCE = 1e-3  # equal rows more likely than that are chance
_COPY = 0.98  # share of agreement from which a feature counts as the answer itself
_LEAST = 5  # nodes that an agreement has to be seen at
_SAME_NUMBER = 0.9999  # correlation
# Valid is far above test when it is by so much, by so many standard errors, and nearer to train than to test.
_GAP, _ERRORS = 0.05, 4.0

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that may have told the model the answer.

    Args: code: stable name. level: error marks the run red. text: what and why, and what to do. rows: positions of the
        nodes concerned. columns: the columns concerned.
    """

    code: str
    level: Level
    text: str
    rows: npt.NDArray[np.int64]
    columns: tuple[str, ...] = ()

    def to_plain(self, ids: npt.NDArray[np.object_]) -> dict[str, Any]:  # Any: JSON values
        """Return plain data: the number of rows and the ids of the first few."""
        return {
            "code": self.code,
            "level": self.level,
            "text": self.text,
            "count": len(self.rows),
            "rows": [str(name) for name in ids[self.rows[:_ROWS_LISTED]]],
            "columns": list(self.columns),
        }


def audit(data: AnyData, labels: Labels, logits: npt.NDArray[np.float32] | None = None) -> list[Finding]:
    """Look for everything that this file knows, worst first.

    Args: data: raw columns of nodes or graphs. labels: target and split of the run. logits: what the chosen model says
        of every item, shape [I, width]; None leaves out what is seen in the answers alone.
    Source: kinds of leakage as in Kapoor and Narayanan (2023), Leakage and the reproducibility crisis, table 1.
    """
    known, items = labels.task.known(labels.target), data.items
    found = [*_overlaps(items, labels.split, known), *_ids(items)]
    is_single = np.ndim(labels.target) == 1
    if is_single:
        found += _copies(items, labels, known)
    if isinstance(data, RelationalData):
        found += _twins(data, labels.split, known)
        if labels.task.kind != "regression" and data.features is not None and data.features.nnz:
            found += _same_entries(data, labels, known)
    if logits is not None and is_single:
        found += _valid_seen(labels, logits)
    return sorted(found, key=lambda one: one.level != "error")


def _overlaps(items: Items, split: Split, known: npt.NDArray[np.bool_]) -> Iterator[Finding]:
    """Find items that are in two parts, under one id or two spellings of it."""
    for first, second in (("train", "test"), ("train", "valid"), ("valid", "test")):
        both = np.flatnonzero(getattr(split, first) & getattr(split, second) & known)
        if len(both):
            text = f"{_are(items, len(both))} in {first} and in {second} at once. Divide the {items.level}s anew."
            yield Finding("audit.overlap", "error", text, both)
    ids = np.asarray(items.ids, dtype=object)
    train = {str(name).strip().casefold() for name in ids[split.train & known]}
    test = np.flatnonzero(split.test & known & ~split.train)
    same = test[np.array([str(name).strip().casefold() in train for name in ids[test]], dtype=bool)]
    if len(same):
        text = (
            f"{_are(items, len(same))} in test under an id that differs from one in train by spaces or case alone. "
            "Give one thing one id."
        )
        yield Finding("audit.same_id", "error" if _many(len(same), split, known) else "warning", text, same)


def _twins(data: RelationalData, split: Split, known: npt.NDArray[np.bool_]) -> Iterator[Finding]:
    """Find test nodes whose features are those of a train node, more of them than chance explains."""
    marks = _feature_marks(data)
    if marks is None:
        return
    has_features = marks != 0
    used = marks[has_features]
    # Sorted by hand: numpy's unique goes through a hash table, which takes far longer here.
    used = np.sort(used)
    if not len(used) or 1 + int((used[1:] != used[:-1]).sum()) < _OWN_SHARE * len(used):
        return
    train, test = (mask & known & has_features for mask in (split.train, split.test))
    of_train, tested = np.sort(marks[train]), np.flatnonzero(test)
    place = np.searchsorted(of_train, marks[tested])
    rows = tested[np.append(of_train, np.uint64(0))[place] == marks[tested]]
    expected = _chance_of_equal_rows(data) * int(train.sum()) * int(test.sum())
    if len(rows) and poisson.sf(len(rows) - 1, expected) < _BY_CHANCE:
        text = (
            f"{_are(data.items, len(rows))} in test with exactly the features of a node in train. "
            "They may be the same thing entered twice: join them, or keep them in one part."
        )
        yield Finding("audit.duplicates", "error" if _many(len(rows), split, known) else "warning", text, rows)


def _chance_of_equal_rows(data: RelationalData) -> float:
    """Return how likely two nodes have equal features if columns had nothing to do with each other.

    A feature table has too many columns for that to happen.
    """
    if data.features is not None and data.features.nnz:
        return 0.0
    chance = 1.0
    for name in _feature_columns(data.items):
        column = column_of(data.nodes, name)
        shares = np.append(column.counts(), column.is_empty().sum()) / data.graph.num_nodes
        chance *= float((shares**2).sum())
    return chance


def _feature_columns(items: Items) -> list[str]:
    return [name for name, spec in items.columns.items() if spec.role is Role.FEATURE and name in items.table]


def _feature_marks(data: RelationalData) -> npt.NDArray[np.uint64] | None:
    """Return one number a node that is equal where all its features are, 0 where it has none; None without features."""
    names = _feature_columns(data.items)
    if not names and data.features is None:
        return None
    marks = np.zeros(data.graph.num_nodes, np.uint64)
    for number, name in enumerate(names):
        column = column_of(data.nodes, name)
        # A number by chance for each different text; an empty cell adds nothing.
        drawn = np.random.default_rng(number).integers(1, 2**63, len(column.values), dtype=np.uint64)
        with np.errstate(over="ignore"):
            marks += np.append(drawn, np.uint64(0))[column.codes]
    if data.features is not None and data.features.nnz:
        matrix = data.features
        rng = np.random.default_rng(0)
        factor = rng.integers(1, 2**63, matrix.shape[1], dtype=np.uint64) * 2 + 1
        value = matrix.data.astype(np.float64).view(np.uint64)
        with np.errstate(over="ignore"):
            terms = factor[matrix.indices] * (value ^ (value >> np.uint64(29)) | np.uint64(1))
            filled = np.diff(matrix.indptr) > 0
            marks[filled] += np.add.reduceat(terms, matrix.indptr[:-1][filled])
    return marks


def _copies(items: Items, labels: Labels, known: npt.NDArray[np.bool_]) -> Iterator[Finding]:
    """Find features that say the answer."""
    target = labels.task.target_name
    if labels.task.kind == "regression":
        yield from _same_numbers(items, labels, known)
        return
    for one in suspects(items, target, kinds=NUMBERS_TOO):
        rows = np.flatnonzero(known & ~column_of(items.table, one.column).is_empty())
        yield Finding("audit.copies_target", "error", one.sentence(target), rows, (one.column,))


def _same_numbers(items: Items, labels: Labels, known: npt.NDArray[np.bool_]) -> Iterator[Finding]:
    truth = np.asarray(labels.target, np.float64)
    for name, spec in items.columns.items():
        is_number = spec.kind is ColumnKind.NUMBER and spec.role is Role.FEATURE
        if not is_number or name == labels.task.target_name or name not in items.table:
            continue
        values = numbers_of(column_of(items.table, name), spec.decimal)
        rows = np.flatnonzero(known & np.isfinite(values))
        if len(rows) < _LEAST or np.ptp(values[rows]) == 0 or np.ptp(truth[rows]) == 0:
            continue
        if abs(np.corrcoef(values[rows], truth[rows])[0, 1]) >= _SAME_NUMBER:
            text = (
                f'"{name}" follows "{labels.task.target_name}" exactly: it may be the same number in another unit. '
                "Set its role to ignore unless it is known beforehand."
            )
            yield Finding("audit.copies_target", "error", text, rows, (name,))


def _same_entries(data: RelationalData, labels: Labels, known: npt.NDArray[np.bool_]) -> Iterator[Finding]:
    """Find columns of a feature table that are there for the nodes of one class and for no others."""
    from scipy import sparse

    assert data.features is not None
    rows = np.flatnonzero(known)
    codes = np.asarray(labels.target, np.int64)[rows]
    classes = sparse.csr_matrix((np.ones(len(rows)), (codes, np.arange(len(rows)))))
    there = data.features[rows]
    there = sparse.csr_matrix((np.ones(there.nnz), there.indices, there.indptr), there.shape)
    together = (classes @ there).toarray()
    of_column, of_class = together.sum(axis=0), np.bincount(codes, minlength=len(together))
    least = np.maximum(of_column[None, :], of_class[:, None])
    is_copy = (together >= _COPY * least) & (of_column >= _LEAST)[None, :] & (of_class < len(rows))[:, None]
    for code, column in np.argwhere(is_copy):
        name = data.feature_names[column]
        text = (
            f'The feature "{name}" is there for the nodes of class "{labels.task.class_names[code]}" and for hardly '
            "any other: it may be the answer itself. Leave it out unless it is known beforehand."
        )
        yield Finding("audit.copies_target", "error", text, rows[codes == code], (name,))


def _ids(items: Items) -> Iterator[Finding]:
    """Find features that number or name the nodes: they can be learnt by heart and mean nothing for others."""
    for name, spec in items.columns.items():
        if spec.role is not Role.FEATURE or name not in items.table:
            continue
        column = column_of(items.table, name)
        there = np.flatnonzero(~column.is_empty())
        if len(there) < _LEAST or len(column.values) < len(there):
            continue
        if spec.kind is ColumnKind.ID or _counts_up(items, name, there):
            text = f'"{name}" numbers or names the {items.level}s one by one, and is a feature. Set its role to ignore.'
            yield Finding("audit.id_feature", "error", text, there, (name,))


def _counts_up(items: Items, name: str, there: npt.NDArray[np.int64]) -> bool:
    """Say whether a column without repeats holds whole numbers without gaps, or the ids themselves."""
    column, spec = column_of(items.table, name), items.columns[name]
    first = there[:_ROWS_LISTED]
    if all(column.text(row) == items.ids[row] for row in first):
        return bool((column.objects() == np.asarray(items.ids, dtype=object))[there].all())
    if spec.kind is not ColumnKind.NUMBER:
        return False
    values = numbers_of(column, spec.decimal)[there]
    is_whole = bool(np.isfinite(values).all()) and bool((values == np.round(values)).all())
    return is_whole and float(np.ptp(values)) == len(values) - 1


def _valid_seen(labels: Labels, logits: npt.NDArray[np.float32]) -> Iterator[Finding]:
    """Find a model that knows valid as well as train, but not test: something was fitted on valid."""
    parts = {part: labels.rows(part) for part in ("train", "valid", "test")}
    if min(len(rows) for rows in parts.values()) < _LEAST:
        return
    train, valid, test = (_goodness(labels, logits, rows) for rows in parts.values())
    gap = float(valid.mean() - test.mean())
    # The rarer outcome of both parts together: a part without a single miss has no variance of its own.
    pooled = float(np.concatenate([valid, test]).var())
    error = np.sqrt(pooled / len(valid) + pooled / len(test))
    if gap < _GAP or error == 0 or gap < _ERRORS * error or abs(float(train.mean() - valid.mean())) > gap / 2:
        return
    text = (
        f"The model is right at {valid.mean():.0%} of valid, nearly as at {train.mean():.0%} of train, but at "
        f"{test.mean():.0%} of test: something was fitted on valid, or test is of another kind. "
        "The score on valid says nothing; choose settings anew on rows that were not trained on."
    )
    yield Finding("audit.valid_seen", "error", text, parts["valid"])


def _goodness(labels: Labels, logits: npt.NDArray[np.float32], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return how right each answer is: 1 or 0 for classes, 1 - error² / variance (not below 0) for values."""
    decoded = labels.task.decode(logits[rows])["predicted"].to_numpy()
    target = labels.target[rows]
    if labels.task.kind != "regression":
        names = np.array([*labels.task.class_names, None], dtype=object)
        return np.asarray(decoded == names[np.asarray(target, np.int64)], np.float64)
    spread = float(np.nanvar(np.asarray(labels.target, np.float64))) or 1.0
    error = np.asarray(decoded, np.float64) - np.asarray(target, np.float64)
    return np.asarray(np.clip(1.0 - error**2 / spread, 0.0, 1.0))


def _many(count: int, split: Split, known: npt.NDArray[np.bool_]) -> bool:
    return count >= _TOO_MANY * int((split.test & known).sum())


def _are(items: Items, count: int) -> str:
    return f"{items.count(count)} {'is' if count == 1 else 'are'}"
