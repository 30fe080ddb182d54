import pandas as pd

from app.dialogs.choose_target import _likely_target

PEOPLE = pd.DataFrame(
    {
        "office": ["Leipzig", "Kyiv", "Leipzig", "Kyiv"],
        "cost_centre": ["1", None, None, "2"],
        "age": [None, None, None, 4.0],
        "department": ["a", None, None, "b"],
    }
)


def _columns(**roles: tuple[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"role": role, "kind": kind} for name, (role, kind) in roles.items()}


FEATURES = _columns(
    office=("feature", "category"),
    cost_centre=("feature", "category"),
    age=("feature", "number"),
    department=("feature", "category"),
)


def test_the_classes_with_gaps_are_offered_and_of_equal_gaps_the_later_column() -> None:
    assert _likely_target(PEOPLE, FEATURES) == "department"


def test_a_column_marked_as_target_comes_before_any_guess() -> None:
    assert _likely_target(PEOPLE, {**FEATURES, "office": {"role": "target", "kind": "category"}}) == "office"


def test_without_gaps_classes_come_before_numbers() -> None:
    columns = _columns(age=("feature", "number"), office=("feature", "category"))
    assert _likely_target(PEOPLE, columns) == "office"
    assert _likely_target(PEOPLE, {}) is None
