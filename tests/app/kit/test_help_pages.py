"""The help in other languages says what the English says, with the same figures."""

import json
from pathlib import Path

import pytest

from tests.bench import drawing_table, speed_table
from tests.support.help_pages import HELP, OTHERS, PAGES, left_in_english, translated
from tests.support.messages import TRANSLATIONS


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", PAGES)
def test_every_text_of_a_page_has_a_translation(name: str, language: str) -> None:
    assert not left_in_english((HELP / name).read_text(encoding="utf-8"), language)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_stands_beside_the_english_one_as_it_is_now(name: str, language: str) -> None:
    expected = translated((HELP / name).read_text(encoding="utf-8"), language)
    assert (HELP / language / name).read_text(encoding="utf-8") == expected, "python -m tests.support.help_pages"


@pytest.mark.parametrize("language", OTHERS)
def test_what_was_not_measured_and_what_may_be_is_said_too(tmp_path: Path, language: str) -> None:
    assert not left_in_english(speed_table.page(tmp_path) + drawing_table.page(tmp_path), language)
    cost = {"seconds": 61.0, "cpu_seconds": 30.0, "peak_mb": 2000}
    large = {
        "case": "5 nodes, 9 edges, at most 16 GB", "loader": "neighbours", "epochs": 0, "suggest": cost, "run": cost,
        "test": 0.5, "features_only": 0.25, "predicted": 5, "missing": 0, "accuracy": 0.75, "commit": "1b",
    }  # fmt: skip
    steps = dict.fromkeys(("read_seconds", "number_seconds", "look_up_seconds", "rows_seconds", "cpu_seconds"), 0.5)
    common: dict[str, object] = {"bench": "ingest", "case": "10,000,000 edges, text ids", "commit": "1b"}
    common |= {"cores": 2, "pairs": 3, "versions": {"torch": "2.13.0"}}
    lines = [
        {**common, "variant": "ours", "seconds": 2.0, "bytes_per_edge": 40.0, **steps},
        *({**common, "variant": name, "ratio": 0.5} for name in ("reading the file", "holding the file")),
    ]
    for name, found in (("large", [large]), ("ingest", lines)):
        (tmp_path / f"speed-{name}.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in found))
    assert not left_in_english(speed_table.page(tmp_path), language)


@pytest.mark.parametrize("language", OTHERS)
def test_every_figure_of_a_text_has_its_place_in_the_translation(language: str) -> None:
    texts = json.loads((TRANSLATIONS / f"{language}.help.json").read_text(encoding="utf-8"))
    for english, other in texts.items():
        count = english.count("{}")
        assert {f"{{{number}}}" for number in range(count)} == {f"{{{n}}}" for n in range(20) if f"{{{n}}}" in other}
        assert other.strip(), english


def test_a_page_is_translated_text_by_text_and_what_is_unknown_stays() -> None:
    page = "# Speed, measured\n\n| work | an unheard thing |\n|---|---|\n| the same: first picture | ≤ 2 s |\n"
    assert translated(page, "zh_CN") == (
        "# 速度：实测\n\n| 工作 | an unheard thing |\n|---|---|\n| 同上：首幅画面 | ≤ 2 秒 |\n"
    )
    assert left_in_english(page, "zh_CN") == {"an", "unheard", "thing"}


def test_sentences_of_a_paragraph_end_as_they_do_in_chinese() -> None:
    assert (
        translated("Floor 80.8 reached; aim 81.5 not reached.\n", "zh_CN") == "底线 80.8：达到；目标 81.5：未达到。\n"
    )
