"""Write a large graph with planted communities as two tables, for measurements: edges.csv and nodes.csv.

    python -m tests.support.make_large FOLDER --nodes 1000000 --edges 10000000

Few nodes have a label, the features say little about it, and neighbours mostly share it: the graph has to help.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

_CLASSES = 8
_SIGNAL = 0.12  # distance of the class means, in deviations of the noise: about a quarter right without edges
_WITHIN = 0.7  # share of the edges that stay in a class
_PART = 10_000_000  # edges that are drawn and written at once
_SKEW = 2.5  # how much more often some nodes are met: the share of an edge's end goes as a uniform number to this


def write_large(
    folder: Path, nodes: int, edges: int, labelled: float = 0.01, seed: int = 0, features: int = 16, digits: int = 4
) -> None:
    """Write the tables.

    Args: folder: is made. nodes, edges: rows of the two tables. labelled: share of the nodes whose label is there.
        seed: decides everything. features: columns of numbers. digits: of each behind the point.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    ids = pa.array(_ids(nodes, rng))
    group = rng.integers(0, _CLASSES, nodes)
    for begin in range(0, edges, _PART):
        source, target = _ends(group, min(_PART, edges - begin), rng)
        table = pa.table({"source": ids.take(pa.array(source)), "target": ids.take(pa.array(target))})
        _write(table, folder / "edges.csv", "wb" if begin == 0 else "ab")
    means = rng.normal(size=(_CLASSES, features)) * _SIGNAL
    x = np.round(means[group] + rng.normal(size=(nodes, features)), digits)
    names = np.array([f"group {number}" for number in range(_CLASSES)], dtype=object)[group]
    names[rng.random(nodes) >= labelled] = None
    columns = {"id": ids, "label": pa.array(names, pa.string())}
    columns |= {f"f{number}": pa.array(x[:, number]) for number in range(features)}
    _write(pa.table(columns), folder / "nodes.csv")
    np.save(folder / "truth.npy", group.astype(np.int8))


def _write(table: pa.Table, path: Path, mode: Literal["wb", "ab"] = "wb") -> None:
    with path.open(mode) as file:
        if mode == "wb":
            # The library would put the names alone into quotes.
            file.write(",".join(table.column_names).encode() + b"\n")
        csv.write_csv(table, file, csv.WriteOptions(include_header=False, quoting_style="none"))


def _ids(nodes: int, rng: np.random.Generator) -> list[str]:
    """Return different names that are in no order."""
    return [f"u{number:x}" for number in rng.permutation(nodes) * 7 + 4096]


def _ends(
    group: NDArray[np.int64], edges: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw both ends of each edge; some nodes are met far more often than others."""
    order = np.argsort(group, kind="stable")
    size = np.bincount(group, minlength=_CLASSES)
    first = np.cumsum(size) - size
    source = rng.integers(0, len(group), edges)
    of = np.where(rng.random(edges) < _WITHIN, group[source], rng.integers(0, _CLASSES, edges))
    target = order[first[of] + (rng.random(edges) ** _SKEW * size[of]).astype(np.int64)]
    return source, target


def main() -> None:
    """Write the tables that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nodes", type=int, default=1_000_000)
    parser.add_argument("--edges", type=int, default=10_000_000)
    parser.add_argument("--labelled", type=float, default=0.01, help="share of the nodes with a label")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    write_large(given.folder, given.nodes, given.edges, given.labelled, given.seed)


if __name__ == "__main__":
    main()
