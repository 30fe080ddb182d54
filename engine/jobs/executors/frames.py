"""The pipe's language: JSON messages, each led by its length in four bytes, most significant first."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

_LENGTH = struct.Struct(">I")
# Large results travel as files; a longer message is a mistake, and a stray print into the pipe reads as one.
LIMIT = 64 << 20


def write_frame(pipe: IO[bytes], message: Mapping[str, Any]) -> None:  # Any: JSON values
    """Send one message whole.

    Raises: OSError, ValueError: the other side is gone, or the pipe is closed.
    """
    content = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    pipe.write(_LENGTH.pack(len(content)) + content)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> dict[str, Any] | None:  # Any: JSON values
    """Return the next message; None when the other side is gone.

    Raises: ValueError: what arrived is not a message.
    """
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > LIMIT:
        raise ValueError(f"a message of {length} bytes")
    content = pipe.read(length)
    if len(content) < length:
        return None
    message = json.loads(content)
    if not isinstance(message, dict):
        raise ValueError("a message that is not an object")
    return message
