"""Datasets that were read before, in the user's cache folder: the same files are not read and joined again.

What was understood of files of which nothing was said is kept beside them. A dataset is found by the contents of its
files, by the options that decide how they are understood, and by the source of the reader itself, so a file or a
program that has changed is read anew. One file for each dataset, put in place when it is whole; what cannot be opened,
or is not sound, is removed and counts as not there. Results do not depend on any of this. `KITH_CACHE_GB` says how
large the folder may grow, 0 switches it off.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import logging
import math
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from scipy import sparse

from engine.core.atomic import write_json
from engine.core.cancel import CancelToken
from engine.core.errors import BuildError, WriteError
from engine.core.events import IssueFound, from_plain, to_plain
from engine.core.fingerprint import of_files, of_plain
from engine.data.builders.relational import RelationalData
from engine.data.columns import Column, TextFrame
from engine.data.dataset import AnyData
from engine.data.importers import with_companions
from engine.data.issues import IssueLog
from engine.data.join import JoinReport
from engine.data.options import DataOptions, TableOptions
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.table import ColumnSpec, Table
from engine.data.texts import Texts
from engine.graph.graph import Graph
from engine.graph.pack import open_pack, save_pack

_log = logging.getLogger(__name__)
_Arrays = Mapping[str, Any]  # Any: arrays of numbers; scipy's have no types
_Plain = Mapping[str, Any]  # Any: JSON values

_FORMAT = 1
# Smaller files are read as fast as they are looked up.
_LEAST_BYTES = 8 << 20
_GIB = 1 << 30
_MOST_GIB = 4.0
_SHARE_OF_FREE = 0.1
# Options that are no part of reading and joining: they decide which features are made.
_OF_FEATURES = {"structural", "structural_width", "text_width", "max_categories", "normalise"}


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What was kept: the data, its tables without their cells, and what was wrong with them."""

    data: RelationalData
    tables: Sequence[Table]
    issues: Sequence[IssueFound]
    counts: Mapping[str, int]


class Kept:
    """The place of one dataset among those that were read before.

    Args: options: files and roles. base: where relative paths start. digest: hash of the files' contents.
    """

    def __init__(self, options: DataOptions, base: Path, digest: str) -> None:
        self._options, self._base = options, base
        self._stamp = _stamps(options, base)
        plain = {name: value for name, value in options.to_hash().items() if name not in _OF_FEATURES}
        for table in plain["tables"]:
            table["path"] = Path(table["path"]).name
        self._path = _folder() / f"{of_plain([_FORMAT, _source(), digest, plain])}.kith"

    @property
    def is_wanted(self) -> bool:
        """Whether datasets are kept at all, and these files are large enough."""
        return limit_bytes() > 0 and sum(size for size, _ in self._stamp) >= _LEAST_BYTES

    def find(self, cancel: CancelToken) -> Found | None:
        """Return what was kept, None where there is nothing, or nothing sound. Raises: Cancelled."""
        if not self.is_wanted or not self._path.is_file():
            return None
        try:
            found = _opened(*open_pack(self._path), self._options, self._base, cancel)
            os.utime(self._path)
        except (OSError, ValueError, KeyError, TypeError, BuildError) as error:
            _log.warning("%s is removed: %s", self._path, error)
            with contextlib.suppress(OSError):
                self._path.unlink()
            return None
        return found

    def keep(self, data: AnyData, tables: Sequence[Table], issues: IssueLog, cancel: CancelToken) -> bool:
        """Keep a dataset that was just read, unless a file changed meanwhile; the longest unused ones make room.

        Returns: whether it is kept.
        Raises: Cancelled: nothing is left then.
        """
        if not self.is_wanted or _stamps(self._options, self._base) != self._stamp:
            return False
        if not isinstance(data, RelationalData) or not isinstance(data.nodes, TextFrame):
            return False
        arrays, facts = _taken_apart(data, tables, issues)
        size = sum(array.nbytes for array in arrays.values())
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            most = min(limit_bytes(), int(_SHARE_OF_FREE * shutil.disk_usage(self._path.parent).free))
            if size <= most:
                save_pack(self._path, arrays, facts, cancel)
                _make_room(self._path.parent, limit_bytes())
                return True
        except (OSError, WriteError) as error:
            _log.info("The dataset is not kept: %s", error)
        return False


