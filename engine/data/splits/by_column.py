"""Split by a column that the user brings along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import RoleError
from engine.core.events import EventSink, IssueFound, Notice, silent
from engine.data.roles import Role
from engine.data.splits._base import BoolArray, Split, Splitter, by_class, known, mask, share
from engine.data.words import TEST_WORDS, TRAIN_WORDS, UNUSED_WORDS, VALID_WORDS

if TYPE_CHECKING:
    from engine.data.items import Items

# What people write, in lower case; whatever is in no list is reported and used nowhere.
_ALSO_NOTHING = ("", "no", "-", "na", "n/a", "null", "nan")
WORDS: Mapping[str, str] = {
    **dict.fromkeys(TRAIN_WORDS, "train"),
    **dict.fromkeys(VALID_WORDS, "valid"),
    **dict.fromkeys(TEST_WORDS, "test"),
    **dict.fromkeys((*UNUSED_WORDS, *_ALSO_NOTHING), ""),
}


class ByColumn(Splitter):
    """Take train, valid and test from columns of the items' table, one training for each column.

    Understood are train, val, valid, validation, dev, test and the like in any case; rows that say `unused` or
    nothing take no part. A column without valid rows gives a stated part of its train rows to valid.

    Source: the fixed public splits of Yang, Cohen and Salakhutdinov (2016) and of Platonov et al. (2023) come so.
    """

    key = "by_column"
    label = "By column"
    recommended = True

    class Config(ConfigBase):
        columns: tuple[str, ...] = option(
            (), "Columns that hold the parts; empty takes every column with the role split.", column="split"
        )
        valid_part: float = option(
            0.2, "Part of the train rows that becomes valid when a column names none.", gt=0, lt=1, advanced=True
        )

    config: Config

    def assign(
        self,
        items: Items,
        target: npt.NDArray[np.generic],
        *,
        is_class: bool,
        seed: int,
        sink: EventSink = silent,
    ) -> list[Split]:
        """Read each split column; see the base class.

        Raises: RoleError: there is no such column, or it has no train or no test row with a known target.
        """
        columns = self.config.columns or tuple(
            name for name, spec in items.columns.items() if spec.role is Role.SPLIT and name in items.table.columns
        )
        if not columns:
            raise RoleError(
                f"No column of the {items.level} table has the role split.",
                hint='Give a column that role, or choose the split "random" or "few".',
            )
        is_known = known(target, is_class=is_class)
        return [self._one(items, name, target, is_known, is_class, seed, sink) for name in columns]

    def _one(
        self,
        items: Items,
        column: str,
        target: npt.NDArray[np.generic],
        is_known: BoolArray,
        is_class: bool,
        seed: int,
        sink: EventSink,
    ) -> Split:
        if column not in items.table.columns:
            raise RoleError(
                f'The {items.level} table has no column "{column}" to split by.',
                hint=f"It has: {', '.join(map(str, items.table.columns))}.",
                column=column,
            )
        words = _words(items, column, sink)
        parts = {word: (words == word) & is_known for word in ("train", "valid", "test")}
        for word in ("train", "test"):
            if not parts[word].any():
                raise RoleError(
                    f'Column "{column}" marks no row with a known target as {word}.',
                    hint='Add such rows, or choose the split "random" or "few".',
                    column=column,
                )
        unlabelled = int(((words != "") & ~is_known).sum())
        if unlabelled:
            sink(
                Notice(
                    "info",
                    "split.unlabelled",
                    f'{unlabelled} {items.level}s have a part in column "{column}" but no known target; '
                    "they are in no part.",
                    {"column": column, "count": unlabelled},
                )
            )
        if not parts["valid"].any():
            parts["train"], parts["valid"] = self._carve(column, parts["train"], target, is_class, seed, sink)
        return Split(column, parts["train"], parts["valid"], parts["test"])

    def _carve(
        self,
        column: str,
        train: BoolArray,
        target: npt.NDArray[np.generic],
        is_class: bool,
        seed: int,
        sink: EventSink,
    ) -> tuple[BoolArray, BoolArray]:
        """Take valid from train, stratified; each class keeps at least one train row."""
        ids = np.flatnonzero(train)
        if len(ids) < 2:
            raise RoleError(
                f'Column "{column}" has no valid rows and only one train row to take them from.',
                hint="Mark some rows as valid.",
                column=column,
            )
        classes = by_class(target, ids, np.random.default_rng(seed), is_class=is_class)
        sizes = np.array([len(members) for members in classes])
        counts = np.minimum(share(sizes, self.config.valid_part), sizes - 1)
        chosen = np.concatenate([members[:count] for members, count in zip(classes, counts, strict=True)])
        if not len(chosen) and sizes.max() > 1:
            # Every class is tiny: the largest gives one.
            chosen = classes[int(sizes.argmax())][:1]
        elif not len(chosen):
            # One row a class, as in the karate club: taking one away would leave a class unlearnt.
            text = f'Column "{column}" names no valid rows, and one train row a class leaves none to choose by.'
            sink(Notice("warning", "split.no_valid", text, {"column": column, "valid": 0, "train": len(ids)}))
            return train, np.zeros_like(train)
        valid = mask(chosen, len(train))
        sink(
            Notice(
                "warning",
                "split.no_valid",
                f'Column "{column}" names no valid rows: {len(chosen)} of its {len(ids)} train rows became valid.',
                {"column": column, "valid": len(chosen), "train": len(ids)},
            )
        )
        return train & ~valid, valid


def _words(items: Items, column: str, sink: EventSink) -> npt.NDArray[np.object_]:
    """Return train, valid, test or an empty string for each item; unknown words are issues and used nowhere."""
    cells = items.table[column]
    plain = cells.fillna("").astype(str).str.strip().str.lower()
    words = plain.map(WORDS)
    for value in cells[words.isna()].unique()[:20]:
        row = int(np.flatnonzero((cells == value).to_numpy())[0])
        line = int(items.lines[row])
        sink(
            IssueFound(
                "split.word",
                f'Column "{column}" says "{value}", which is neither train, valid, test nor unused; '
                "such rows take no part.",
                line=line if line > 0 else None,
                column=column,
                value=str(value),
            )
        )
    return np.asarray(words.fillna(""), dtype=object)
