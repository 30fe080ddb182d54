"""Arrays of small numbers as text, so that a project file can hold one value for each node."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING

from app.kit.later import np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def pack_mask(mask: NDArray[np.bool_]) -> str:
    """Return a mask, bool [N], as text: eight nodes a byte, compressed."""
    return _text(np.packbits(mask).tobytes())


def unpack_mask(text: str, count: int) -> NDArray[np.bool_]:
    """Return the mask of so many nodes, bool [count]. Raises: ValueError: the text is none of that length."""
    raw = np.frombuffer(_bytes(text, (count + 7) // 8), dtype=np.uint8)
    return np.unpackbits(raw, count=count).astype(bool)


def pack_codes(codes: NDArray[np.int16]) -> str:
    """Return numbers, int16 [N], as text."""
    return _text(codes.astype("<i2").tobytes())


def unpack_codes(text: str, count: int) -> NDArray[np.int16]:
    """Return the numbers of so many nodes, int16 [count]. Raises: ValueError: the text is none of that length."""
    return np.frombuffer(_bytes(text, 2 * count), dtype="<i2").astype(np.int16)


def _text(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw, 6)).decode("ascii")


def _bytes(text: str, length: int) -> bytes:
    # At most one byte more than expected is unpacked: a project file from elsewhere must not fill the memory.
    opened = zlib.decompressobj()
    try:
        raw = opened.decompress(base64.b64decode(text, validate=True), length + 1)
    except zlib.error as error:
        raise ValueError("the text holds no packed array") from error
    if len(raw) != length:
        raise ValueError(f"the text holds {len(raw)} bytes, {length} were expected")
    return raw