class KeptOptions:
    """The place of what was understood of files of which nothing was said.

    Args: paths: the files. asked: what else the answer depends on, JSON values.
    """

    def __init__(self, paths: Sequence[Path], asked: Any, cancel: CancelToken) -> None:  # Any: JSON values
        self._paths = [str(path) for path in paths]
        there = all(path.is_file() for path in paths)
        self._is_wanted = there and limit_bytes() > 0 and sum(path.stat().st_size for path in paths) >= _LEAST_BYTES
        if self._is_wanted:
            digest = of_files(paths, cancel)
            names = [path.name for path in paths]
            self._path = _folder() / f"{of_plain([_FORMAT, _source(), digest, names, asked])}.json"

    def find(self) -> DataOptions | None:
        """Return the options, None where there are none."""
        if not self._is_wanted or not self._path.is_file():
            return None
        try:
            plain = json.loads(self._path.read_text(encoding="utf-8"))
            for table in plain["tables"]:
                table["path"] = self._paths[table["path"]]
            return DataOptions.model_validate(plain)
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            _log.warning("%s is not used: %s", self._path, error)
            return None

    def keep(self, options: DataOptions) -> None:
        """Keep the options; where that fails, they are found out again next time."""
        # Files that are read along with one of these took no part in the hash.
        is_alone = all(
            table.path in self._paths and len(with_companions(Path(table.path), table.format)) == 1
            for table in options.tables
        )
        if self._is_wanted and is_alone:
            plain = options.model_dump(mode="json")
            for table in plain["tables"]:
                table["path"] = self._paths.index(table["path"])
            with contextlib.suppress(WriteError):
                write_json(self._path, plain)


def _folder() -> Path:
    return Path(platformdirs.user_cache_dir("kith", appauthor=False)) / "data"


def limit_bytes() -> int:
    """Return how large the folder may grow."""
    given = os.environ.get("KITH_CACHE_GB", "")
    try:
        most = float(given) if given else _MOST_GIB
    except ValueError:
        most = math.nan
    if not 0 <= most < math.inf:
        _log.warning("KITH_CACHE_GB is %r, not a number from 0 up; %s is used.", given, _MOST_GIB)
        most = _MOST_GIB
    return int(most * _GIB)


def digest_of(options: DataOptions, base: Path, cancel: CancelToken | None = None) -> str:
    """Return the hash of the files' contents. Raises: Cancelled."""
    files = (file for table in options.tables for file in with_companions(base / table.path, table.format))
    return of_files(files, cancel)


def _stamps(options: DataOptions, base: Path) -> list[tuple[int, int]]:
    """Return size and time of change of each file."""
    found = []
    for table in options.tables:
        with contextlib.suppress(OSError):
            state = (base / table.path).stat()
            found.append((state.st_size, state.st_mtime_ns))
    return found


@functools.cache
def _source() -> str:
    """Return the hash of the code that reads and joins; a frozen program has none, and its version instead."""
    rooms = [Path(__file__).parents[1] / room for room in ("data", "graph")]
    files = sorted(path for room in rooms for path in room.rglob("*.py"))
    if files:
        return of_files(files)
    from importlib import metadata

    return metadata.version("kith")


