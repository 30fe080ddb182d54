"""Split molecules so that no scaffold is in two parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError, RoleError
from engine.core.events import EventSink, Notice, silent
from engine.data.chem.asking import scaffolds
from engine.data.splits._base import Split, Splitter, mask, require_known

if TYPE_CHECKING:
    from engine.data.items import Items


class Scaffold(Splitter):
    """Keep molecules together that share their rings and what joins these: train, valid, then test.

    A model is used on molecules that nobody has made yet. Drawn at random, most test molecules have a near relative in
    train, and the score says how well those are remembered; across scaffolds it says how well the model carries over.
    Molecules without rings are one group. Nothing is drawn, so every seed gives the same parts.

    Source: Bemis and Murcko (1996) for the scaffold, with its chirality; Hu et al., "Strategies for pre-training graph
    neural networks" (ICLR 2020), for the parts: groups from the largest on, each into the first part it fits into.
    """

    key = "scaffold"
    label = "By scaffold"

    class Config(ConfigBase):
        train: float = option(0.8, "Part of the labelled molecules that trains.", gt=0, lt=1)
        valid: float = option(0.1, "Part that chooses epoch and settings; what is left judges.", gt=0, lt=1)

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
        """Divide the molecules; see the base class.

        Raises: OptionError: train and valid leave nothing for test. RoleError: no column holds SMILES, too few
            molecules have a known target, or one scaffold is so frequent that a part stays empty.
        """
        if self.config.train + self.config.valid >= 1:
            raise OptionError(
                '"split.train" and "split.valid" leave nothing for test.', hint="Make one of them smaller."
            )
        ids = require_known(items, target, is_class=is_class)
        smiles = items.smiles()
        if smiles is None:
            raise RoleError(
                "No column has the role smiles, so there are no scaffolds to split by.",
                hint='Give the column of structures that role, or choose the split "random" or "kfold".',
            )
        groups = scaffold_groups(scaffolds(smiles[ids].tolist()))
        parts = parts_of_groups(groups, self.config.train, self.config.valid)
        for word, places in parts.items():
            if not len(places):
                raise RoleError(
                    f"The largest of {len(groups):,} scaffolds holds {len(groups[0]):,} of {len(ids):,} molecules, so "
                    f"none is left for {word}.",
                    hint='Choose the split "random" or "kfold", or other parts.',
                    scaffolds=len(groups),
                )
        sink(_told(groups, parts))
        return [Split("scaffold", **{word: mask(ids[places], len(target)) for word, places in parts.items()})]


def scaffold_groups(found: list[str | None]) -> list[npt.NDArray[np.int64]]:
    """Return the places of each scaffold, the largest group first; of equal ones the one that begins last.

    Args: found: scaffold of each molecule; molecules without one, as without rings, are one group.
    """
    members: dict[str, list[int]] = {}
    for place, name in enumerate(found):
        members.setdefault(name or "", []).append(place)
    ordered = sorted(members.values(), key=lambda group: (len(group), group[0]), reverse=True)
    return [np.array(group, np.int64) for group in ordered]


def parts_of_groups(
    groups: list[npt.NDArray[np.int64]], train: float, valid: float
) -> dict[str, npt.NDArray[np.int64]]:
    """Return the places of train, valid and test, ascending. Args: groups: in the order in which they are given out."""
    total = sum(map(len, groups))
    taken: dict[str, list[npt.NDArray[np.int64]]] = {"train": [], "valid": [], "test": []}
    sizes = dict.fromkeys(taken, 0)
    for group in groups:
        if sizes["train"] + len(group) <= train * total:
            word = "train"
        elif sizes["train"] + sizes["valid"] + len(group) <= (train + valid) * total:
            word = "valid"
        else:
            word = "test"
        taken[word].append(group)
        sizes[word] += len(group)
    nothing = np.empty(0, np.int64)
    return {word: np.sort(np.concatenate([nothing, *chosen])) for word, chosen in taken.items()}


def _told(groups: list[npt.NDArray[np.int64]], parts: dict[str, npt.NDArray[np.int64]]) -> Notice:
    total = sum(map(len, groups))
    # Of a molecule drawn for test, one of the others of its scaffold trains unless all of them are drawn away from it.
    share = float(sum(len(group) * (1 - 0.2 ** (len(group) - 1)) for group in groups)) / total
    return Notice(
        "info",
        "split.scaffold",
        f"{len(groups):,} scaffolds, none of them in two parts. At random, {share:.0%} of the test molecules would "
        "share their scaffold with a train molecule, and the score would flatter.",
        {"scaffolds": len(groups), "share": share, **{word: len(places) for word, places in parts.items()}},
    )
