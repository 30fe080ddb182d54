"""Add one file to a component folder, as a person would, for the length of a test."""

import importlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.project.kinds import kinds, registry

THROWAWAY = Path(__file__).parent / "throwaway"


@contextmanager
def added(kind: str, folder: Path) -> Iterator[None]:
    """Lend a kind's folder the file `throwaway.py`.

    Args: kind: of component. folder: an empty place that the file is copied to; the repository is not touched.
    """
    folder.mkdir(parents=True)
    shutil.copy(THROWAWAY / f"{kind}.py", folder / "throwaway.py")
    components = registry(kind)
    package = importlib.import_module(components._package)
    package.__path__.append(str(folder))
    importlib.invalidate_caches()
    components.rescan()
    try:
        yield
    finally:
        package.__path__.remove(str(folder))
        sys.modules.pop(f"{components._package}.throwaway", None)
        vars(package).pop("throwaway", None)
        components.rescan()


@contextmanager
def all_added(folder: Path) -> Iterator[None]:
    """Lend every kind's folder its throw-away file."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        for kind in kinds():
            stack.enter_context(added(kind, folder / kind))
        yield
