"""The molecules of a run, and how far others are from those that it was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.data.chem.asking import fingerprints
from engine.data.chem.grammar import elements
from engine.data.roles import Role
from engine.infer.domain import Domain, DomainAnswer

if TYPE_CHECKING:
    from engine.project.runs import RunFolder


@dataclass(frozen=True, slots=True)
class Known:
    """The molecules of a run's predictions.

    Args: ids, smiles, part: [I] object; part is train, valid, test or empty.
    """

    ids: np.ndarray
    smiles: np.ndarray
    part: np.ndarray

    def of_part(self, word: str) -> np.ndarray:
        """Return the rows of a part, int64."""
        return np.flatnonzero(self.part == word)


@dataclass(frozen=True, slots=True)
class FittedDomain:
    """What the run was trained on.

    Args: known: its molecules. rows: those of train. domain: fitted on train and valid. elements: of train.
    """

    known: Known
    rows: np.ndarray
    domain: Domain
    elements: frozenset[str]

    def judge(
        self, smiles: list[str | None], *, cancel: CancelToken | None = None, sink: EventSink = silent
    ) -> DomainAnswer:
        """Compare molecules with train; `nearest` of the answer are rows of `known`, -1 where nothing is alike.

        One with an element that train has nowhere is outside, however near it is: nothing was learned of such atoms.
        """
        found = self.domain.judge(fingerprints(smiles, cancel=cancel, sink=sink), cancel)
        nearest = np.where(found.nearest >= 0, self.rows[found.nearest], -1).astype(np.int32)
        return DomainAnswer(found.distance, found.is_inside & self.knows(smiles), nearest)

    def knows(self, smiles: list[str | None]) -> np.ndarray:
        """Return of which molecules train has every element, bool [B]."""
        return np.array([elements(one or "") <= self.elements for one in smiles], dtype=bool)


def known_molecules(run: RunFolder) -> Known | None:
    """Return the molecules of a run, None where it is about something else or has no predictions."""
    names = [
        name for table in run.recipe().data.tables for name, spec in table.columns.items() if spec.role is Role.SMILES
    ]
    path = run.path / "predictions.parquet"
    if not names or not path.is_file():
        return None
    table = pd.read_parquet(path)
    smiles = names[0] if names[0] in table.columns else f"{names[0]}_original"
    if smiles not in table.columns or "split" not in table.columns:
        return None
    part = table["split"].fillna("").to_numpy(object)
    return Known(table.iloc[:, 0].to_numpy(object), table[smiles].to_numpy(object), part)


def fitted_domain(
    run: RunFolder, *, cancel: CancelToken | None = None, sink: EventSink = silent
) -> FittedDomain | None:
    """Return the domain of a run about molecules, None of any other."""
    known = known_molecules(run)
    if known is None or not len(known.of_part("train")):
        return None
    # One question for all, so that what is asked next about them is known already.
    every = fingerprints(known.smiles.tolist(), cancel=cancel, sink=sink)
    rows = known.of_part("train")
    domain = Domain.fit("fingerprint", every[rows], every[known.of_part("valid")], cancel=cancel)
    return FittedDomain(known, rows, domain, frozenset().union(*map(elements, known.smiles[rows])))


def embedding_domain(run: RunFolder, known: Known, *, cancel: CancelToken | None = None) -> Domain | None:
    """Return the domain in the vectors that the run's model gives its molecules, None where they were not kept."""
    path = run.path / "embeddings.parquet"
    if not path.is_file():
        return None
    stored = pd.read_parquet(path)
    if not np.array_equal(stored.iloc[:, 0].to_numpy(object), known.ids):
        return None
    vectors = stored.iloc[:, 1:].to_numpy(np.float32)
    return Domain.fit("embedding", vectors[known.of_part("train")], vectors[known.of_part("valid")], cancel=cancel)


def with_domain(
    table: pd.DataFrame, smiles: np.ndarray, found: FittedDomain, seen: DomainAnswer | None, cancel: CancelToken
) -> pd.DataFrame:
    """Return predictions with three more columns behind the id and its predictions.

    Args: seen: what is said of the molecules by the model's own vectors, None where that is not known.
    Returns: `in_domain` (whether train is near enough, by fingerprint and by the model's vectors), `train_similarity`
        (Tanimoto similarity of the nearest train molecule) and `nearest_train` (its id); a column of the table that
        has one of these names goes before ours.
    """
    answer = found.judge(smiles.tolist(), cancel=cancel)
    is_inside = answer.is_inside if seen is None else answer.is_inside & seen.is_inside
    nearest = found.known.ids[answer.nearest]
    nearest[answer.nearest < 0] = None
    more = {"in_domain": is_inside, "train_similarity": 1 - answer.distance, "nearest_train": nearest}
    free = {name: column for name, column in more.items() if name not in table.columns}
    return table.assign(**free)
