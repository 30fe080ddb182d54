"""Rounds of several sittings make one line, as long as the code is the same."""

import json
import sys
from pathlib import Path

import pytest

from tests.bench import pairs
from tests.bench.pairs import Variant, compare, named


def _variant(name: str, seconds: float) -> Variant:
    return Variant(name, [sys.executable, "-c", f"print('{{\"seconds\": {seconds}}}')"])


def _measure(folder: Path, ours: float, peer: float) -> list[dict[str, object]]:
    return compare("x", [_variant("ours", ours), _variant("peer, tuned", peer)], case="a", pairs=1, results=folder)


@pytest.mark.parametrize(("state", "pooled"), [("abc", True), ("abc+", False)])
def test_later_rounds_on_the_same_commit_join_the_earlier_ones(tmp_path, monkeypatch, state, pooled):
    monkeypatch.setattr(pairs, "commit", lambda: state)
    _measure(tmp_path, 1.0, 2.0)
    _measure(tmp_path, 2.0, 8.0)
    lines = [json.loads(text) for text in (tmp_path / "speed-x.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["variant"] for line in lines] == ["ours", "peer, tuned"]
    assert [line["pairs"] for line in lines] == [2, 2] if pooled else [1, 1]
    assert lines[1]["ratio"] == (3.0 if pooled else 4.0)  # the median of 2 and 4


def test_another_commit_takes_the_place_of_the_one_before(tmp_path, monkeypatch):
    monkeypatch.setattr(pairs, "commit", lambda: "abc")
    _measure(tmp_path, 1.0, 2.0)
    monkeypatch.setattr(pairs, "commit", lambda: "def")
    _measure(tmp_path, 1.0, 5.0)
    lines = [json.loads(text) for text in (tmp_path / "speed-x.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["commit"], line["pairs"]) for line in lines] == [("def", 1)] * 2


def test_a_name_with_a_comma_can_be_chosen_and_a_wrong_one_is_refused():
    both = [_variant("ours", 1.0), _variant("peer, tuned", 2.0)]
    assert named(both, ["peer, tuned"]) == both[1:]
    assert named(both, []) == both
    with pytest.raises(SystemExit, match='no variant "peer"'):
        named(both, ["peer"])
