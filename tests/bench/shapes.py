"""Graphs to measure on: as many nodes, entries and numbers as well-known ones have, with hubs, made by a seed.

Made once and kept in a folder of the system's temporary files, so that every process of a comparison reads the same.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Shape:
    """A graph and the network on it.

    Args: nodes. links: undirected, so twice as many entries. widths: features, hidden layers, classes.
    """

    nodes: int
    links: int
    widths: tuple[int, ...]

    def graph(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Return row starts and neighbours; read where they were made before."""
        folder = Path(tempfile.gettempdir()) / "kith-bench" / f"v1-{self.nodes}-{self.links}"
        names = [folder / "indptr.npy", folder / "indices.npy"]
        if not names[-1].is_file():
            folder.mkdir(parents=True, exist_ok=True)
            for name, array in zip(names, power_law(self.nodes, self.links), strict=True):
                np.save(name, array)
        indptr, indices = (np.load(name) for name in names)
        return indptr, indices

    def features(self) -> npt.NDArray[np.float32]:
        """Return standard normal features."""
        return np.random.default_rng(1).standard_normal((self.nodes, self.widths[0]), dtype=np.float32)

    def classes(self) -> npt.NDArray[np.int64]:
        """Return a random class for each node."""
        return np.random.default_rng(2).integers(0, self.widths[-1], self.nodes)

    def train(self, share: float) -> npt.NDArray[np.int64]:
        """Return the labelled nodes, ascending: a share of all, drawn at random."""
        return np.sort(np.random.default_rng(3).permutation(self.nodes)[: int(self.nodes * share)])

    def weights(self) -> list[npt.NDArray[np.float32]]:
        """Return first weights of each layer, [in, out]: every implementation starts from the same."""
        draw = np.random.default_rng(4)
        pairs = zip(self.widths[:-1], self.widths[1:], strict=True)
        return [draw.normal(0, (2 / (a + b)) ** 0.5, (a, b)).astype(np.float32) for a, b in pairs]


ARXIV = Shape(169_343, 1_157_799, (128, 256, 256, 40))
MILLION = Shape(1_000_000, 5_000_000, (64, 64, 16))
GROWING = tuple(Shape(entries // 10, entries // 2, (64, 64, 16)) for entries in (10**5, 10**6, 10**7))


def power_law(num_nodes: int, num_links: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Draw an undirected graph whose degrees follow a power law of exponent 2.3, in rows; nodes in random order.

    Source: expected degrees as in Chung and Lu (2002), "Connected components in random graphs with given expected
        degree sequences".
    """
    draw = np.random.default_rng(0)
    weight = np.minimum((1 - draw.random(num_nodes)) ** (-1 / 1.3), num_nodes**0.55)
    edges = np.cumsum(weight)
    names = draw.permutation(num_nodes)
    wanted = int(num_links * 1.15)
    ends = [names[np.searchsorted(edges, draw.random(wanted) * edges[-1]).clip(max=num_nodes - 1)] for _ in range(2)]
    low, high = np.minimum(*ends), np.maximum(*ends)
    keys = np.unique(low[low != high].astype(np.int64) * num_nodes + high[low != high])
    keys = draw.permutation(keys)[:num_links]
    low, high = keys // num_nodes, keys % num_nodes
    both = np.sort(np.concatenate([low * num_nodes + high, high * num_nodes + low]))
    indptr = np.zeros(num_nodes + 1, np.int64)
    np.cumsum(np.bincount(both // num_nodes, minlength=num_nodes), out=indptr[1:])
    return indptr, (both % num_nodes).astype(np.int32)
