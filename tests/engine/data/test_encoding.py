from pathlib import Path

import pytest

from engine.core.errors import ReadError
from engine.data.encoding import ask_for_encoding, decode, detect, detect_bytes

CHINESE = "编号,名称\n1,北京大学\n2,上海交通大学\n"
TAIWANESE = "編號,名稱\n1,臺灣大學\n2,臺北市\n"
JAPANESE = "番号,名前\n1,東京大学\n2,カタカナ\n"
GERMAN = "nr,name\n1,Müller\n2,Düsseldorf\n"
RUSSIAN = "номер,имя\n1,Иванов\n2,Санкт-Петербург\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_certain(encoding: str) -> None:
    text = "id,name\n1,Zoë\n2,Bob\n"
    found = detect_bytes(text.encode(encoding))
    assert found.certain
    assert found.candidates == ()
    assert decode(text.encode(encoding), found.name, "f") == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "gb18030"),
        (TAIWANESE, "big5"),
        (JAPANESE, "shift_jis"),
        (GERMAN, "cp1252"),
        (RUSSIAN, "cp1251"),
    ],
)
def test_other_encodings_are_candidates_never_certain(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    found = detect_bytes(data)
    assert not found.certain
    readings = {candidate.name: data.decode(candidate.name) for candidate in found.candidates}
    assert text in readings.values()
    # The likeliest one reads the text as it was written, under whatever name.
    assert readings[found.name] == text
    assert all(candidate.sample for candidate in found.candidates)


def test_asking_for_an_encoding_carries_the_candidates_and_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "nodes.csv"
    path.write_bytes(CHINESE.encode("gb18030"))
    error = ask_for_encoding(path, detect(path))
    assert error.code == "data.encoding"
    assert error.details["candidates"][0] == {"name": "gb18030", "sample": "编号,名称 / 1,北京大学 / 2,上海交通大学"}
    assert "--encoding gb18030" in error.hint


def test_a_few_broken_bytes_in_utf8_leave_utf8_the_likeliest() -> None:
    data = "1,Müller\n2,Ägypten\n3,Köln\n".encode() + b"4,M\xfcnchen\n"
    assert detect_bytes(data).name == "utf-8"


def test_whatever_the_bytes_there_is_something_to_choose() -> None:
    # 0x81 and 0x98 are undefined in the Western and Cyrillic code pages, and 0xff begins no East Asian character.
    found = detect_bytes(b"a,\x81\xff\x98\x8d\x8f\n")
    assert [candidate.name for candidate in found.candidates] == ["cp1256"]


def test_an_unknown_encoding_is_refused_by_name() -> None:
    with pytest.raises(ReadError, match="utf8x") as caught:
        decode(b"a", "utf8x", "f.csv")
    assert caught.value.code == "data.encoding.unknown"


def test_bytes_that_are_no_text_become_lone_surrogates() -> None:
    assert decode(b"M\xfcller", "utf-8", "f") == "M\udcfcller"
    assert decode("ab".encode("utf-16-le") + b"c", "utf-16-le", "f") == "ab\udcff"
