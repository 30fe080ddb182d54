"""Projections of points in 64 dimensions: our t-SNE, UMAP (10,000 points) and PaCMAP (100,000 points).

    python -m tests.bench.projection [--pairs 3] [--only 10000]

The points are `tests.bench.planes.clustered_points`: 30 groups of unequal size around six middles, each on a curved
sheet of three dimensions, with noise.

`neighbours` is the mean over 500 points of the share of the 15 nearest others that are among the 15 nearest in the
picture; `trust` is scikit-learn's trustworthiness of 2,000 points, 15 neighbours. `first_seconds` is the time from a
fresh process with NumPy to the first picture, without warming anything.

All have their usual options; UMAP and PaCMAP are given a seed, as ours always has one. A projection of 1,000 other
points loads and compiles what there is to compile before the clock starts.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.pairs import RESULTS, Variant, compare, measured
from tests.bench.planes import clustered_points, judge_projection


class _Seen(Exception):  # noqa: N818 - no error: what ends a projection once it has shown something
    pass


def main() -> None:
    """Compare every size that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--only", type=int, choices=sorted(_PEERS))
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    for count, peers in _PEERS.items():
        if given.only in (None, count):
            sides = {"kith": ours, **peers}
            variants = [Variant(name, work, {"count": count}) for name, work in sides.items()]
            compare("projection", variants, case=f"{count:,} points", pairs=given.pairs, results=given.results)


def ours(count: int) -> dict[str, Any]:
    """Measure t-SNE with its own options."""
    points = clustered_points(count)
    began = time.perf_counter()
    first = _first_picture(points, began)
    from engine.layout.projections.tsne import Tsne

    return {**_measured(Tsne(Tsne.parse({})).project, points), "first_seconds": first}


def _first_picture(points: Any, began: float) -> float:  # Any: array of floats
    from engine.layout.projections.tsne import Tsne

    def seen(_: object) -> None:
        raise _Seen

    try:
        Tsne(Tsne.parse({})).project(points, on_positions=seen)
    except _Seen:
        return time.perf_counter() - began
    raise RuntimeError("the projection showed nothing")


def umap(count: int) -> dict[str, Any]:
    """Measure UMAP."""
    import umap as library

    return _measured(lambda points: library.UMAP(random_state=0).fit_transform(points), clustered_points(count))


def pacmap(count: int) -> dict[str, Any]:
    """Measure PaCMAP."""
    import pacmap as library

    return _measured(lambda points: library.PaCMAP(random_state=0).fit_transform(points), clustered_points(count))


def _measured(work: Callable[[Any], Any], points: Any) -> dict[str, Any]:  # Any: arrays of floats
    # They speak of threads that a seed rules out.
    warnings.simplefilter("ignore")
    work(clustered_points(1000, seed=1))
    with measured() as figures:
        xy = work(points)
    return {**figures, **judge_projection(points, np.asarray(xy, np.float64))}


_PEERS = {10_000: {"UMAP": umap}, 100_000: {"PaCMAP": pacmap}}

if __name__ == "__main__":
    main()
