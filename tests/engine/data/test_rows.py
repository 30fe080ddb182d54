import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.cancel import Cancelled, CancelToken
from engine.data.dialect import Dialect, find_dialect
from engine.data.issues import IssueLog
from engine.data.rows import Rows, read_carefully, read_rows


def dialect(width: int, **changes: object) -> Dialect:
    plain = {
        "delimiter": ",",
        "quote": '"',
        "comment": "",
        "header": True,
        "decimal": ".",
        "skip_blanks": False,
        "width": width,
    }
    return Dialect(**{**plain, **changes})  # type: ignore[arg-type]  # a table of options


def read(text: str, form: Dialect, log: IssueLog | None = None) -> Rows:
    return read_rows(text, form, file="f.csv", issues=log if log is not None else IssueLog())


def table(rows: Rows) -> list[list[str | None]]:
    return [list(cells) for cells in zip(*rows.cells, strict=True)]


def test_lines_are_those_of_the_file_with_quoted_line_ends_comments_and_blank_lines() -> None:
    text = '# made by hand\nid,text\n1,"one\ntwo"\n\n# a note\n2,"say ""hi"", he said"\n3,plain\n'
    log = IssueLog()
    rows = read(text, dialect(2, comment="#"), log)
    assert table(rows) == [["1", "one\ntwo"], ["2", 'say "hi", he said'], ["3", "plain"]]
    assert rows.lines.tolist() == [3, 7, 8]
    assert (rows.header, rows.header_line) == (["id", "text"], 2)
    assert [(issue.code, issue.line) for issue in log.issues] == [("data.comments", 1)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_read_alike(end: str) -> None:
    rows = read(end.join(["id,n", "1,a", "2,b", ""]), dialect(2))
    assert table(rows) == [["1", "a"], ["2", "b"]]
    assert rows.lines.tolist() == [2, 3]


def test_bad_rows_become_issues_with_their_place_and_the_rest_is_read() -> None:
    text = 'id,name,age\n1,Anna,30\n2,Bob\n3,Carl,41,extra\n4,"lost,5\n5,"x"y,6\n6,Dora,52\n'
    log = IssueLog()
    rows = read(text, dialect(3), log)
    assert table(rows) == [["1", "Anna", "30"], ["6", "Dora", "52"]]
    assert rows.lines.tolist() == [2, 7]
    assert [(issue.line, issue.column, issue.value) for issue in log.issues] == [
        (3, "age", "2,Bob"),
        (4, "age", "3,Carl,41,extra"),
        (5, None, '4,"lost,5'),
        (6, None, '5,"x"y,6'),
    ]
    assert {issue.code for issue in log.issues} == {"data.row"}
    assert "2 cells where 3 are expected" in log.issues[0].text


def test_a_quote_that_is_never_closed_costs_one_row_of_a_long_file() -> None:
    text = "id,name\n" + '0,"lost\n' + "".join(f"{k},n{k}\n" for k in range(1, 3000))
    log = IssueLog()
    rows = read(text, dialect(2), log)
    assert len(rows.lines) == 2999
    assert [(issue.line, issue.value) for issue in log.issues] == [(2, '0,"lost')]


def test_a_cell_longer_than_the_reader_takes_is_an_issue() -> None:
    log = IssueLog()
    rows = read(f'id,name\n1,"{"x" * 140000}"\n2,b\n', dialect(2), log)
    assert table(rows) == [["2", "b"]]
    assert "longer" in log.issues[0].text


def test_zero_bytes_and_bytes_that_are_no_text_cost_their_row() -> None:
    log = IssueLog()
    rows = read("id,name\n1,a\0b\n2,M\udcfcller\n3,Zoë\n", dialect(2), log)
    assert table(rows) == [["3", "Zoë"]]
    assert [(issue.line, issue.value) for issue in log.issues] == [(2, "1,a\\0b"), (3, "2,M\\xfcller")]


def test_rows_that_are_empty_throughout_are_left_out_with_one_issue() -> None:
    log = IssueLog()
    rows = read("id,name\n1,a\n,\n2,\n,\n", dialect(2), log)
    assert table(rows) == [["1", "a"], ["2", None]]
    assert [(issue.code, issue.line) for issue in log.issues] == [("data.empty_row", 3)]


def test_text_stays_as_it_is_written() -> None:
    values = ["007", "NA", "9007199254740993", "1.0", " a ", "true", "1e5", "null"]
    rows = read("v,w\n" + "".join(f"{value},x\n" for value in values), dialect(2))
    assert rows.cells[0].tolist() == values


def test_a_limit_ends_the_reading() -> None:
    rows = read_rows("id,n\n1,a\n2,b\n3,c\n", dialect(2), file="f", issues=IssueLog(), limit=2)
    assert rows.lines.tolist() == [2, 3]


def test_reading_stops_when_it_is_cancelled() -> None:
    token = CancelToken()
    token.cancel()
    text = "id,n\n" + '"1",a\n' * 20001
    with pytest.raises(Cancelled):
        read_rows(text, dialect(2), file="f", issues=IssueLog(), cancel=token)


def test_a_header_alone_gives_no_rows_and_all_columns() -> None:
    rows = read("id,name\n", dialect(2))
    assert rows.header == ["id", "name"]
    assert [len(cells) for cells in rows.cells] == [0, 0]


CELL = st.text(alphabet="ab1.é名 ;'\"\n,\r", max_size=4)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_python_writes_is_read_back(cells: list[list[str]]) -> None:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["a", "b", "c"], *cells])
    rows = read_carefully(text.getvalue(), dialect(3), file="f", issues=IssueLog())
    assert table(rows) == [[cell or None for cell in row] for row in cells]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_no_text_at_all_makes_the_reader_fail(text: str) -> None:
    rows = read(text, find_dialect(text))
    assert all(len(cells) == len(rows.lines) for cells in rows.cells)
