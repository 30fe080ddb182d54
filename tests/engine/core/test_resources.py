"""What the program brings along is found, and what is missing is named."""

import pytest

from engine.core.errors import EngineError
from engine.core.resources import resource


def test_the_folder_itself_is_found() -> None:
    assert resource().name == "resources"
    assert resource().is_dir()


def test_a_missing_resource_is_named_with_its_whole_path() -> None:
    with pytest.raises(EngineError, match=r"resources/samples/nothing\.csv.*Install the program again"):
        resource("samples/nothing.csv")
