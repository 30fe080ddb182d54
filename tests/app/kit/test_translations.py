"""Translations say the same as the English: every value has its place, and the window has no gap."""

import json
import re
import string

import pytest

from app.kit import sayings, translate
from app.kit.translate import LANGUAGES
from tests.support.messages import TRANSLATIONS, engine_strings, missing

OTHERS = [name for name in LANGUAGES if name != "en"]
_ACCESS_KEY = re.compile(r"&(?=\w)")


def texts(name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((TRANSLATIONS / name).read_text(encoding="utf-8"))
    return found


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_every_value_of_a_sentence_has_its_place_in_the_translation(language: str) -> None:
    for english, other in texts(f"{language}.json").items():
        assert fields(english) == fields(other), english
        assert len(_ACCESS_KEY.findall(english)) == len(_ACCESS_KEY.findall(other)), english
        assert other.strip(), english


@pytest.mark.parametrize("language", OTHERS)
def test_the_window_says_everything_in_the_language(language: str) -> None:
    assert not missing(language)[f"{language}.json"], "python -m tests.support.messages LANGUAGE prints them"


@pytest.mark.parametrize("language", OTHERS)
def test_what_the_engine_says_is_said_with_all_its_values(language: str) -> None:
    known = engine_strings()
    for english, other in texts(f"{language}.engine.json").items():
        assert english in known, f"nothing says this any more: {english}"
        count = english.count("{}")
        assert fields(other) <= {str(number) for number in range(count)}, english
        # An ending such as the s of a plural has no counterpart in every language.
        assert len(fields(other)) >= count - 1, english


@pytest.fixture
def chinese():
    translate.set_language("zh_CN", TRANSLATIONS)
    sayings.load("zh_CN", TRANSLATIONS)
    yield
    sayings.load("en", None)
    translate.set_language("en")


@pytest.mark.parametrize(
    ("english", "shown"),
    [
        ("the graph adds nothing beyond noise", "图没有带来超出噪声的好处"),
        ("The graph has 1 node and 15,150 edges.", "图有 1 个节点 和 15,150 条边。"),
        # One sentence of several clauses: a value is never more than one of them.
        (
            "4 of 5 nodes in a.csv matched; 1 has no edges; 2 edge ends in b.csv are not in a.csv (first: 'x') and "
            "were added as nodes.",
            "a.csv 的 5 个节点中 4 个匹配；1 个没有边；"
            "b.csv 中有 2 个边端点不在 a.csv 中（首个：'x'），已作为节点添加。",
        ),
        (
            '"office" is known for 99.5% of the nodes, in 6 classes of 675 to 978 nodes. Neighbours are no more alike '
            "than chance: 20 of 100 edges join equal values. Smoothing over neighbours will not help.",
            "99.5% 的节点已知“office”，共 6 个类别，各有 675 到 978 个节点。邻居的相似不超过偶然：每 100 条边中有 20 条"
            "连接相同的值。对邻居作平滑不会有帮助。",
        ),
        (
            "GCN 87.9 ± 2.0 (test accuracy, 3 seeds); without the edges 65.6; the graph adds 21 points; label "
            "spreading alone 82.5; pretraining makes no difference beyond noise (one run).",
            "GCN 87.9 ± 2.0（测试集 准确率，3 个种子）；不用边为 65.6；图带来 21 个百分点；单靠标签传播为 82.5；"
            "预训练的差异不超出噪声（一次运行）。",
        ),
    ],
)
def test_sentences_of_the_engine_are_shown_in_chinese_to_their_end(chinese, english: str, shown: str) -> None:
    assert sayings.said(english) == shown