def _make_room(folder: Path, most: int) -> None:
    """Remove the longest unused datasets until the others take no more than `most` bytes."""
    found = []
    for path in folder.glob("*.*"):
        with contextlib.suppress(OSError):
            state = path.stat()
            found.append((state.st_mtime_ns, state.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= most:
            return
        with contextlib.suppress(OSError):
            path.unlink()
            total -= size


def _taken_apart(data: RelationalData, tables: Sequence[Table], issues: IssueLog) -> tuple[_Arrays, _Plain]:
    ids = Texts.of(data.node_ids.tolist())
    arrays: dict[str, Any] = {
        "indptr": data.graph.indptr,
        "indices": data.graph.indices,
        "lines": np.asarray(data.lines, np.int64),
    }
    arrays |= {"ids": ids.data, "ids.offsets": ids.offsets}
    if data.graph.weight is not None:
        arrays["weight"] = data.graph.weight
    if data.features is not None:
        found = data.features
        arrays |= {"features": found.data, "features.indices": found.indices, "features.indptr": found.indptr}
    assert isinstance(data.nodes, TextFrame), "the caller looked"
    names = data.nodes.columns
    for place, name in enumerate(names):
        column = data.nodes.column(name)
        arrays |= {f"{place}": column.codes, f"{place}.data": column.values.data}
        arrays[f"{place}.offsets"] = column.values.offsets
    facts = {
        "directed": data.graph.directed,
        "names": names,
        "columns": _plain_specs(data.columns),
        "feature_names": data.feature_names,
        "join": dataclasses.asdict(data.join),
        "tables": [_plain_table(table) for table in tables],
        "issues": [to_plain(issue) for issue in issues.issues],
        "counts": dict(issues.counts),
    }
    return arrays, facts


def _opened(arrays: _Arrays, facts: _Plain, options: DataOptions, base: Path, cancel: CancelToken) -> Found:
    """Put together what was taken apart. Raises: ValueError, KeyError, BuildError: it is not sound. Cancelled."""
    graph = Graph(arrays["indptr"], arrays["indices"], arrays.get("weight"), facts["directed"]).validate()
    nodes = {}
    for place, name in enumerate(facts["names"]):
        cancel.check()
        parts = arrays[f"{place}"], arrays[f"{place}.data"], arrays[f"{place}.offsets"]
        nodes[name] = _column(*parts, graph.num_nodes)
    cancel.check()
    ids = _texts(arrays["ids"], arrays["ids.offsets"])
    if len(ids) != graph.num_nodes or len(arrays["lines"]) != graph.num_nodes:
        raise ValueError("its ids do not fit the graph")
    features = None
    if "features" in arrays:
        parts = (arrays["features"], arrays["features.indices"], arrays["features.indptr"])
        features = sparse.csr_matrix(parts, shape=(graph.num_nodes, len(facts["feature_names"])))
        features.check_format()
    join: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in facts["join"].items()
    }
    data = RelationalData(
        graph,
        ids.objects(),
        TextFrame(nodes, graph.num_nodes),
        _specs(facts["columns"]),
        features,
        list(facts["feature_names"]),
        JoinReport(**join),
        arrays["lines"],
    )
    tables = [_table(plain, base / form.path) for plain, form in zip(facts["tables"], options.tables, strict=True)]
    issues = [issue for plain in facts["issues"] if isinstance(issue := from_plain(plain), IssueFound)]
    return Found(data, tables, issues, facts["counts"])


def _column(codes: np.ndarray, data: np.ndarray, offsets: np.ndarray, rows: int) -> Column:
    texts = _texts(data, offsets)
    if len(codes) != rows or (rows and (int(codes.min()) < -1 or int(codes.max()) >= len(texts))):
        raise ValueError("a column does not fit the graph")
    return Column(codes, texts)


def _texts(data: np.ndarray, offsets: np.ndarray) -> Texts:
    is_sound = len(offsets) and offsets[0] == 0 and int(offsets[-1]) + Texts.PADDING <= len(data)
    if not is_sound or bool((np.diff(offsets) < 0).any()):
        raise ValueError("its texts are cut short")
    return Texts(data, offsets)


def _plain_specs(columns: Mapping[str, ColumnSpec]) -> _Plain:
    return {name: dataclasses.asdict(spec) for name, spec in columns.items()}


def _specs(plain: _Plain) -> dict[str, ColumnSpec]:
    found = {}
    for name, one in plain.items():
        changed = {"kind": ColumnKind(one["kind"]), "role": Role(one["role"]), "examples": tuple(one["examples"])}
        found[name] = ColumnSpec(**{**one, **changed})
    return found


def _plain_table(table: Table) -> _Plain:
    return {
        "kind": table.kind.value,
        "columns": _plain_specs(table.columns),
        "form": table.form.model_dump(mode="json"),
        "directed": table.directed,
    }


def _table(plain: _Plain, path: Path) -> Table:
    form = TableOptions.model_validate({**plain["form"], "path": str(path)})
    kind, columns = TableKind(plain["kind"]), _specs(plain["columns"])
    return Table(TextFrame({}, 0), path, kind, columns, np.empty(0, np.int64), form, plain["directed"])
