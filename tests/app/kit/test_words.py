"""Translation, numbers in words, settings, throttling."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from app.kit import sayings, translate
from app.kit import settings as keys
from app.kit.sayings import said
from app.kit.settings import Key, Settings
from app.kit.throttle import Throttle
from app.kit.translate import tr, tr_n
from app.kit.widgets.chart import apart
from app.kit.words import duration, size


@pytest.fixture
def pseudo():
    translate.set_language("pseudo")
    yield
    translate.set_language("en")


def test_values_are_put_into_sentences_and_thousands_are_grouped() -> None:
    assert tr("{nodes} nodes in {file}", nodes=22470, file="a.csv") == "22,470 nodes in a.csv"
    assert tr_n("{count} file", "{count} files", 1) == "1 file"
    assert tr_n("{count} file", "{count} files", 3) == "3 files"


def test_pseudo_text_is_bracketed_longer_and_keeps_its_values(pseudo) -> None:
    shown = tr("Open {name} now", name="cañon")
    assert shown.startswith("[")
    assert shown.endswith("]")
    assert "cañon" in shown
    assert len(shown) >= 1.3 * len("Open cañon now")


def test_a_translation_replaces_the_text_and_a_missing_one_leaves_it(tmp_path: Path) -> None:
    (tmp_path / "de.json").write_text('{"Open {name}": "{name} öffnen"}', encoding="utf-8")
    translate.set_language("de", tmp_path)
    try:
        assert tr("Open {name}", name="x") == "x öffnen"
        assert tr("Close") == "Close"
    finally:
        translate.set_language("en")


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")])
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(("count", "words"), [(812, "812 bytes"), (3_200_000, "3.2 MB"), (5e13, "50.0 TB")])
def test_sizes_are_said_in_the_unit_that_fits(count: float, words: str) -> None:
    assert size(count) == words


def test_a_setting_that_cannot_be_read_is_its_default(tmp_path: Path, qapp) -> None:
    store = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    settings = Settings(store)
    settings.set(keys.RECENT, ["/a", "/b"])
    assert settings.get(keys.RECENT) == ["/a", "/b"]
    store.setValue(keys.THEME.name, "not json {")
    assert settings.get(keys.THEME) == "system"
    store.setValue(keys.RECENT.name, '"text instead of a list"')
    assert settings.get(keys.RECENT) == []
    assert settings.get(Key("runs/other", 2.0)) == 2.0


def test_many_requests_become_one_call_at_once_and_one_at_the_end(qtbot) -> None:
    calls: list[int] = []
    throttle = Throttle(lambda: calls.append(1), 40)
    for _ in range(20):
        throttle.request()
    assert len(calls) == 1
    qtbot.waitUntil(lambda: len(calls) == 2, timeout=1000)
    assert not throttle._timer.isActive()


def test_a_throttle_keeps_its_interval_after_a_request_that_came_late(qtbot) -> None:
    calls = []
    throttle = Throttle(lambda: calls.append(time.monotonic()), 200)
    throttle.request()
    qtbot.wait(150)
    throttle.request()
    qtbot.waitUntil(lambda: len(calls) == 2, timeout=2000)
    throttle.request()
    qtbot.waitUntil(lambda: len(calls) == 3, timeout=2000)
    # Qt's coarse timers come up to five hundredths early.
    assert calls[2] - calls[1] > 0.18


def test_names_of_curves_keep_apart_and_below_the_top() -> None:
    assert apart([0.0, 0.0, 1.0], 0.1, 1.0) == [0.0, 0.1, 1.0]
    assert apart([0.95, 1.0], 0.1, 1.0) == [0.9, 1.0]
    assert apart([], 0.1, 1.0) == []


@pytest.fixture
def taught():
    sayings.learn(
        {
            "{} rows of {} cannot be read.": "{1} 中有 {0} 行无法读取。",
            "{} rows": "{} Zeilen",
            "the edges": "边",
            "No row is left.": "没有剩余的行。",
            "without the edges {}; {}": "不用边为 {0}；{1}",
            "the graph {}": "图{0}",
            "adds {}": "带来 {0}",
            "{} point{}": "{0} 个百分点",
            "one run": "一次运行",
            "About {} of memory on this machine{}.": "约需内存 {0}{1}。",
            "; {} are free": "；空闲 {0}",
        }
    )
    yield
    sayings.learn({})


@pytest.mark.parametrize(
    ("english", "shown"),
    [
        ("12 rows of a.csv cannot be read.", "a.csv 中有 12 行无法读取。"),
        ("12 rows of the edges cannot be read.", "边 中有 12 行无法读取。"),
        ("12 rows of a.csv cannot be read. No row is left.", "a.csv 中有 12 行无法读取。没有剩余的行。"),
        ("Something nobody translated.", "Something nobody translated."),
        ("About 8 MB of memory on this machine; 2 GB are free.", "约需内存 8 MB；空闲 2 GB。"),
        ("About 8 MB of memory on this machine.", "约需内存 8 MB。"),
        # Clauses of a verdict: those that are one pattern, a plural's ending, and what stands in brackets at the end.
        (
            "GCN 88.6; without the edges 65.6; the graph adds 23 points.",
            "GCN 88.6; 不用边为 65.6；图带来 23 个百分点。",
        ),
        ("GCN 88.6; the graph adds 1 point (one run).", "GCN 88.6; 图带来 1 个百分点（一次运行）。"),
    ],
)
def test_what_the_engine_says_is_found_again_by_its_pattern(taught, english: str, shown: str) -> None:
    assert said(english) == shown


def test_without_patterns_the_engine_speaks_english() -> None:
    assert said("12 rows of a.csv cannot be read.") == "12 rows of a.csv cannot be read."


@pytest.mark.parametrize(("locale", "language"), [("zh_CN", "zh_CN"), ("zh_TW", "zh_CN"), ("de_AT", "en"), ("C", "en")])
def test_the_system_s_language_is_used_where_there_is_a_translation(locale: str, language: str) -> None:
    assert translate.of_system(locale) == language
