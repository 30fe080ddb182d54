"""From a CSV file of edges to compressed sparse rows: ours, pandas, polars, duckdb, and reading the file alone.

    python -m tests.bench.ingest --ids text
    python -m tests.bench.ingest --ids integer --edges 1000000 --pairs 3

Every variant reads the same file, gives each id a number and builds the symmetric rows with duplicates merged. The
libraries that a variant needs are loaded, and compiled code is compiled, before the clock starts. `bytes_per_edge` is
the peak beyond what the process held then.

"Reading the file" goes through it once, into one buffer of 8 MB, while the system still holds it in its cache: no more
than a copy of memory to memory that stays in the processor's own, and nothing that keeps the bytes can be as quick.
"Holding the file" reads all its bytes into memory that was not used before, as whoever looks at them twice has to, and
"reading from the disk" goes through the file after the system was asked to forget it. Ours tells how long its four
parts took: finding and numbering the cells, numbering both columns as one, looking the ends up, and the rows.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.pairs import RESULTS, Variant, compare, measured

_PART = 2_000_000
_SMALL = 300_000  # edges of the file by which everything is warmed


def write_edges(path: Path, edges: int, ids: str) -> None:
    """Write a table of edges between a tenth as many nodes, some of which are met far more often than others."""
    import pyarrow as pa
    from pyarrow import csv

    rng = np.random.default_rng(0)
    nodes = max(1000, edges // 10)
    share = np.cumsum(np.minimum((1 - rng.random(nodes)) ** (-1 / 1.3), nodes**0.55))
    order = rng.permutation(nodes)
    names = pa.array([f"user_{number * 7 + 100_000}" for number in range(nodes)])
    with path.open("wb") as file:
        file.write(b"source,target\n")
        for begin in range(0, edges, _PART):
            columns = []
            for _ in range(2):
                drawn = np.searchsorted(share, rng.random(min(_PART, edges - begin)) * share[-1])
                node = order[np.minimum(drawn, nodes - 1)]
                columns.append(pa.array(node * 7 + 100_000) if ids == "integer" else names.take(pa.array(node)))
            table = pa.table(columns, names=["source", "target"])
            csv.write_csv(table, file, csv.WriteOptions(include_header=False, quoting_style="none"))


@contextmanager
def _figures(edges: int) -> Iterator[dict[str, Any]]:
    with measured() as figures:
        yield figures
    figures["bytes_per_edge"] = figures["extra_mb"] * 1024 * 1024 / edges


def ours(path: str, warm: str, edges: int, ids: str) -> dict[str, Any]:
    """Read with the program's own importer, number the ids and build the graph."""
    _graph(warm)
    with _figures(edges) as figures:
        graph, parts = _graph(path)
    return {**figures, **parts, "entries": graph.num_edges}


def _graph(path: str) -> tuple[Any, dict[str, float]]:  # Any: a Graph; the engine is loaded in this process only
    from engine.data.columns import number_rows
    from engine.data.importers import importer_for
    from engine.data.room import gathered
    from engine.data.texts import Texts
    from engine.graph.graph import build_graph

    clock = [time.perf_counter()]
    table = importer_for(Path(path)).read(Path(path))[0]
    clock.append(time.perf_counter())
    source, target = table.column("source"), table.column("target")
    joined = number_rows(Texts.of([]), source, target)
    clock.append(time.perf_counter())
    with ThreadPoolExecutor(2) as pool:
        ends = pool.map(gathered, (joined.left, joined.right), (source.codes, target.codes), (None, None))
    clock.append(time.perf_counter())
    graph = build_graph(*ends, len(joined.texts)).graph
    clock.append(time.perf_counter())
    names = ("read_seconds", "number_seconds", "look_up_seconds", "rows_seconds")
    return graph, {name: end - begin for name, begin, end in zip(names, clock, clock[1:], strict=False)}


def _rows(source: Any, target: Any, nodes: int) -> int:  # Any: arrays of integers
    """Build symmetric rows as the peers' users do, by scipy; return the number of entries."""
    from scipy.sparse import csr_matrix

    source, target = np.asarray(source, np.int32), np.asarray(target, np.int32)
    keep = source != target
    source, target = source[keep], target[keep]
    ends = (np.concatenate([source, target]), np.concatenate([target, source]))
    return int(csr_matrix((np.ones(len(ends[0]), np.float32), ends), shape=(nodes, nodes)).nnz)


