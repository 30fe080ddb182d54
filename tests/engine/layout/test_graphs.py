"""Layouts that follow from structure or columns: small graphs whose pictures are known beforehand."""

from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import OptionError
from engine.graph.graph import Graph
from engine.layout import LAYOUTS, Given, Positions


def _place(key: str, graph: Graph, columns: dict[str, list[object]] | None = None, **options: object) -> Positions:
    kind = LAYOUTS.get(key)
    given = Given({name: np.array(values, dtype=object) for name, values in (columns or {}).items()})
    return kind(kind.parse(options)).place(graph, given=given)


def _away(xy: np.ndarray, middle: np.ndarray) -> np.ndarray:
    return np.linalg.norm(xy - middle, axis=1)


def _tree() -> Graph:
    """Return a root 0 with children 1 and 2, which have two children each."""
    return Graph.from_edges([0, 0, 1, 1, 2, 2], [1, 2, 3, 4, 5, 6], 7, directed=True)


def test_circle_by_column_sets_equal_values_beside_each_other() -> None:
    graph = Graph.from_edges([0, 1, 2], [1, 2, 3], 6)
    xy = _place("circular", graph, {"team": list("abcabc")}, order="column")
    angle = np.sort(np.arctan2(xy[:, 1], xy[:, 0]) % (2 * np.pi))
    np.testing.assert_allclose(np.diff(angle), np.pi / 3, rtol=1e-4)
    side = np.linalg.norm(xy[0] - xy[3])
    assert np.linalg.norm(xy[1] - xy[4]) == pytest.approx(side, rel=1e-4)
    assert np.linalg.norm(xy[2] - xy[5]) == pytest.approx(side, rel=1e-4)


@pytest.mark.parametrize(("order", "expected"), [("file", 0), ("degree", 2)])
def test_grid_begins_at_the_top_left(order: str, expected: int) -> None:
    graph = Graph.from_edges([2, 2, 2], [0, 1, 3], 5)
    xy = _place("grid", graph, order=order)
    assert np.lexsort((xy[:, 0], -xy[:, 1]))[0] == expected
    assert len(np.unique(xy[:, 0].round(4))) == 3
    assert len(np.unique(xy[:, 1].round(4))) == 2


def test_grid_by_column_keeps_values_together() -> None:
    xy = _place("grid", Graph.from_edges([0], [1], 6), {"team": list("abcabb")}, order="column")
    read = np.lexsort((xy[:, 0].round(3), -xy[:, 1].round(3)))
    assert "".join("abcabb"[node] for node in read) == "bbbaac"


def test_the_most_connected_node_is_in_the_middle_of_the_rings() -> None:
    hub = Graph.from_edges([4] * 20, [node for node in range(21) if node != 4], 21)
    xy = _place("concentric", hub)
    away = _away(xy, xy[4])
    assert away[4] == 0
    first = np.sort(away)[1:10]
    np.testing.assert_allclose(first, first[0], rtol=1e-4)


def test_each_value_has_a_ring_of_its_own() -> None:
    xy = _place(
        "rings", Graph.from_edges([0], [1], 9), {"note": list("uvwxyzabc"), "team": list("aabbbbccc")}, column="team"
    )
    middle = xy[:2].mean(axis=0)
    away = _away(xy, middle)
    for ring in (away[:2], away[2:6], away[6:]):
        np.testing.assert_allclose(ring, ring[0], rtol=1e-3)
    assert away[0] < away[6] < away[2]


def test_a_spoke_holds_one_value_with_most_edges_inside() -> None:
    graph = Graph.from_edges([0, 0, 0], [1, 2, 3], 6)
    xy = _place("spokes", graph, {"team": list("aaabbb")}, column="team", hole=0)
    # The first spoke lies to the right, the second to the left; the hub is nearest the middle.
    assert np.ptp(xy[:3, 1]) == pytest.approx(0, abs=1e-5)
    assert xy[0, 0] < xy[1, 0] < xy[2, 0]
    assert xy[3, 0] > xy[4, 0] > xy[5, 0]
    assert xy[3, 0] < xy[0, 0]


def test_a_column_with_few_values_is_taken_without_being_named() -> None:
    columns = {"name": [f"n{node}" for node in range(60)], "team": ["a", "b"] * 30}
    graph = Graph.from_edges([0], [1], 60)
    np.testing.assert_array_equal(_place("rings", graph, columns), _place("rings", graph, columns, column="team"))


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(OptionError, match='no column "teem"'):
        _place("rings", Graph.from_edges([0], [1], 2), {"team": ["a", "b"]}, column="teem")


def test_radial_sets_a_tree_on_rings_without_crossings() -> None:
    source, target = [0, 0, 0, 1, 1, 2, 3], [1, 2, 3, 4, 5, 6, 7]
    xy = _place("radial", Graph.from_edges(source, target, 8))
    away = _away(xy, xy[0])
    np.testing.assert_allclose(away[1:4], away[1], rtol=1e-4)
    np.testing.assert_allclose(away[4:], 2 * away[1], rtol=1e-4)
    angle = np.arctan2(*(xy - xy[0]).T[::-1]) % (2 * np.pi)
    # Node 1 stands in the middle of its children's sector.
    assert angle[1] == pytest.approx((angle[4] + angle[5]) / 2, abs=1e-4)


def test_the_middle_of_a_tree_is_that_of_its_longest_path() -> None:
    # Node 1 has most edges, node 2 is half-way between both ends.
    graph = Graph.from_edges([0, 1, 2, 3, 1, 1, 1], [1, 2, 3, 4, 5, 6, 7], 8)
    away = _away(_place("radial", graph), _place("radial", graph)[2])
    np.testing.assert_allclose(away[[1, 3]], away[1], rtol=1e-4)
    np.testing.assert_allclose(away[[0, 4, 5, 6, 7]], 2 * away[1], rtol=1e-4)


