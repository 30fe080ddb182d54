"""The house rules that erode silently: who may import what, and a source for every component."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_WITHOUT_QT = """
import importlib, pkgutil, sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"PySide6", "shiboken6", "pyqtgraph", "app"}:
            raise ModuleNotFoundError(f"{name} is blocked")

sys.meta_path.insert(0, Block())
import engine

names = [module.name for module in pkgutil.walk_packages(engine.__path__, "engine.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(len(names))
"""

_LIGHT = """
import sys
import engine, engine.core.events, engine.core.errors, engine.core.registry
for name in ("engine.data.roles", "engine.project.recipe"):
    __import__(name)
heavy = {"torch", "numba", "networkx", "networkit", "rdkit", "sklearn"} & set(sys.modules)
assert not heavy, f"loaded: {sorted(heavy)}"
"""


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)


def _imports(file: Path) -> Iterator[tuple[str, int]]:
    """Yield every module or name that a file imports, in full, with its line."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: imports are absolute in this house"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def test_every_engine_module_imports_in_a_clean_process_without_qt() -> None:
    done = _python(_WITHOUT_QT)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 6


def test_the_facade_roles_and_recipe_load_without_torch() -> None:
    done = _python(_LIGHT)
    assert done.returncode == 0, done.stderr


def test_engine_core_imports_only_the_standard_library_and_pydantic() -> None:
    allowed = sys.stdlib_module_names | {"pydantic"}
    wrong = [
        f"{file.relative_to(ROOT)}:{line}: {name}"
        for file in sorted((ROOT / "engine/core").glob("**/*.py"))
        for name, line in _imports(file)
        if name.partition(".")[0] not in allowed and not name.startswith("engine.core.")
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_bridge_knows_threads() -> None:
    threads = ("threading", "_thread", "concurrent", "multiprocessing", "asyncio")
    classes = {"PySide6.QtCore.QThread", "PySide6.QtCore.QThreadPool", "PySide6.QtCore.QRunnable"}
    wrong = [
        f"{file.relative_to(ROOT)}:{line}: {name}"
        for file in sorted((ROOT / "app").glob("**/*.py"))
        if file.relative_to(ROOT).parts[1] != "bridge"
        for name, line in _imports(file)
        if name.partition(".")[0] in threads or name in classes
    ]
    assert not wrong, "\n".join(wrong)


def test_rdkit_is_imported_in_one_room_and_nowhere_else() -> None:
    room = ROOT / "engine/data/chem"
    found = {
        (file.is_relative_to(room), f"{file.relative_to(ROOT)}:{line}: {name}")
        for top in ("engine", "app")
        for file in sorted((ROOT / top).glob("**/*.py"))
        for name, line in _imports(file)
        if name.partition(".")[0] == "rdkit"
    }
    assert {is_inside for is_inside, _ in found} == {True}, sorted(place for is_inside, place in found if not is_inside)


def test_imports_only_go_down() -> None:
    """The contracts of pyproject.toml, asked for by the same command that people run."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_component_folder_has_a_contract_that_keeps_its_files_apart() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    kept = {module for contract in contracts for module in contract.get("modules", [])}
    folders = [
        file.parent for file in sorted((ROOT / "engine").glob("**/__init__.py")) if "Registry(" in file.read_text()
    ]
    assert folders
    missing = [".".join(folder.relative_to(ROOT).parts) for folder in folders]
    assert not [name for name in missing if f"{name}.*" not in kept]


def test_no_python_module_lies_where_it_would_shadow_a_library() -> None:
    assert not list((ROOT / "packaging").glob("**/*.py"))
    assert not list((ROOT / "resources").glob("**/*.py"))


def test_every_engine_room_is_a_package_so_that_the_wheel_ships_it() -> None:
    bare = [
        str(folder.relative_to(ROOT))
        for top in ("engine", "app")
        for folder in sorted((ROOT / top).glob("**/"))
        if any(folder.glob("*.py")) and not (folder / "__init__.py").exists()
    ]
    assert not bare, bare


def _components() -> list[type]:
    import engine
    from engine.core.component import Component

    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: list[type] = []
    waiting: list[type] = [Component]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        # Jobs are called by name, not picked from a list, and follow no paper.
        if kind.key and kind.__module__.startswith("engine.") and not kind.__module__.startswith("engine.jobs."):
            found.append(kind)
    return sorted(set(found), key=lambda kind: f"{kind.__module__}.{kind.__name__}")


@pytest.mark.parametrize("rule", ["docstring", "source", "file"])
def test_every_component_explains_itself_and_names_its_source(rule: str) -> None:
    components = _components()
    assert components
    wrong = []
    for component in components:
        doc = component.__doc__ or ""
        kept = {
            "docstring": bool(inspect.cleandoc(doc).partition("\n")[0].strip()) and bool(component.label),
            "source": "Source:" in doc,
            "file": component.__module__.rpartition(".")[2] == component.key,
        }
        if not kept[rule]:
            wrong.append(f"{component.__module__}.{component.__name__}")
    assert not wrong, wrong
