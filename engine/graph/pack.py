"""Many arrays and what is to be known about them in one file, opened without being read.

First the size of a JSON text, then the text, then the arrays, each at a multiple of 64 bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.core.atomic import replacing
from engine.core.cancel import CancelToken

_ALIGN = 64
_PIECE = 1 << 26  # bytes between two looks at the cancel token


def save_pack(
    path: Path,
    arrays: Mapping[str, np.ndarray],
    facts: Mapping[str, Any],  # Any: JSON values
    cancel: CancelToken | None = None,
) -> None:
    """Write arrays of numbers and a JSON object into a file, put in place when it is whole.

    Raises: WriteError: the disk is full, or does not let it be written. Cancelled: nothing is left then.
    """
    token = cancel or CancelToken()
    table: dict[str, Any] = {}  # Any: JSON values
    end = 0
    for name, array in arrays.items():
        table[name] = {"dtype": array.dtype.str, "shape": list(array.shape), "begin": end}
        end += -(-array.nbytes // _ALIGN) * _ALIGN
    text = json.dumps({"arrays": table, "size": end, "facts": facts}).encode()
    begin = _begin(len(text))
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, array in arrays.items():
            file.seek(begin + int(table[name]["begin"]))
            flat = np.ascontiguousarray(array).reshape(-1)
            step = max(1, _PIECE // max(1, flat.itemsize))
            for first in range(0, len(flat), step):
                token.check()
                flat[first : first + step].tofile(file)
        file.truncate(begin + end)


def open_pack(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:  # Any: JSON values
    """Return arrays and JSON object of a file; the arrays are mapped, what is written into them stays in memory.

    Raises: OSError, ValueError, KeyError: there is no such file, or it is not whole.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if size > path.stat().st_size:
            raise ValueError("the file is cut short")
        head = json.loads(file.read(size))
    begin = _begin(size)
    if path.stat().st_size != begin + head["size"]:
        raise ValueError("the file is cut short")
    if not head["size"]:
        whole = np.empty(0, np.uint8)
    else:
        whole = np.asarray(np.memmap(path, np.uint8, "c", offset=begin, shape=(head["size"],)))
    arrays = {}
    for name, place in head["arrays"].items():
        dtype, shape = np.dtype(place["dtype"]), tuple(place["shape"])
        size = dtype.itemsize * math.prod(shape)
        arrays[name] = whole[place["begin"] : place["begin"] + size].view(dtype).reshape(shape)
    return arrays, head["facts"]


def _begin(size: int) -> int:
    return -(-(8 + size) // _ALIGN) * _ALIGN