def test_the_middle_is_where_all_edges_begin() -> None:
    graph = Graph.from_edges([3, 0, 0, 0], [0, 1, 2, 4], 5, directed=True)
    away = _away(_place("radial", graph), _place("radial", graph)[3])
    np.testing.assert_allclose(away[[1, 2, 4]], 2 * away[0], rtol=1e-4)


def test_radial_sets_components_beside_each_other() -> None:
    xy = _place("radial", Graph.from_edges([0, 0, 3, 3], [1, 2, 4, 5], 6))
    left, right = sorted((xy[:3], xy[3:]), key=lambda part: float(part[:, 0].min()))
    assert (left.max(axis=0) < right.min(axis=0)).any() or (left.min(axis=0) > right.max(axis=0)).any()


def test_layers_follow_the_direction_of_the_edges() -> None:
    xy = _place("layered", _tree())
    assert len(np.unique(xy[:, 1].round(4))) == 3
    assert xy[0, 1] > xy[1, 1] > xy[3, 1]
    # A parent stands above the middle of its children, which keep their distance.
    assert xy[1, 0] == pytest.approx(xy[3:5, 0].mean(), abs=1e-3)
    assert xy[0, 0] == pytest.approx(xy[1:3, 0].mean(), abs=1e-3)
    assert np.diff(np.sort(xy[3:, 0])).min() > 0.3


def test_layers_may_lead_to_the_right() -> None:
    down, right = _place("layered", _tree()), _place("layered", _tree(), direction="right")
    np.testing.assert_allclose(np.sort(right[:, 0]), np.sort(-down[:, 1]), atol=1e-5)


def test_the_longest_path_decides_about_the_layer_and_cycles_share_one() -> None:
    # 0 leads to 3 at once and over 1 and 2; 3, 4 and 5 form a cycle.
    graph = Graph.from_edges([0, 0, 1, 2, 3, 4, 5], [3, 1, 2, 3, 4, 5, 3], 6, directed=True)
    depth = -_place("layered", graph, sweeps=0)[:, 1]
    steps = (depth - depth[0]) / (depth[1] - depth[0])
    np.testing.assert_allclose(steps, [0, 1, 2, 3, 3, 3], atol=1e-3)


def test_layers_of_an_undirected_graph_count_edges_from_the_hub() -> None:
    xy = _place("layered", Graph.from_edges([0, 0, 0, 3, 1], [1, 2, 3, 4, 2], 5))
    assert xy[0, 1] > xy[1, 1] > xy[4, 1]
    np.testing.assert_allclose(xy[1:4, 1], xy[1, 1], atol=1e-5)


def test_order_in_a_layer_takes_crossings_away() -> None:
    # Two parents whose children come interleaved in the table.
    graph = Graph.from_edges([0, 1, 0, 1], [2, 3, 4, 5], 6, directed=True)
    xy = _place("layered", graph)
    assert max(xy[[2, 4], 0]) < min(xy[[3, 5], 0]) or min(xy[[2, 4], 0]) > max(xy[[3, 5], 0])


def test_a_map_has_east_at_the_right_and_stretches_the_north() -> None:
    columns = {"Lat": ["0", "30", "60", "0"], "Lon": ["0", "0", "0", "30"]}
    xy = _place("geographic", Graph.from_edges([0, 1], [1, 2], 4), columns)
    unit = xy[3, 0] - xy[0, 0]
    assert unit > 0
    # Mercator: ln tan(60°) and ln tan(75°) by pi / 6.
    assert (xy[1, 1] - xy[0, 1]) / unit == pytest.approx(1.0491, abs=1e-3)
    assert (xy[2, 1] - xy[0, 1]) / unit == pytest.approx(2.5152, abs=1e-3)


def test_nodes_without_coordinates_stand_below_the_map() -> None:
    columns = {"latitude": ["1", "2", None, "x"], "longitude": ["1", "2", "3", "4"]}
    xy = _place("geographic", Graph.from_edges([0], [1], 4), columns)
    assert np.isfinite(xy).all()
    assert max(xy[2:, 1]) < min(xy[:2, 1])


def test_a_map_needs_coordinates() -> None:
    with pytest.raises(OptionError, match="called longitude"):
        _place("geographic", Graph.from_edges([0], [1], 2), {"team": ["a", "b"]})


def test_places_come_from_a_table_by_id(tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text("id,x,y\nb,2,0\na,0,0\nc,2,4\nz,9,9\n", encoding="utf-8")
    graph = Graph.from_edges([0, 1], [1, 2], 4)
    xy = _place("places", graph, {"node_id": list("abcd")}, file=str(file))
    across = xy[1] - xy[0]
    assert across[1] == pytest.approx(0, abs=1e-5)
    np.testing.assert_allclose(xy[2] - xy[1], [0, 2 * across[0]], atol=1e-4)
    assert xy[3, 1] < xy[:3, 1].min()


@pytest.mark.parametrize(
    ("text", "words"),
    [("id,x\na,1\n", 'no column "y"'), ("id,x,y\nq,1,2\n", "none of its ids")],
)
def test_a_table_without_places_says_what_it_lacks(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "places.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OptionError, match=words):
        _place("places", Graph.from_edges([0], [1], 2), {"node_id": ["a", "b"]}, file=str(file))


def test_a_file_of_places_that_is_not_there_is_named() -> None:
    with pytest.raises(OptionError, match="no file of places"):
        _place("places", Graph.from_edges([0], [1], 2), {"node_id": ["a", "b"]}, file="nowhere.csv")
