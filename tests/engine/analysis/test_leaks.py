import numpy as np

from engine.analysis.card import data_card
from engine.analysis.leaks import suspects
from engine.data.roles import ColumnKind, Role
from tests.support.relational import relational

CATEGORY = ColumnKind.CATEGORY


def _columns(count: int = 60) -> dict[str, tuple[ColumnKind, list[str | None]]]:
    team = [("red", "blue", "green")[k % 3] for k in range(count)]
    return {
        "team": (CATEGORY, [None if k % 5 == 4 else team[k] for k in range(count)]),
        # Two codes a team, missing exactly where the team is.
        "code": (CATEGORY, [None if k % 5 == 4 else f"{team[k][0]}{k % 2}" for k in range(count)]),
        "city": (CATEGORY, [("Oslo", "Lima")[k // 7 % 2] for k in range(count)]),
        "badge": (CATEGORY, [f"b{k}" for k in range(count)]),
    }


def test_column_that_names_the_class_is_a_suspect_and_the_others_are_not() -> None:
    data = relational(_columns(), role={"team": Role.TARGET})
    (found,) = suspects(data.items, "team")
    assert (found.column, found.purity, found.absent) == ("code", 1.0, 1.0)


def test_card_says_what_to_do_about_it() -> None:
    card = data_card(relational(_columns(), role={"team": Role.TARGET}))
    assert [one["column"] for one in card["suspects"]] == ["code"]
    assert any('"code" names "team" for 100% of the nodes' in text for text in card["sentences"])


def test_ignored_column_is_no_suspect() -> None:
    data = relational(_columns(), role={"team": Role.TARGET, "code": Role.IGNORE})
    assert suspects(data.items, "team") == []


def test_one_class_for_nearly_all_makes_nobody_a_suspect() -> None:
    cells: list[str | None] = ["a"] * 58 + ["b"] * 2
    data = relational({"team": (CATEGORY, cells), "copy": (CATEGORY, cells)}, role={"team": Role.TARGET})
    assert suspects(data.items, "team") == []


def test_half_informative_column_is_no_suspect() -> None:
    rng = np.random.default_rng(0)
    team = rng.integers(0, 3, 300)
    hint = np.where(rng.random(300) < 0.8, team, rng.integers(0, 3, 300))
    data = relational(
        {"team": (CATEGORY, [str(k) for k in team]), "hint": (CATEGORY, [str(k) for k in hint])},
        role={"team": Role.TARGET},
    )
    assert suspects(data.items, "team") == []
