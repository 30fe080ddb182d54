"""What layouts and projections are measured on, and how their pictures are judged."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.spatial import cKDTree

Places = npt.NDArray[np.float64]

_SOURCES, _TARGETS, _ASKED = 24, 2000, 600
_NEAREST = 15


def social_graph(nodes: int, degree: int = 8, seed: int = 0) -> sp.csr_matrix:
    """Draw communities whose sizes and degrees vary widely, and keep the largest component.

    One community for each 200 nodes, its share drawn from a Dirichlet distribution; people are met in proportion to a
    heavy-tailed number of their own; of a person's edges 85 in 100 stay in the community and the others lead to one of
    the next three, so that the communities form a ring.

    Returns: symmetric adjacency of ones, csr, without loops; slightly fewer nodes than were asked for.
    """
    rng = np.random.default_rng(seed)
    communities, edges = max(6, nodes // 200), nodes * degree // 2
    share = rng.dirichlet(np.full(communities, 1.5))
    group = np.sort(rng.choice(communities, nodes, p=share))
    fame = np.concatenate([[0.0], np.cumsum(rng.pareto(2.2, nodes) + 0.3)])
    bounds = fame[np.searchsorted(group, np.arange(communities + 1))]
    source = _met(fame, rng.random(edges) * fame[-1])
    is_far = rng.random(edges) < 0.15
    to = np.where(is_far, (group[source] + rng.integers(1, 4, edges)) % communities, group[source])
    target = _met(fame, bounds[to] + rng.random(edges) * (bounds[to + 1] - bounds[to]))
    once = sp.coo_matrix((np.ones(edges), (source, target)), shape=(nodes, nodes)).tocsr()
    once.setdiag(0)
    both = ((once + once.T) > 0).astype(np.float32)
    both.eliminate_zeros()
    _, piece = sp.csgraph.connected_components(both)
    kept = np.flatnonzero(piece == np.bincount(piece).argmax())
    order = rng.permutation(kept)
    return both[order][:, order].tocsr()


def _met(fame: Places, at: Places) -> npt.NDArray[np.int64]:
    return np.clip(np.searchsorted(fame, at, side="right") - 1, 0, len(fame) - 2)


def judge_layout(adjacency: sp.csr_matrix, xy: npt.NDArray[Any], seed: int = 1) -> dict[str, float]:  # Any: floats
    """Return stress (0 is best) and the share of neighbours kept (1 is best).

    Stress: mean over pairs of 24 nodes with 2,000 others of ((s e - d) / d)², d the number of edges between them, e
    the distance in the picture, s the scale at which this is least. Neighbours kept: for 600 nodes of at least two
    neighbours, the Jaccard share of neighbours and equally many nearest points of the picture, mean.
    """
    rng = np.random.default_rng(seed)
    nodes = adjacency.shape[0]
    sources = rng.choice(nodes, _SOURCES, replace=False)
    away = sp.csgraph.dijkstra(adjacency, unweighted=True, indices=sources)
    targets = rng.choice(nodes, min(nodes, _TARGETS), replace=False)
    steps = away[:, targets].ravel()
    drawn = np.linalg.norm(xy[sources][:, None] - xy[targets][None], axis=2).ravel()
    counts = (steps > 0) & np.isfinite(steps)
    ratio = drawn[counts] / steps[counts]
    scale = ratio.sum() / (ratio**2).sum()
    tree = cKDTree(xy)
    kept = []
    for node in rng.choice(nodes, min(nodes, _ASKED), replace=False):
        known = adjacency.indices[adjacency.indptr[node] : adjacency.indptr[node + 1]]
        if len(known) < 2:
            continue
        found = tree.query(xy[node], k=len(known) + 1)[1]
        both = len(np.intersect1d(known, found[found != node][: len(known)]))
        kept.append(both / (2 * len(known) - both))
    return {"stress": float(((scale * ratio - 1) ** 2).mean()), "neighbours": float(np.mean(kept))}


def clustered_points(count: int, width: int = 64, seed: int = 0) -> npt.NDArray[np.float32]:
    """Draw 30 groups of unequal size, each on a curved sheet of three dimensions, in a wide space, with some noise.

    The groups' middles lie around six points, so that there is structure between the groups too.
    """
    rng = np.random.default_rng(seed)
    groups = 30
    group = rng.choice(groups, count, p=rng.dirichlet(np.full(groups, 2.0)))
    middle = 3.0 * rng.normal(size=(6, width))[rng.integers(0, 6, groups)] + 1.6 * rng.normal(size=(groups, width))
    frame = rng.normal(size=(groups, 6, width)) / 2
    sheet = rng.normal(size=(count, 3))
    sheet = np.concatenate([sheet, np.sin(2 * sheet)], axis=1)
    points = middle[group] + 0.15 * rng.normal(size=(count, width))
    for one in range(groups):
        points[group == one] += sheet[group == one] @ frame[one]
    return points.astype(np.float32)


def judge_projection(points: npt.NDArray[np.float32], xy: npt.NDArray[Any], seed: int = 1) -> dict[str, float]:
    """Return the share of each point's 15 nearest others that are among its 15 nearest in the picture, of 500 points.

    Any: floats. Trustworthiness (scikit-learn's, 15 neighbours, 2,000 points) stands beside it.
    """
    from sklearn.manifold import trustworthiness

    rng = np.random.default_rng(seed)
    asked = rng.choice(len(points), min(len(points), 500), replace=False)
    some = rng.choice(len(points), min(len(points), 2000), replace=False)
    squares = (points.astype(np.float64) ** 2).sum(axis=1)
    tree = cKDTree(xy)
    kept = []
    for point in asked:
        away = squares - 2.0 * (points @ points[point])
        away[point] = np.inf
        known = np.argpartition(away, _NEAREST)[:_NEAREST]
        found = tree.query(xy[point], k=_NEAREST + 1)[1]
        kept.append(len(np.intersect1d(known, found[found != point][:_NEAREST])) / _NEAREST)
    trust = trustworthiness(points[some], np.asarray(xy, np.float64)[some], n_neighbors=_NEAREST)
    return {"neighbours": float(np.mean(kept)), "trust": float(trust)}
