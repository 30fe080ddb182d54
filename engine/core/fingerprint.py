"""Stable content hashes over files and plain data: the same content has the same name everywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engine.core.cancel import CancelToken

_CHUNK = 1 << 20


def of_plain(data: Any) -> str:  # Any: JSON values
    """Return 16 hex digits over JSON-ready data; the order of keys does not matter."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def of_files(paths: Iterable[Path], cancel: CancelToken | None = None) -> str:
    """Return 16 hex digits over the contents of the files, in the order given; names do not matter.

    Raises: Cancelled: asked for while large files are read.
    """
    token = cancel or CancelToken()
    whole = hashlib.sha256()
    for path in paths:
        one = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                token.check()
                one.update(chunk)
        whole.update(one.digest())
    return whole.hexdigest()[:16]
