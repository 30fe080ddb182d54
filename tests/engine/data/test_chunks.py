import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.cancel import Cancelled, CancelToken
from engine.data.chunks import NotThisEncoding, Reading, can_read, read_chunks
from engine.data.dialect import Dialect, find_dialect
from engine.data.issues import IssueLog
from engine.data.rows import Rows, read_rows


def dialect(width: int, **changes: object) -> Dialect:
    plain = {"delimiter": ",", "quote": '"', "comment": "", "header": True, "decimal": ".", "skip_blanks": False}
    return Dialect(**{**plain, "width": width, **changes})  # type: ignore[arg-type]  # a table of options


def fast(data: bytes, form: Dialect, log: IssueLog, chunk: int = 256, **more: object) -> Rows:
    return read_chunks(io.BytesIO(data), Reading(form, "f", log, chunk=chunk, **more))  # type: ignore[arg-type]  # as above


def check_alike(data: bytes, form: Dialect, chunk: int = 256) -> Rows:
    """Read with both readers and compare everything that comes out."""
    left_log, right_log = IssueLog(), IssueLog()
    left = fast(data, form, left_log, chunk)
    right = read_rows(data.decode("utf-8", "surrogateescape"), form, file="f", issues=right_log)
    assert left.header == right.header
    assert left.header_line == right.header_line
    assert [column.tolist() for column in left.cells] == [column.tolist() for column in right.cells]
    assert [column.codes.tolist() for column in left.cells] == [column.codes.tolist() for column in right.cells]
    assert [column.values.to_list() for column in left.cells] == [column.values.to_list() for column in right.cells]
    assert left.lines.tolist() == right.lines.tolist()
    assert left_log.issues == right_log.issues
    assert left_log.counts == right_log.counts
    return left


def test_a_plain_table_over_many_chunks_is_read_as_by_the_careful_reader() -> None:
    data = b"a,b,w\n" + b"".join(b"u%d,v%d,%d.5\n" % (k % 90, k % 7, k) for k in range(900))
    rows = check_alike(data, dialect(3), chunk=512)
    assert rows.cells[0].tolist()[:3] == ["u0", "u1", "u2"]
    assert rows.lines.tolist()[-1] == 901


def test_odd_rows_in_the_middle_cost_nothing_but_themselves() -> None:
    body = [b"u%d,v%d" % (k, k % 3) for k in range(400)]
    body[50] = b"# a note, here"
    body[100] = b"only one cell"
    body[150] = b'"quoted, with a comma",x'
    body[200] = b'"over\ntwo lines",y'
    body[250] = b'"he said ""hi""",z'
    body[300] = b""
    body[350] = b","
    body[380] = b"bad\xff,bytes"
    rows = check_alike(b"a,b\n" + b"\n".join(body) + b"\n", dialect(2, comment="#"))
    assert rows.cells[0].tolist()[148:149] == ["quoted, with a comma"]
    assert rows.lines.tolist()[-1] == 402


def test_a_quote_that_is_never_closed_costs_one_row_over_chunks() -> None:
    data = b"id,name\n" + b'0,"lost\n' + b"".join(b"%d,n%d\n" % (k, k) for k in range(1, 3000))
    assert len(check_alike(data, dialect(2), chunk=1024).lines) == 2999


