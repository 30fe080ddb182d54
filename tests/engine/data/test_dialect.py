import pytest

from engine.core.errors import OptionError
from engine.data.dialect import find_dialect
from engine.data.options import TableOptions
from engine.data.roles import TableKind


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", " ", ":"])
def test_delimiters_are_found_from_the_content(mark: str) -> None:
    text = "".join(f"{mark.join(row)}\n" for row in (("id", "age", "city"), ("1", "30", "Bonn"), ("2", "41", "Ulm")))
    assert find_dialect(text).delimiter == mark


def test_runs_of_blanks_and_tabs_are_one_delimiter() -> None:
    dialect = find_dialect("1   2  0.5\n2\t 3 0.25\n  3 1 1.5  \n")
    assert (dialect.delimiter, dialect.width, dialect.header) == (" ", 3, False)


def test_a_semicolon_wins_over_decimal_commas() -> None:
    dialect = find_dialect("id;wert\n1;1,5\n2;0,25\n")
    assert (dialect.delimiter, dialect.decimal) == (";", ",")


def test_a_comma_before_three_digits_may_be_a_thousand() -> None:
    assert find_dialect("id;people\n1;1,250\n2;12,400\n").decimal == "."
    assert find_dialect("id;share\n1;0,250\n2;0,400\n").decimal == ","


def test_delimiters_inside_quotes_do_not_count() -> None:
    dialect = find_dialect('name,motto\nAnna,"a; b; c"\nBob,"d; e, f; g"\n')
    assert (dialect.delimiter, dialect.width) == (",", 2)


def test_single_quotes_count_only_around_cells() -> None:
    assert find_dialect("'id','name'\n'1','a, b'\n'2','c'\n").quote == "'"
    assert find_dialect("id,name\n1,O'Neill\n2,D'Arcy\n").quote == '"'


@pytest.mark.parametrize("mark", ["#", "%", "//"])
def test_comment_lines_are_found(mark: str) -> None:
    dialect = find_dialect(f"{mark} source target\n1 2\n2 3\n{mark} the end\n")
    assert (dialect.comment, dialect.delimiter, dialect.header) == (mark, " ", False)


def test_a_number_sign_may_begin_a_header_or_a_value() -> None:
    assert find_dialect("#,name,age\n1,Anna,30\n2,Bob,41\n").comment == ""
    assert find_dialect("tag,uses\n#sun,12\n#rain,3\n").comment == ""


def test_a_spreadsheet_may_state_its_delimiter() -> None:
    dialect = find_dialect("sep=;\nid;name\n1;Anna, Bob\n2;Carl, Dora\n")
    assert (dialect.delimiter, dialect.comment, dialect.header) == (";", "sep=", True)


def test_a_blank_behind_each_delimiter_belongs_to_the_writing() -> None:
    assert find_dialect("source, target\na, b\nb, c\n").skip_blanks
    assert not find_dialect("source,target\na, b\nb,c\nc,d\n").skip_blanks


def test_a_header_one_cell_short_does_not_set_the_width() -> None:
    dialect = find_dialect('"V1" "V2"\n"1" 15 1\n"2" 22 1\n')
    assert (dialect.header, dialect.width) == (True, 3)


def test_a_single_column_needs_no_delimiter() -> None:
    dialect = find_dialect("name\nAnna\nBob\n")
    assert (dialect.delimiter, dialect.width) == (",", 1)


def test_only_comments_and_a_lost_quote_still_give_a_dialect() -> None:
    assert find_dialect("# nothing\n# here\n").width >= 1
    assert find_dialect('"never closed\n').width >= 1


@pytest.mark.parametrize("stated", [{"delimiter": "||"}, {"quote": "<>"}, {"delimiter": '"'}, {"delimiter": "\n"}])
def test_a_delimiter_or_quote_that_cannot_be_one_is_refused(stated: dict[str, str]) -> None:
    with pytest.raises(OptionError, match="nodes.csv"):
        find_dialect("a,b\n", TableOptions(path="nodes.csv", kind=TableKind.NODES, **stated))  # type: ignore[arg-type]  # a table of options


def test_what_is_stated_is_taken_as_stated() -> None:
    stated = TableOptions(
        path="f", kind=TableKind.NODES, delimiter="|", quote="'", comment="!", header=False, decimal=","
    )
    dialect = find_dialect("a,b|1\nc,d|2\n", stated)
    assert (dialect.delimiter, dialect.quote, dialect.comment, dialect.header) == ("|", "'", "!", False)


def test_a_semicolon_inside_every_quoted_text_does_not_divide_rows() -> None:
    rows = "".join(f'{number:03d},Ann,"reads reports; writes letters",7\n' for number in range(50))
    assert find_dialect("id,name,role,age\n" + rows).delimiter == ","
