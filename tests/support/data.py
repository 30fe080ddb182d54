"""Where the real data sets are, and what happens to a test that needs one which is not there."""

import os
from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).resolve().parents[2]


def data_root() -> Path:
    """Return the folder of the data sets: `KITH_TEST_DATA`, or `shared/data` beside the checkout."""
    named = os.environ.get("KITH_TEST_DATA")
    return Path(named).resolve() if named else _CHECKOUT.parent / "shared" / "data"


def data_folder(name: str) -> Path:
    """Return the folder of one data set.

    Without it the calling test is skipped; with `KITH_REQUIRE_DATA=1` it fails instead.
    """
    folder = data_root() / name
    if folder.is_dir():
        return folder
    text = f'data set "{name}" is not in {data_root()} (set KITH_TEST_DATA)'
    if os.environ.get("KITH_REQUIRE_DATA") == "1":
        pytest.fail(text)
    pytest.skip(text)


def data_file(name: str, file: str) -> Path:
    """Return one file of a data set; see `data_folder`."""
    return data_folder(name) / file