def test_a_line_longer_than_a_chunk_is_read() -> None:
    data = b"id,name\n1," + b"x" * 5000 + b"\n2,b\n" + b'3,"' + b"y\n" * 900 + b'"\n4,' + b"z" * 140000 + b"\n5,e\n"
    assert check_alike(data, dialect(2)).cells[0].tolist() == ["1", "2", "3", "5"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_all_line_ends_are_read_alike(end: bytes) -> None:
    for last in (b"", end):
        rows = check_alike(end.join([b"id,n", *(b"%d,a" % k for k in range(300))]) + last, dialect(2))
        assert len(rows.lines) == 300


def test_runs_of_blanks_and_blanks_behind_commas_are_read_alike() -> None:
    body = b"".join(b" u%d \t v%d %s\n" % (k, k % 5, b" " * (k % 3)) for k in range(300))
    assert check_alike(b"# from to\n" + body, dialect(2, delimiter=" ", header=False, comment="#")).lines[0] == 2
    body = b"".join(b'u%d, "v, %d"\n' % (k, k % 5) for k in range(300))
    assert check_alike(b"a, b\n" + body, dialect(2, skip_blanks=True)).cells[1].tolist()[0] == "v, 0"


def test_a_quote_is_a_letter_where_there_are_no_quotes() -> None:
    assert check_alike(b'a,b\n"x,y"\n' * 50, dialect(2, quote="")).cells[0].tolist()[0] == '"x'


def test_bytes_that_are_no_utf8_ask_for_an_encoding_unless_one_is_stated() -> None:
    data = b"a,b\n" + b"x,y\n" * 500 + b"caf\xe9,y\n" + b"x,y\n" * 500
    with pytest.raises(NotThisEncoding):
        fast(data, dialect(2), IssueLog(), is_stated=False)
    assert len(fast(data, dialect(2), IssueLog()).lines) == 1000


def test_reading_ends_when_it_is_cancelled() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        fast(b"a,b\n" + b"x,y\n" * 500, dialect(2), IssueLog(), cancel=token)


def test_progress_is_told_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.chunks._TELL_EVERY", -1.0)
    told = []
    fast(b"a,b\n" + b"x,y\n" * 500, dialect(2), IssueLog(), size=2004, sink=told.append)
    assert [event.unit for event in told] == ["bytes"] * len(told)
    assert np.all(np.diff([event.done for event in told]) > 0)
    assert told[-1].done <= 2004 == told[-1].total


def test_marks_of_several_bytes_are_left_to_the_careful_reader() -> None:
    assert not can_read(dialect(2, delimiter="¦"))
    assert can_read(dialect(2, delimiter="\t", quote="", comment="//"))


LETTERS = ["a", "b", "1", ".", "é", "名", " ", "xyz" * 8]
PIECES = [*LETTERS, "'", '"', '""', ",", ";", "\n", "\r", "\r\n", "#", "\t", "\0", "\udcff"]
CELL = st.lists(st.sampled_from([*LETTERS, "user_1"]), max_size=3).map("".join)
MESS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


@settings(max_examples=300, deadline=None)
@given(
    data=st.data(),
    width=st.integers(1, 4),
    end=st.sampled_from(["\n", "\r\n"]),
    form=st.fixed_dictionaries(
        {
            "delimiter": st.sampled_from([",", ";", "\t", " "]),
            "quote": st.sampled_from(['"', "'", ""]),
            "comment": st.sampled_from(["", "#", "//"]),
            "header": st.booleans(),
            "skip_blanks": st.booleans(),
        }
    ),
)
def test_both_readers_give_the_same_answer_whatever_the_mess(
    data: st.DataObject, width: int, end: str, form: dict[str, object]
) -> None:
    join = str(form["delimiter"]).join
    row = st.lists(CELL, min_size=width, max_size=width).map(join)
    quoted = st.lists(CELL.map(lambda cell: f'"{cell}"'), min_size=width, max_size=width).map(join)
    plain = data.draw(st.lists(st.one_of(row, row, quoted), max_size=12))
    messy = data.draw(st.lists(st.one_of(row, MESS), max_size=6))
    lines = data.draw(st.permutations(plain + messy)) * data.draw(st.integers(1, 4))
    text = end.join(lines) + data.draw(st.sampled_from(["", end]))
    chunk = data.draw(st.sampled_from([64, 256]))
    check_alike(text.encode("utf-8", "surrogateescape"), dialect(width, **form), chunk)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=120))
def test_no_text_at_all_makes_the_fast_reader_fail(text: str) -> None:
    form = find_dialect(text)
    if can_read(form):
        check_alike(text.encode("utf-8", "surrogatepass"), form)
