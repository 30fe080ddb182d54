"""numpy under its usual name, loaded when the first array is made: the window is painted before that.

Loading numpy takes as long as all of Qt, and the first paint shows no array. Only modules that are loaded before the
first paint import it from here.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["Later", "np"]


class Later(ModuleType):
    """Stands for a module that is loaded when something of it is asked for, and keeps that for the next time."""

    def __getattr__(self, name: str) -> Any:  # Any: whatever the module holds
        value = getattr(import_module(self.__name__), name)
        setattr(self, name, value)
        return value


if TYPE_CHECKING:
    import numpy as np
else:
    np = Later("numpy")
