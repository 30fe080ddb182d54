"""Compile a function with numba: without the interpreter's lock, and kept in the user's cache folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

import numba
import platformdirs

_log = logging.getLogger(__name__)

# Read by numba whenever a function is declared. Its own default is beside the source, which may be read-only,
# and would leave machine code in a project that people share.
if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = platformdirs.user_cache_dir("kith", appauthor=False) + "/numba"  # type: ignore[attr-defined]  # numba sets its options at run time


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:  # Any: numba infers types at the first call
    """Compile a function at its first call and keep the machine code for the next start.

    It runs without the interpreter's lock, so threads work side by side and the event loop goes on. Products may be
    fused with the sum that takes them, sums are never reordered: the same numbers come out of every call.

    Args: function: numbers and arrays in, arrays filled; nothing that numba cannot translate.
    Returns: a callable with the same arguments.
    """
    return _compile(function, {"contract"})


def reordered(function: Callable[..., Any]) -> Callable[..., Any]:  # Any: numba infers types at the first call
    """Compile as `compiled` does, but let the compiler choose in which order a sum over columns is taken.

    Without that no sum of products becomes vector code. The order is fixed with the machine code: the same call gives
    the same numbers on any number of threads, another processor may differ in the last bit.
    """
    return _compile(function, {"contract", "reassoc", "nsz"})


def _compile(function: Callable[..., Any], freedom: set[str]) -> Callable[..., Any]:
    try:
        return numba.njit(function, nogil=True, cache=True, fastmath=freedom)  # type: ignore[no-any-return] # numba has no types
    except RuntimeError as error:
        # No folder can be written: compile anew at every start instead.
        _log.info("Machine code is not kept between starts: %s", error)
        return numba.njit(function, nogil=True, fastmath=freedom)  # type: ignore[no-any-return] # numba has no types
