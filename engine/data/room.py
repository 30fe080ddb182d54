"""How much memory reading may take, and where on disk goes what is more."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.core.errors import WriteError
from engine.core.memory import free_bytes

# Bytes of memory for each byte of a file that is read and joined in memory: numbers of the cells, ends, rows, ids.
_BYTES_A_BYTE = 3
# Codes from which on compiled code pays for being loaded.
_MANY = 100_000
# Of what is free; the rest is for everybody else.
_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class Room:
    """A limit to the memory, and a folder that exists for what does not fit; it is the owner's to remove.

    Args: memory: bytes to take at most, about. folder: where arrays are kept, mapped.
    """

    memory: int
    folder: Path

    def is_too_small(self, file_bytes: int) -> bool:
        """Say whether a file of this size should go through the disk."""
        return file_bytes * _BYTES_A_BYTE > self.memory

    def new_file(self) -> Path:
        """Return the name of a new empty file."""
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
            return Path(file.name)


@contextmanager
def room_in(parent: Path, memory: int | None = None) -> Iterator[Room]:
    """Give room in a folder of its own, which is removed afterwards.

    Args: parent: is made where it is not there. memory: bytes; None takes most of what is free.
    Raises: WriteError: it cannot be made.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        made = tempfile.TemporaryDirectory(dir=parent, prefix=".room-", ignore_cleanup_errors=True)
    except OSError as error:
        raise WriteError.of(parent, error) from error
    with made as folder:
        free = free_bytes()
        yield Room(memory or (int(_SHARE * free) if free else 1 << 62), Path(folder))


class Numbers:
    """Numbers of 32 bits that are added piece by piece: in memory, or in a file that is mapped in the end.

    Args: room: where the file lies; None keeps them in memory.
    """

    _PIECE = 1 << 20

    def __init__(self, room: Room | None = None) -> None:
        self._path = None if room is None else room.new_file()
        self._kept = np.empty(1 << 12, np.int32)
        self._count = 0  # of those that are kept
        self._written = 0

    def expect(self, count: int) -> None:
        """Make room for about so many numbers in all: growing step by step copies them again and again.

        Where there is not so much memory, nothing happens: the first rows of a file may promise far more than come.
        """
        if self._path is None and count > len(self._kept):
            with contextlib.suppress(MemoryError):
                # A new one: what is lengthened in place stays on small pages.
                kept = np.empty(count, np.int32)
                kept[: self._count] = self._kept[: self._count]
                self._kept = kept

    def extend(self, count: int) -> npt.NDArray[np.int32]:
        """Add numbers; return the place to fill them in before the next call."""
        if self._path is not None and self._count >= self._PIECE:
            self._write(self._path)
        if self._count + count > len(self._kept):
            # In place: the system moves the pages of a large array instead of copying them.
            self._kept.resize(max(self._count + count, len(self._kept) * 3 // 2), refcheck=False)
        self._count += count
        return self._kept[self._count - count : self._count]

    def array(self) -> npt.NDArray[np.int32]:
        """Return all numbers; nothing can be added after that."""
        if self._path is None:
            self._kept.resize(self._count, refcheck=False)
            return self._kept
        self._write(self._path)
        if not self._written:
            return np.empty(0, np.int32)
        # Copied where it is written to, so that it is an array like others; the file stays as it is.
        return np.asarray(np.memmap(self._path, np.int32, "c", shape=(self._written,)))

    def _write(self, path: Path) -> None:
        try:
            with path.open("ab") as file:
                self._kept[: self._count].tofile(file)
        except OSError as error:
            raise WriteError.of(path, error) from error
        self._written += self._count
        self._count = 0


def gathered(table: npt.NDArray[np.int32], codes: npt.NDArray[np.int32], room: Room | None) -> npt.NDArray[np.int32]:
    """Return table[codes], without a code below 0; where the codes are mapped from a file, through another one."""
    if room is None and len(codes) < _MANY:
        return table[codes]
    if room is None:
        from engine.data.interning import look_up

        found = np.empty(len(codes), np.int32)
        look_up(table, codes, found)
        return found
    out = Numbers(room)
    step = 1 << 20
    for begin in range(0, len(codes), step):
        part = codes[begin : begin + step]
        out.extend(len(part))[:] = table[part]
    return out.array()
