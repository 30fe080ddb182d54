"""A column that was made of selections, given to the import: what is predicted, and how it is split."""

from pathlib import Path

import numpy as np
import pytest

SECONDS = 60_000


@pytest.mark.slow
def test_own_columns_become_the_target_and_the_split_of_the_next_run(opened_for_real, qtbot, tmp_path: Path) -> None:
    people = "".join(f"p{i},{'red' if i % 2 else 'blue'}\n" for i in range(30))
    (tmp_path / "nodes.csv").write_text(f"id,team\n{people}", encoding="utf-8")
    edges = "".join(f"p{i},p{(i + 2) % 30}\n" for i in range(30))
    (tmp_path / "edges.csv").write_text(f"x,y\n{edges}", encoding="utf-8")
    session = opened_for_real.open(tmp_path / "nodes.csv", tmp_path / "edges.csv").session
    qtbot.waitUntil(lambda: session.importing.is_ready, timeout=SECONDS)
    session.preparing.import_all()
    qtbot.waitUntil(lambda: session.facts.attributes is not None, timeout=SECONDS)
    order = np.arange(30)
    session.own_columns.write("kind", order < 12, "old", "new")
    for value, mask in (("train", order % 3 == 0), ("valid", order % 3 == 1), ("test", order % 3 == 2)):
        session.own_columns.write("part", mask, value)
    session.selection.select([3, 4])
    session.named.save("two")

    session.preparing.use_own_column("kind", "split")
    assert "train, valid and test" in _said(session), "a column of other words is refused"
    session.preparing.use_own_column("kind", "target")
    qtbot.waitUntil(lambda: session.dataset.columns("target") == ["kind"], timeout=SECONDS)
    qtbot.waitUntil(lambda: session.draft.target == "kind", timeout=SECONDS)
    before = session.dataset
    session.preparing.use_own_column("part", "split")
    qtbot.waitUntil(lambda: session.dataset is not before, timeout=SECONDS)
    assert session.dataset.columns("split") == ["part"]
    assert session.dataset.nodes["part"].tolist() == [("train", "valid", "test")[i % 3] for i in range(30)]
    assert session.selection.indices().tolist() == [3, 4]
    assert session.named.mask("two").nonzero()[0].tolist() == [3, 4], "what was made of the nodes outlives the import"
    qtbot.waitUntil(lambda: session.draft.target == "kind" and not session.training.is_suggesting, timeout=SECONDS)
    assert session.draft.get("split.type") == "by_column"


def _said(session) -> str:
    toasts = session.parent().window.findChildren(type(session.parent().window._toasts))[0]
    return " ".join(f"{toast.text()} {toast._hint.text()}" for toast in toasts.shown())
