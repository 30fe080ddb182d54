"""Options are checked once, in words, with their path."""

import pytest

from engine.core.component import Component, Config, option, parse_config
from engine.core.errors import EngineError, OptionError


class Mirror(Component):
    """Reflect a vector.

    Source: none, a test's own.
    """

    key = "mirror"
    label = "Mirror"

    class Config(Config):
        width: int = option(8, "Columns.", ge=1, le=16, unit="columns")
        sign: float = option(-1.0, "Factor.", advanced=True)
        column: str = option(..., "Which column.", column="target")


def test_options_come_back_typed_with_their_defaults() -> None:
    parsed = Mirror.parse({"column": "team", "width": 4})
    assert (parsed.width, parsed.sign, parsed.column) == (4, -1.0, "team")


def test_an_unknown_option_names_its_path_and_the_likely_meaning() -> None:
    with pytest.raises(OptionError) as caught:
        Mirror.parse({"column": "team", "widht": 4}, "encoder")
    assert caught.value.message == '"encoder.widht" is not an option.'
    assert caught.value.hint == 'Did you mean "width"?'


def test_an_unknown_option_without_a_neighbour_points_to_the_listing() -> None:
    with pytest.raises(OptionError) as caught:
        Mirror.parse({"column": "team", "zzz": 4})
    assert "components" in caught.value.hint


def test_a_value_out_of_range_is_quoted_with_its_bound() -> None:
    with pytest.raises(OptionError) as caught:
        Mirror.parse({"column": "team", "width": 17}, "encoder")
    assert '"encoder.width" is 17' in caught.value.message
    assert "16" in caught.value.message


def test_a_missing_option_is_named() -> None:
    with pytest.raises(OptionError, match=r'"mirror\.column" is missing'):
        Mirror.parse({})


def test_the_catalogue_entry_carries_help_bounds_and_unit() -> None:
    entry = Mirror.describe()
    width = entry["schema"]["properties"]["width"]
    assert entry["summary"] == "Reflect a vector."
    assert (width["minimum"], width["maximum"], width["unit"], width["description"]) == (1, 16, "columns", "Columns.")
    assert entry["schema"]["properties"]["sign"]["advanced"] is True


def test_a_misspelt_name_is_told_before_what_is_missing_because_of_it() -> None:
    with pytest.raises(OptionError) as caught:
        Mirror.parse({"colum": "team"})
    assert caught.value.message == '"mirror.colum" is not an option.'
    assert caught.value.hint == 'Did you mean "column"?'


def test_a_config_parsed_on_its_own_has_no_leading_dot() -> None:
    with pytest.raises(OptionError, match=r'^"column" is missing'):
        parse_config(Mirror.Config, {}, "")


def test_an_error_survives_the_way_through_plain_data() -> None:
    error = OptionError('"a" is not an option.', hint="Remove it.", path="a")
    again = EngineError.from_plain(error.to_plain())
    assert (again.code, str(again), again.details) == (
        "recipe.option",
        '"a" is not an option. Remove it.',
        {"path": "a"},
    )