def with_pandas(path: str, warm: str, edges: int, ids: str) -> dict[str, Any]:
    """Read with pandas (pyarrow's parser), number with factorize."""
    import pandas as pd

    def work(file: str) -> int:
        frame = pd.read_csv(file, engine="pyarrow")
        codes, known = pd.factorize(pd.concat([frame["source"], frame["target"]], ignore_index=True))
        return _rows(codes[: len(frame)], codes[len(frame) :], len(known))

    return _measured(work, path, warm, edges)


def with_polars(path: str, warm: str, edges: int, ids: str) -> dict[str, Any]:
    """Read with polars; text ids through its categories, integers through factorize."""
    import pandas as pd
    import polars as pl

    def work(file: str) -> int:
        kind = pl.String if ids == "text" else pl.Int64
        frame = pl.read_csv(file, schema_overrides={"source": kind, "target": kind})
        both = pl.concat([frame["source"], frame["target"]])
        if ids == "text":
            codes = both.cast(pl.Categorical).to_physical().to_numpy()
            codes, count = _dense(codes, len(frame))
        else:
            codes, known = pd.factorize(both.to_numpy())
            count = len(known)
        return _rows(codes[: len(frame)], codes[len(frame) :], count)

    return _measured(work, path, warm, edges)


def _dense(codes: Any, edges: int) -> tuple[Any, int]:  # Any: arrays of integers
    count = int(codes.max()) + 1
    if count <= 4 * edges:
        return codes, count
    known, dense = np.unique(codes, return_inverse=True)
    return dense, len(known)


def with_duckdb(path: str, warm: str, edges: int, ids: str) -> dict[str, Any]:
    """Read and number with duckdb, by a table of the ids and two joins."""
    import duckdb

    def work(file: str) -> int:
        base = duckdb.connect()
        base.execute(f"create temp table e as select * from read_csv('{file}', header=true)")
        base.execute(
            "create temp table v as select id, row_number() over () - 1 as place "
            "from (select source as id from e union select target from e)"
        )
        query = "select a.place::int as s, b.place::int as t from e join v a on source = a.id join v b on target = b.id"
        found = base.execute(query).fetchnumpy()
        count = base.execute("select count(*) from v").fetchone()
        assert count is not None, "a count is one row"
        return _rows(found["s"], found["t"], int(count[0]))

    return _measured(work, path, warm, edges)


def reading_alone(path: str, warm: str, edges: int, ids: str) -> dict[str, Any]:
    """Read the bytes into one buffer, over and over."""
    return _measured(_read_through, path, warm, edges)


def _read_through(file: str) -> int:
    buffer, total = bytearray(8 << 20), 0
    with Path(file).open("rb", buffering=0) as source:
        while count := source.readinto(buffer):
            total += count
    return total


def holding(path: str, warm: str, edges: int, ids: str) -> dict[str, Any]:
    """Read the bytes into memory of their own."""
    return _measured(lambda file: len(Path(file).read_bytes()), path, warm, edges)


def from_disk(path: str, warm: str, edges: int, ids: str) -> dict[str, Any]:
    """Read the bytes after the system forgot them, as far as it does; what lies below it may remember them."""
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(handle)
    return _measured(_read_through, path, warm, edges)


def _measured(work: Any, path: str, warm: str, edges: int) -> dict[str, Any]:  # Any: a function of a file
    work(warm)
    with _figures(edges) as figures:
        entries = work(path)
    return {**figures, "entries": entries}


def main() -> None:
    """Write the files, run all variants in turns, print ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--ids", choices=("text", "integer"), default="text")
    parser.add_argument("--edges", type=int, default=10_000_000)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, warm = Path(folder) / "edges.csv", Path(folder) / "warm.csv"
        write_edges(path, given.edges, given.ids)
        write_edges(warm, _SMALL, given.ids)
        arguments = {"path": str(path), "warm": str(warm), "edges": given.edges, "ids": given.ids}
        works = {
            "ours": ours,
            "reading the file": reading_alone,
            "holding the file": holding,
            "reading from the disk": from_disk,
            "duckdb": with_duckdb,
            "pandas": with_pandas,
            "polars": with_polars,
        }
        variants = [Variant(name, work, arguments) for name, work in works.items()]
        case = f"{given.edges:,} edges, {given.ids} ids"
        compare("ingest", variants, case=case, pairs=given.pairs, results=given.results)


if __name__ == "__main__":
    main()
