"""Arrays on disk, opened without being read: what is looked at is fetched by the system, and given up again."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from engine.core.errors import WriteError
from engine.graph.graph import Graph

_HEADER = 128  # bytes, a multiple of 64 as numpy's format wants it; room for any length of one dimension


class ArrayWriter:
    """Writes a one-dimensional `.npy` file piece by piece.

    Args: path: the file. dtype: of its numbers. is_wanted: False writes nothing at all.
    """

    def __init__(self, path: Path, dtype: np.dtype, is_wanted: bool = True) -> None:
        self.count = 0
        self._path, self._dtype, self._is_wanted = path, dtype, is_wanted

    def __enter__(self) -> ArrayWriter:
        if self._is_wanted:
            self._file = self._path.open("wb")
            self._file.write(b"\0" * _HEADER)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_wanted:
            # Written last: a file that was left half-way has no header and cannot be opened.
            self._file.seek(0)
            if kind is None:
                self._file.write(_header(self._dtype, self.count))
            self._file.close()

    def add(self, numbers: npt.NDArray[np.generic]) -> None:
        """Write some more. Raises: WriteError: the disk is full."""
        try:
            np.ascontiguousarray(numbers, self._dtype).tofile(self._file)
        except OSError as error:
            raise WriteError.of(self._path, error) from error
        self.count += len(numbers)

    def array(self) -> np.ndarray:
        """Return what was written, mapped."""
        return open_array(self._path)


def _header(dtype: np.dtype, count: int) -> bytes:
    text = f"{{'descr': '{dtype.str}', 'fortran_order': False, 'shape': ({count},), }}"
    size = _HEADER - 10
    return b"\x93NUMPY\x01\x00" + size.to_bytes(2, "little") + text.ljust(size - 1).encode() + b"\n"


def open_array(path: Path) -> np.ndarray:
    """Return an array of a `.npy` file without reading it; what is written into it never reaches the file.

    Raises: OSError, ValueError: there is no such file, or it is none.
    """
    if path.stat().st_size <= _HEADER:
        # An empty file cannot be mapped.
        return np.asarray(np.load(path, allow_pickle=False))
    mapped: np.ndarray = np.load(path, mmap_mode="c", allow_pickle=False)
    return mapped


def save_graph(graph: Graph, folder: Path) -> None:
    """Write `indptr.npy`, `indices.npy` and, where edges have them, `weight.npy` and `edge_attr.npy` into a folder.

    The folder exists. Arrays that already lie there, mapped, are left as they are. Raises: OSError: the disk is full.
    """
    arrays: dict[str, np.ndarray | None] = {"indptr": graph.indptr, "indices": graph.indices}
    for name, array in (arrays | {"weight": graph.weight, "edge_attr": graph.edge_attr}).items():
        path = folder / f"{name}.npy"
        if array is not None and not _is_file(array, path):
            np.save(path, array, allow_pickle=False)


def _is_file(array: np.ndarray, path: Path) -> bool:
    mapped = getattr(array, "filename", None)
    return mapped is not None and path.exists() and path.samefile(mapped)


def open_graph(folder: Path, *, directed: bool) -> Graph:
    """Return the graph of a folder, mapped and checked.

    Args: folder: as `save_graph` filled it. directed: whether an edge counts one way only.
    Raises: OSError, ValueError: a file is missing or none of numpy's. BuildError: its arrays are damaged.
    """
    paths = (folder / "weight.npy", folder / "edge_attr.npy")
    weight, edge_attr = (open_array(path) if path.is_file() else None for path in paths)
    indptr = np.load(folder / "indptr.npy", allow_pickle=False)
    return Graph(indptr, open_array(folder / "indices.npy"), weight, directed, edge_attr).validate()
