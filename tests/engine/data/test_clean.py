from pathlib import Path

from engine.data.issues import IssueLog
from engine.data.reading import read_files


def issues(tmp_path: Path, text: str) -> tuple[list[list[str | None]], IssueLog]:
    path = tmp_path / "t.csv"
    path.write_text(text)
    log = IssueLog()
    table = read_files([path], issues=log)[0]
    return table.frame.to_numpy().tolist(), log


def test_blanks_around_ids_are_taken_away_and_counted(tmp_path: Path) -> None:
    cells, log = issues(tmp_path, "source,target\na , b\nb,a\n b,c\n,\t\n")
    assert cells[:3] == [["a", "b"], ["b", "a"], ["b", "c"]]
    found = [(issue.code, issue.line, issue.column, issue.value) for issue in log.issues]
    assert found == [("data.blanks", 2, "source", "a "), ("data.blanks", 2, "target", " b")]
    assert "2 ids have blanks around them; they are read without." in log.issues[0].text


def test_an_id_of_nothing_but_blanks_is_no_id(tmp_path: Path) -> None:
    cells, log = issues(tmp_path, "source,target\na,b\n   ,a\nb,c\n")
    assert cells[1] == [None, "a"]
    assert log.counts["data.blanks"] == 1


def test_blanks_stay_where_two_nodes_would_become_one(tmp_path: Path) -> None:
    cells, log = issues(tmp_path, "id,team\na,x\na ,y\nb,x\nc,y\n")
    assert [row[0] for row in cells] == ["a", "a ", "b", "c"]
    assert "so they stay" in log.issues[0].text


def test_a_value_of_another_kind_is_an_issue_and_missing_words_are_not(tmp_path: Path) -> None:
    numbers = "".join(f"n{k},{k * 1.5},2020-01-{k + 1:02}\n" for k in range(28))
    _, log = issues(tmp_path, f"id,score,day\n{numbers}x,about 7,2020-02-01\ny,NA,2020-02-02\n")
    assert [(issue.code, issue.line, issue.column, issue.value) for issue in log.issues] == [
        ("data.value", 30, "score", "about 7")
    ]


def test_blanks_in_categories_stay_and_are_noted(tmp_path: Path) -> None:
    rows = "".join(f"n{k},{'red' if k % 2 else 'red '}\n" for k in range(20))
    cells, log = issues(tmp_path, f"id,colour\n{rows}")
    assert cells[0][1] == "red "
    assert [(issue.code, issue.line, issue.value) for issue in log.issues] == [("data.category_blanks", 2, "red ")]
