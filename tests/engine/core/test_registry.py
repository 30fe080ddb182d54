"""A folder is the list: new files appear, broken ones are named and stop nothing."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.component import Component
from engine.core.errors import UnknownComponentError
from engine.core.registry import Registry

GOOD = '''
from engine.core.component import Component


class {name}(Component):
    """One more.

    Source: a test's own.
    """

    key = "{key}"
    label = "{name}"
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    package = tmp_path / "kinds_for_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "_base.py").write_text("raise RuntimeError('never imported')")
    (package / "beta.py").write_text(GOOD.format(name="Beta", key="beta"))
    (package / "alpha.py").write_text(GOOD.format(name="Alpha", key="alpha"))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield package
    for name in [name for name in sys.modules if name.startswith("kinds_for_a_test")]:
        del sys.modules[name]


def test_every_file_of_the_folder_is_listed_by_name(folder: Path) -> None:
    registry = Registry("kind", folder.name, Component)
    assert registry.keys() == ["alpha", "beta"]
    assert [found.label for found in registry] == ["Alpha", "Beta"]
    assert "alpha" in registry


def test_a_file_added_later_is_found_by_a_rescan(folder: Path) -> None:
    registry = Registry("kind", folder.name, Component)
    registry.keys()
    (folder / "gamma.py").write_text(GOOD.format(name="Gamma", key="gamma"))
    registry.rescan()
    assert registry.get("gamma").label == "Gamma"


@pytest.mark.parametrize(("text", "reason"), [("1 / 0", "ZeroDivisionError"), ("x = 1", "holds no Component")])
def test_a_broken_file_is_named_with_its_reason_and_stops_nothing(folder: Path, text: str, reason: str) -> None:
    (folder / "broken.py").write_text(text)
    registry = Registry("kind", folder.name, Component)
    assert registry.keys() == ["alpha", "beta"]
    assert reason in registry.broken["broken"]
    with pytest.raises(UnknownComponentError, match="could not be loaded"):
        registry.get("broken")


def test_a_misspelt_key_is_answered_with_the_likely_one(folder: Path) -> None:
    registry = Registry("kind", folder.name, Component)
    with pytest.raises(UnknownComponentError) as caught:
        registry.get("alhpa", "encoder.type")
    assert caught.value.message == 'There is no kind "alhpa" at "encoder.type".'
    assert caught.value.hint == 'Did you mean "alpha"?'


def test_an_unlike_key_is_answered_with_the_list(folder: Path) -> None:
    with pytest.raises(UnknownComponentError) as caught:
        Registry("kind", folder.name, Component).get("zzzzz")
    assert caught.value.hint == "Known: alpha, beta."
