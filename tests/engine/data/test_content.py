import gzip
from pathlib import Path

import pytest

from engine.core.errors import ReadError
from engine.data.content import plain_suffix, read_content


def refusal(path: Path) -> ReadError:
    with pytest.raises(ReadError) as caught:
        read_content(path)
    return caught.value


def test_a_folder_a_missing_file_and_an_empty_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "blank.csv").write_text("\n \n\t\n")
    (tmp_path / "mark.csv").write_bytes(b"\xef\xbb\xbf\n")
    assert refusal(tmp_path).code == "data.folder"
    assert refusal(tmp_path / "no.csv").code == "data.no_file"
    assert {refusal(tmp_path / f"{name}.csv").code for name in ("empty", "blank", "mark")} == {"data.empty"}


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"PK\x03\x04 and more", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\0", "SQLite"),
        (b"PAR1....", "Parquet"),
        (bytes(range(256)) * 4, "binary"),
    ],
)
def test_what_is_no_text_is_called_by_its_name(tmp_path: Path, head: bytes, word: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(head)
    error = refusal(path)
    assert error.code == "data.binary"
    assert word in error.message
    assert error.hint


def test_gzip_is_known_by_its_content_whatever_the_name(tmp_path: Path) -> None:
    path = tmp_path / "nodes.csv"
    path.write_bytes(gzip.compress(b"id\n1\n"))
    assert read_content(path).data == b"id\n1\n"


@pytest.mark.parametrize("cut", [12, -4])
def test_a_damaged_archive_is_an_error_of_its_own(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "nodes.csv.gz"
    path.write_bytes(gzip.compress(b"id,name\n1,Anna\n" * 50)[:cut])
    assert refusal(path).code == "data.gzip"


def test_the_beginning_of_a_file_ends_with_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"id,name\n1,Anna\n2,Bob\n")
    content = read_content(path, 17)
    assert content.data == b"id,name\n1,Anna\n"
    assert not content.is_whole
    assert content.size == 21


def test_the_beginning_of_a_wide_text_ends_with_a_whole_character(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_bytes("id,名\n1,安\n2,博\n".encode("utf-16"))
    assert read_content(path, 21).data.decode("utf-16") == "id,名\n1,安\n"


def test_the_extension_before_gz_says_what_is_inside() -> None:
    assert plain_suffix(Path("a/nodes.CSV.gz")) == ".csv"
    assert plain_suffix(Path("nodes.v2.tsv")) == ".tsv"
    assert plain_suffix(Path("nodes")) == ""
