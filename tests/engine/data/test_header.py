import pytest

from engine.data.header import has_header, usable_names
from engine.data.issues import IssueLog


def rows(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.split()]


@pytest.mark.parametrize(
    "text",
    [
        "id,age 1,30 2,41",
        "名前,年齢 太郎,30 花子,41",
        "when,who 2020-01-02,a 2021-03-04,b",
        "part,who train,a val,b test,c",
        "Source,Target Anna,Bob Bob,Carl",
        "mirna,mrna hsa-miR-155-5p,HTRA1 hsa-let-7a-5p,KRAS",
        "time,773869,767541 2012-03-01,64.4,67.6 2012-03-02,62.7,68.5",
        ",V1,V2 1,15,1 2,22,1",
        "V1,V2 1,15,1 2,22,1",
        "alpha,beta,gamma x1,y1,z1 x2,y2,z2",
        "id,name",
    ],
)
def test_names_are_recognised(text: str) -> None:
    assert has_header(rows(text))


@pytest.mark.parametrize(
    "text",
    [
        "1,2 2,3 3,1",
        "anna,bob bob,carl carl,anna",
        "anna,bob carl,dora emil,fritz",
        "1,train 2,val 3,test",
        "2020-01-02,a 2021-03-04,b",
        "1,2",
        "a,b",
        "NA,1 2,3",
    ],
)
def test_data_is_not_taken_for_names(text: str) -> None:
    assert not has_header(rows(text))


def test_no_rows_have_no_header() -> None:
    assert not has_header([])


def test_names_are_made_usable_and_every_change_is_noted() -> None:
    log = IssueLog()
    assert usable_names([" id ", "a", "", "a", "a"], "f.csv", 3, log) == ["id", "a", "column 3", "a (2)", "a (3)"]
    assert log.counts == {"data.unnamed_column": 1, "data.duplicate_column": 2}
    assert {(issue.file, issue.line) for issue in log.issues} == {("f.csv", 3)}


def test_bytes_that_are_no_text_are_written_out_in_names() -> None:
    assert usable_names(["M\udcfcller", "a\0"], "f.csv", 1, IssueLog()) == ["M\\xfcller", "a\\0"]
