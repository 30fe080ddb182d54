"""The spoilt Cora of S13 is spoilt as it says, and only there."""

import csv
from pathlib import Path

from tests.golden.s13_noise import spoilt
from tests.support.data import data_folder


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_tenth_of_the_edges_and_three_in_ten_labels_are_wrong_and_none_of_test() -> None:
    folder = data_folder("cora")
    files = [Path(file) for file in spoilt(folder, 7)]
    try:
        pairs = list(zip(_rows(folder / "nodes.csv")[1:], _rows(files[0])[1:], strict=True))
        wrong = {part: sum(a != b for a, b in pairs if a[2] == part) for part in ("train", "val", "test")}
        # 140 and 500 nodes, each wrong with 0.3: three standard deviations of the counts.
        assert abs(wrong["train"] - 42) <= 17
        assert abs(wrong["val"] - 150) <= 31
        assert wrong["test"] == 0
        edges, spoilt_edges = _rows(folder / "edges.csv"), _rows(files[1])
        moved = sum(a != b for a, b in zip(edges, spoilt_edges, strict=True))
        assert abs(moved - round(0.1 * (len(edges) - 1))) <= 3
        assert spoilt(folder, 7) == [str(file) for file in files]
    finally:
        for file in files:
            file.unlink()
        files[0].parent.rmdir()
