"""Find the components of one kind by scanning their folder; a broken file is listed, never fatal."""

from __future__ import annotations

import difflib
import importlib
import logging
import pkgutil
from collections.abc import Iterator
from typing import Generic, TypeVar

from engine.core.component import Component
from engine.core.errors import UnknownComponentError

_log = logging.getLogger(__name__)
C = TypeVar("C", bound=Component)


class Registry(Generic[C]):
    """All components of one kind.

    Args:
        kind: what the user calls them, singular ("encoder").
        package: import name of the folder that holds one component a file; names starting with `_` are skipped.
        base: the class every component of this kind derives from.
    """

    def __init__(self, kind: str, package: str, base: type[C]) -> None:
        self.kind = kind
        self._package = package
        self._base = base
        self._found: dict[str, type[C]] | None = None
        self.broken: dict[str, str] = {}

    def __iter__(self) -> Iterator[type[C]]:
        return iter(self._all().values())

    def __contains__(self, key: object) -> bool:
        return key in self._all()

    def keys(self) -> list[str]:
        """Return the keys in the order of the file names."""
        return list(self._all())

    def get(self, key: str, where: str = "") -> type[C]:
        """Return the component of that key.

        Args: key: as written in a recipe. where: its path inside the recipe, for the message.
        Raises: UnknownComponentError: there is none, or its file is broken.
        """
        found = self._all()
        if key in found:
            return found[key]
        place = f' at "{where}"' if where else ""
        if key in self.broken:
            raise UnknownComponentError(
                f'The {self.kind} "{key}"{place} could not be loaded: {self.broken[key]}', key=key
            )
        close = difflib.get_close_matches(key, found, n=1)
        hint = f'Did you mean "{close[0]}"?' if close else f"Known: {', '.join(found)}."
        raise UnknownComponentError(f'There is no {self.kind} "{key}"{place}.', hint=hint, key=key, kind=self.kind)

    def rescan(self) -> None:
        """Forget what was found, so that the folder is read again at the next use."""
        self._found = None
        self.broken = {}

    def _all(self) -> dict[str, type[C]]:
        if self._found is None:
            self._found = self._scan()
        return self._found

    def _scan(self) -> dict[str, type[C]]:
        found: dict[str, type[C]] = {}
        package = importlib.import_module(self._package)
        for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
            if info.name.startswith("_"):
                continue
            try:
                module = importlib.import_module(f"{self._package}.{info.name}")
                found[info.name] = self._component_of(module, info.name)
            except Exception as error:  # noqa: BLE001 - the plug-in boundary: one bad file must not stop the program
                _log.exception("The %s %s could not be loaded.", self.kind, info.name)
                self.broken[info.name] = f"{type(error).__name__}: {error}"
        return found

    def _component_of(self, module: object, name: str) -> type[C]:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, self._base) and value.key == name:
                return value
        raise ImportError(f"the file holds no {self._base.__name__} whose key is {name!r}")
