"""A run in a list: when it began, what it trained, how well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.kit.scores import Score, shown

if TYPE_CHECKING:
    from app.session.runs import RunInfo


def short_name(name: str) -> str:
    """Return when a run began, for one that is named by it ("20261123-184530-ab12cd"): the day is mostly the same."""
    parts = name.split("-")
    time = parts[1] if len(parts) == 3 else ""
    return f"{time[:2]}:{time[2:4]}:{time[4:]}" if len(time) == 6 and time.isdigit() else name


def run_in_words(info: RunInfo) -> str:
    """Return one line about a run."""
    score = "–"
    if info.test_mean is not None:
        score = shown(Score(info.test_mean, info.test_std or 0.0, info.test_count), info.metric)
    model = " + ".join(filter(None, (info.encoder.upper(), info.pretrain)))
    return f"{short_name(info.name)} · {model} · {score}"
