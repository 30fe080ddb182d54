"""Which group of nodes a node belongs to."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Literal

import numpy as np

from engine.analysis.statistics._base import Found, Given, Statistic
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import EngineError
from engine.graph.csr import row_of_entry


class Communities(Statistic):
    """Groups of nodes with many edges inside and few between, numbered by size from 0; direction does not matter.

    Both methods make the modularity large. They run on one thread, as with more the groups differ from run to run.

    Source: Louvain, Blondel et al. (2008); Leiden, Traag, Waltman and van Eck (2019), which makes sure that groups are
        connected; networkit's implementations (Staudt and Meyerhenke 2016).
    """

    key = "communities"
    label = "Communities"
    recommended = True
    is_group = True

    class Config(ConfigBase):
        method: Literal["louvain", "leiden"] = option("louvain", "Louvain is faster; Leiden's groups are connected.")
        resolution: float = option(1.0, "Larger gives more and smaller groups.", gt=0)

    config: Config

    def compute(self, given: Given) -> Found:
        """Return int64 [N], 0 for the largest group."""
        library = _networkit()
        near = given.neighbours
        n = near.num_nodes
        if not n:
            return Found(np.empty(0, np.int64), "There is no node.")
        row = row_of_entry(near.indptr)
        once = row < near.indices
        given.cancel.check()
        threads = library.getMaxNumberOfThreads()
        library.setNumberOfThreads(1)
        library.setSeed(given.seed, False)
        try:
            ends = (row[once].astype(np.uint64), near.indices[once].astype(np.uint64))
            graph = library.GraphFromCoo(ends, n=n, directed=False)
            given.cancel.check()
            found = self._partition(library, graph)
            modularity = library.community.Modularity().getQuality(found, graph) if once.any() else 0.0
        finally:
            library.setNumberOfThreads(threads)
        given.cancel.check()
        values = _by_size(np.asarray(found.getVector(), np.int64))
        count = int(values.max()) + 1
        words = f"{count:,} group{'' if count == 1 else 's'}; modularity {modularity:.2f}"
        words += ", clearly divided." if modularity > 0.3 else ", hardly divided."
        return Found(values, words, {"count": count, "modularity": modularity, "largest": int((values == 0).sum())})

    def _partition(self, library: ModuleType, graph: Any) -> Any:  # Any: networkit has no types
        community = library.community
        if self.config.method == "louvain":
            method = community.PLM(graph, refine=False, gamma=self.config.resolution)
        else:
            method = community.ParallelLeiden(graph, gamma=self.config.resolution)
        method.run()
        return method.getPartition()


def _networkit() -> ModuleType:
    try:
        import networkit
    except ImportError as error:
        raise EngineError(
            "Communities need the library networkit, which is not installed or cannot be loaded.",
            code="analysis.networkit",
            hint="Install it with: pip install networkit",
        ) from error
    return networkit  # type: ignore[no-any-return]  # it has no types


def _by_size(labels: np.ndarray) -> np.ndarray:
    """Number the groups by size, ties by first node."""
    _, first, codes, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(first), np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(first))
    return np.asarray(rank[codes])
