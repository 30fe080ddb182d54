"""The molecules of a run, and how far others are from those that it was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.data.chem.asking import fingerprints
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

    Args: known: its molecules. rows: those of train. domain: fitted on train and valid.
    """

    known: Known
    rows: np.ndarray
    domain: Domain

    def judge(
        self, smiles: list[str | None], *, cancel: CancelToken | None = None, sink: EventSink = silent
    ) -> DomainAnswer:
        """Compare molecules with train; `nearest` of the answer are rows of `known`, -1 where nothing is alike."""
        found = self.domain.judge(fingerprints(smiles, cancel=cancel, sink=sink), cancel)
        nearest = np.where(found.nearest >= 0, self.rows[found.nearest], -1).astype(np.int32)
        return DomainAnswer(found.distance, found.is_inside, nearest)


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
    return FittedDomain(known, rows, domain)


def with_domain(table: pd.DataFrame, smiles: np.ndarray, found: FittedDomain, cancel: CancelToken) -> pd.DataFrame:
    """Return predictions with three more columns behind the id and its predictions.

    Returns: `in_domain` (whether the nearest train molecule is near enough), `train_similarity` (its Tanimoto
        similarity) and `nearest_train` (its id); a column of the table that has one of these names goes before ours.
    """
    answer = found.judge(smiles.tolist(), cancel=cancel)
    nearest = found.known.ids[answer.nearest]
    nearest[answer.nearest < 0] = None
    more = {"in_domain": answer.is_inside, "train_similarity": 1 - answer.distance, "nearest_train": nearest}
    free = {name: column for name, column in more.items() if name not in table.columns}
    return table.assign(**free)
