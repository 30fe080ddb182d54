"""The language between the window and a process that works on arrays: a header of JSON, then the arrays as they are."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_LENGTH = struct.Struct(">I")
_LONGEST = 1 << 20  # a longer header is a stray print that was read as one


@dataclass(frozen=True, slots=True)
class Message:
    """Plain data and arrays by name."""

    header: Mapping[str, Any]  # Any: JSON values
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def send(pipe: IO[bytes], message: Message) -> None:
    """Send a message whole. Raises: OSError, ValueError: the other side is gone."""
    arrays = {name: np.ascontiguousarray(array) for name, array in message.arrays.items()}
    told = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
    content = json.dumps([message.header, told], separators=(",", ":")).encode()
    pipe.write(_LENGTH.pack(len(content)) + content)
    for array in arrays.values():
        if array.size:
            pipe.write(array.reshape(-1).view(np.uint8).data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Message | None:
    """Return the next message, None when the other side is gone. Raises: ValueError: what came is not a message."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > _LONGEST:
        raise ValueError(f"a header of {length} bytes")
    content = pipe.read(length)
    if len(content) < length:
        return None
    header, told = json.loads(content)
    arrays = {}
    for name, dtype, shape in told:
        array = np.empty(shape, dtype=np.dtype(dtype))
        if array.size and not _fill(pipe, array):
            return None
        arrays[name] = array
    return Message(header, arrays)


def _fill(pipe: IO[bytes], array: NDArray[Any]) -> bool:
    room = array.reshape(-1).view(np.uint8).data
    done = 0
    while done < len(room):
        got = pipe.readinto(room[done:])  # type: ignore[attr-defined]  # both pipes are buffered readers
        if not got:
            return False
        done += got
    return True
