"""Say how alike molecules are to those that a run was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import MismatchError, OptionError
from engine.core.events import StageStarted
from engine.jobs._base import Job
from engine.jobs.spec import JobContext
from engine.project.runs import RunFolder

if TYPE_CHECKING:
    import numpy as np

    from engine.jobs._molecules import FittedDomain

_BINS = 20


class Similarity(Job):
    """Find the train molecules nearest to others: those of the test, those named, or new ones.

    Source: Tanimoto similarity of Morgan fingerprints; see `engine.data.chem.similarity` and `engine.infer.domain`.
    """

    key = "similarity"
    label = "Similarity to train"

    class Config(ConfigBase):
        run: str = option(..., "Folder of the run.")
        ids: tuple[str, ...] = option((), "Ids of molecules of the run; those of the test when nothing is named.")
        smiles: tuple[str, ...] = option((), "New molecules, in place of ids.")
        count: int = option(5, "Nearest train molecules of each.", ge=1, le=50)
        most: int = option(200, "Most molecules that are listed, the least similar first.", ge=1, le=5000)

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return how near they are, as plain data.

        Returns: `{count, threshold, inside, sentences, quantiles, histogram, items: [{id, smiles, similarity,
            in_domain, nearest: [{id, smiles, similarity}]}]}`; `threshold` is the similarity from which on a molecule
            counts as in the domain, `inside` the share that does, `quantiles` are those of 10, 25, 50, 75 and 90 %,
            `histogram` counts similarities in 20 equal steps from 0 to 1.
        Raises: MismatchError: the run is not about molecules. OptionError: no molecule has such an id.
        """
        from engine.jobs._molecules import fitted_domain

        context.sink(StageStarted("read", 0, 2))
        run = RunFolder(context.folder / arguments.run)
        run.check()
        found = fitted_domain(run, cancel=context.cancel, sink=context.sink)
        if found is None:
            raise MismatchError(
                "This run is not about molecules, or has no predictions yet.",
                hint="Choose a run on a table with a column of structures.",
            )
        context.sink(StageStarted("compare", 1, 2))
        ids, smiles = _asked(arguments, found)
        return _compared(found, ids, smiles, arguments, context)


def _asked(arguments: Any, found: FittedDomain) -> tuple[list[str | None], list[str]]:  # Any: the job's Config
    known = found.known
    if arguments.smiles:
        return [None] * len(arguments.smiles), list(arguments.smiles)
    if not arguments.ids:
        rows = known.of_part("test")
        return [str(known.ids[row]) for row in rows], [str(known.smiles[row]) for row in rows]
    places = {str(name): row for row, name in enumerate(known.ids)}
    for name in arguments.ids:
        if name not in places:
            raise OptionError(f'No molecule of this run has the id "{name}".', path="similarity.ids")
    return list(arguments.ids), [str(known.smiles[places[name]]) for name in arguments.ids]


def _compared(
    found: FittedDomain,
    ids: list[str | None],
    smiles: list[str],
    arguments: Any,  # Any: the job's Config
    context: JobContext,
) -> dict[str, Any]:  # Any: JSON values
    import numpy as np

    from engine.data.chem.asking import fingerprints
    from engine.data.chem.similarity import similarity_of

    # A train molecule that is asked for is not its own relative: its id says so.
    asked = fingerprints(smiles, cancel=context.cancel, sink=context.sink)
    report = similarity_of(found.domain.train, asked, arguments.count + 1, cancel=context.cancel)
    best = report.nearest.similarity[:, 0]
    threshold = 1 - found.domain.threshold
    order = np.argsort(best, kind="stable")[: arguments.most]
    counts, _ = np.histogram(best, bins=_BINS, range=(0, 1))
    inside = (best >= threshold - 1e-6) & found.knows(list(smiles))
    return {
        "count": len(smiles),
        "threshold": float(threshold),
        "inside": float(inside.mean()) if len(best) else None,
        **report.to_plain(),
        "histogram": counts.tolist(),
        "items": [
            {
                "id": ids[row],
                "smiles": smiles[row],
                "similarity": float(best[row]),
                "in_domain": bool(inside[row]),
                "nearest": _nearest(found, ids[row], report.nearest.places[row], report.nearest.similarity[row])[
                    : arguments.count
                ],
            }
            for row in order.tolist()
        ],
    }


def _nearest(
    found: FittedDomain, own: str | None, places: np.ndarray, similarity: np.ndarray
) -> list[dict[str, Any]]:  # Any: JSON values
    rows = [int(found.rows[place]) for place in places if place >= 0]
    return [
        {"id": str(found.known.ids[row]), "smiles": str(found.known.smiles[row]), "similarity": float(share)}
        for row, share in zip(rows, similarity, strict=False)
        if str(found.known.ids[row]) != own
    ]
