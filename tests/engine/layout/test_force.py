"""The force layout: forces by brute force, pictures by what must be visible in them."""

import networkx as nx
import numpy as np
import pytest
from scipy.spatial import cKDTree

from engine.core.cancel import Cancelled, CancelToken
from engine.graph.graph import Graph
from engine.layout import LAYOUTS, Given, Positions
from engine.layout._packing import block, pack
from engine.layout.graphs.force import Force
from engine.layout.graphs.force.kernels import all_pairs, attraction, join, steer, step, steps_of_few
from engine.layout.graphs.force.levels import Level, ladder
from engine.layout.graphs.force.pivot import Pivots
from engine.layout.graphs.force.repulsion import Repulsion


def _graph(network: nx.Graph) -> Graph:
    ends = np.array(list(network.edges), dtype=np.int64).reshape(-1, 2)
    return Graph.from_edges(ends[:, 0], ends[:, 1], network.number_of_nodes())


def _place(graph: Graph, seed: int = 0, **options: object) -> Positions:
    return Force(Force.parse(options)).place(graph, seed=seed)


def _brute_force(xy: np.ndarray, mass: np.ndarray, softening: float) -> np.ndarray:
    apart = xy[:, None] - xy[None]
    square = (apart**2).sum(axis=-1) + softening**2
    return (apart * (mass[:, None] * mass[None] / square)[..., None]).sum(axis=1)


def _pivots(graph: Graph, count: int) -> Pivots:
    return Pivots(graph.indptr, graph.indices, np.random.default_rng(0)).find(count, CancelToken())


def _level(graph: Graph) -> Level:
    guide = _pivots(graph, 10)
    weight = np.ones(graph.num_edges)
    return Level(graph.indptr, graph.indices, weight, graph.degree() + 1.0, guide.places, guide.away)


def _community_graph(groups: int = 40, each: int = 100) -> Graph:
    rng = np.random.default_rng(0)
    source = np.repeat(np.arange(groups * each), 4)
    target = np.where(
        rng.random(len(source)) < 0.95,
        source // each * each + rng.integers(0, each, len(source)),
        (source + each) % (groups * each),
    )
    return Graph.from_edges(source, target, groups * each)


@pytest.mark.parametrize("count", [1, 2, 9, 300])
def test_repulsion_of_few_points_equals_all_pairs(count: int) -> None:
    rng = np.random.default_rng(count)
    xy, mass = rng.normal(size=(count, 2)), rng.random(count) + 0.5
    np.testing.assert_allclose(Repulsion()(xy, mass, 0.05), _brute_force(xy, mass, 0.05), rtol=1e-6, atol=1e-8 * count)


@pytest.mark.parametrize("power", [1, 2, 3])
def test_repulsion_by_a_mesh_is_right_to_a_percent(power: int) -> None:
    rng = np.random.default_rng(0)
    xy, mass = rng.normal(size=(3000, 2)), rng.random(3000) + 0.5
    xy = np.sign(xy) * np.abs(xy) ** power
    exact = all_pairs(xy, mass, 1e-3)
    error = np.linalg.norm(Repulsion()(xy, mass, 1e-3) - exact, axis=1) / np.linalg.norm(exact, axis=1)
    assert np.median(error) < 0.01


def test_repulsion_by_a_mesh_pushes_nowhere_on_the_whole() -> None:
    rng = np.random.default_rng(0)
    xy, mass = rng.random((2000, 2)), rng.random(2000) + 0.5
    push = Repulsion()(xy, mass, 1e-3)
    assert np.abs(push.sum(axis=0)).max() < 1e-3 * np.abs(push).sum()


def test_many_nodes_on_one_point_do_no_harm() -> None:
    assert np.isfinite(Repulsion()(np.zeros((2000, 2)), np.ones(2000), 0.05)).all()


def test_nodes_join_the_neighbour_they_are_bound_to_most() -> None:
    graph = Graph.from_edges([0, 1, 2], [1, 2, 3], 4, weight=[5, 1, 5])
    assert graph.weight is not None
    group = join(graph.indptr, graph.indices, graph.weight.astype(float), np.ones(4), np.arange(4), 2.0)
    assert group.tolist() == [0, 0, 1, 1]


def test_groups_keep_mass_and_weight_and_stay_inside_communities() -> None:
    finest = _level(_community_graph())
    levels = ladder(finest, CancelToken())
    assert len(levels) > 1
    assert levels[-1].num_nodes < 1500
    for level in levels[1:]:
        assert level.mass.sum() == pytest.approx(finest.mass.sum())
    parent = levels[0].parent
    assert parent is not None
    row = np.repeat(np.arange(finest.num_nodes), np.diff(finest.indptr))
    between = parent[row] != parent[finest.indices]
    assert levels[1].weight.sum() == pytest.approx(finest.weight[between].sum())
    xy = np.random.default_rng(0).normal(size=(finest.num_nodes, 2))
    first = parent == 0
    expected = np.average(xy[first], axis=0, weights=finest.mass[first])
    np.testing.assert_allclose(levels[0].middles(xy)[0], expected)


def test_steering_pulls_to_the_right_distance_and_rests_there() -> None:
    pivots = np.array([0], np.int32)
    away = np.array([[0], [1], [2]], np.float32)
    right = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 6.0]])
    np.testing.assert_allclose(steer(right, away, pivots)[:, :2], 0, atol=1e-9)
    # Lengths by edge 1 and 3: the scale of least stress is (1 + 9) / (1 + 3).
    found = steer(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 6.0]]), away, pivots)
    np.testing.assert_allclose(found, [[0, 0, 0], [1.5, 0, 1], [0, (5.0 - 6.0) / 4, 0.25]], atol=1e-9)


def test_pull_of_an_edge_is_linear_at_first_and_then_gives_way() -> None:
    graph = Graph.from_edges([0], [1], 2)
    xy = np.array([[0.0, 0.0], [3.0, 4.0]])
    weight = np.full(2, 2.0)
    plain = attraction(graph.indptr, graph.indices, weight, xy, 0.0)
    assert plain.tolist() == [[6, 8, 2], [-6, -8, 2]]
    # Length 5: divided by 1 + 5.
    np.testing.assert_allclose(attraction(graph.indptr, graph.indices, weight, xy, 1.0), plain / 6)


@pytest.mark.parametrize("network", [nx.karate_club_graph(), nx.path_graph(200), nx.random_labeled_tree(300, seed=0)])
def test_distances_to_pivots_equal_those_of_networkx(network: nx.Graph) -> None:
    guide = _pivots(_graph(network), 20)
    for k, place in enumerate(guide.places[:20]):
        known = nx.single_source_shortest_path_length(network, int(place))
        assert guide.away[:, k].tolist() == [known[node] for node in range(len(network))]


def test_pivot_positions_lay_a_path_out_as_a_line() -> None:
    x = _pivots(_graph(nx.path_graph(150)), 20).positions()[:, 0]
    assert abs(np.corrcoef(x, np.arange(150))[0, 1]) > 0.99


def test_the_whole_of_a_graph_of_many_levels_takes_its_shape() -> None:
    xy = _place(_community_graph())
    middles = xy.reshape(40, 100, 2).mean(axis=1)
    inside = np.linalg.norm(xy.reshape(40, 100, 2) - middles[:, None], axis=-1).mean()
    # The communities form a ring: the next one is near, the opposite one far.
    assert np.linalg.norm(middles - np.roll(middles, 1, axis=0), axis=1).mean() < 4 * inside
    assert np.linalg.norm(middles - np.roll(middles, 20, axis=0), axis=1).min() > 8 * inside


def test_communities_come_apart() -> None:
    network = nx.planted_partition_graph(4, 60, 0.25, 0.01, seed=0)
    xy = _place(_graph(network))
    group = np.arange(240) // 60
    near = cKDTree(xy).query(xy, k=6)[1][:, 1:]
    assert (group[near] == group[:, None]).mean() > 0.95


def test_grid_unfolds_without_crossing_itself() -> None:
    network = nx.convert_node_labels_to_integers(nx.grid_2d_graph(15, 15))
    xy = _place(_graph(network))
    away = np.array([[abs(i // 15 - j // 15) + abs(i % 15 - j % 15) for j in range(225)] for i in range(225)])
    drawn = np.linalg.norm(xy[:, None] - xy[None], axis=-1)
    pairs = away > 0
    assert np.corrcoef(away[pairs], drawn[pairs])[0, 1] > 0.95


@pytest.mark.parametrize("network", [nx.karate_club_graph(), nx.path_graph(40), nx.star_graph(30)])
def test_median_edge_has_length_one(network: nx.Graph) -> None:
    xy = _place(_graph(network))
    lengths = [np.linalg.norm(xy[a] - xy[b]) for a, b in network.edges]
    assert np.median(lengths) == pytest.approx(1, rel=1e-4)


def test_components_do_not_overlap_and_lone_nodes_stand_in_a_block() -> None:
    network = nx.disjoint_union_all([nx.cycle_graph(30), nx.complete_graph(8), nx.path_graph(2), nx.empty_graph(10)])
    xy = _place(_graph(network))
    boxes = [
        (xy[part].min(axis=0), xy[part].max(axis=0))
        for part in (range(30), range(30, 38), range(38, 40), range(40, 50))
    ]
    for k, (low, high) in enumerate(boxes):
        for other_low, other_high in boxes[k + 1 :]:
            assert (high < other_low).any() or (other_high < low).any()
    alone = xy[40:]
    assert len(np.unique(alone[:, 1].round(3))) == 2
    assert len(np.unique(alone[:, 0].round(3))) == 5


def test_same_seed_gives_the_same_picture() -> None:
    graph = _graph(nx.karate_club_graph())
    assert (_place(graph, 4) == _place(graph, 4)).all()


def test_same_seed_gives_the_same_picture_of_a_graph_of_many_levels() -> None:
    graph = _community_graph(20)
    assert (_place(graph, 4) == _place(graph, 4)).all()
    assert (_place(graph, 4) != _place(graph, 5)).any()


def test_steps_of_a_few_nodes_at_once_equal_one_after_another() -> None:
    level = _level(_graph(nx.karate_club_graph()))
    xy = np.random.default_rng(0).normal(size=(34, 2))
    rows = (level.indptr, level.indices, level.weight, level.mass, level.away, level.pivots)
    holds, caps = np.array([3.0, 1.0, 0.1]), np.array([2.0, 1.0, 0.5])
    at_once = steps_of_few(xy, *rows, 0.5, 0.1, 0.02, holds, caps)
    for hold, cap in zip(holds, caps, strict=True):
        before = xy
        xy = step(xy, all_pairs(xy, level.mass, 0.02), *rows, 0.5, 0.1, hold, cap)
        assert np.linalg.norm(xy - before, axis=1).max() <= cap + 1e-9
    np.testing.assert_allclose(at_once, xy)


def test_equal_small_pieces_are_drawn_alike() -> None:
    source = np.arange(0, 300, 3)
    graph = Graph.from_edges(np.concatenate([source, source]), np.concatenate([source + 1, source + 2]), 300)
    pieces = _place(graph).reshape(100, 3, 2)
    shapes = pieces - pieces[:, :1]
    np.testing.assert_allclose(shapes, np.broadcast_to(shapes[:1], shapes.shape), atol=1e-4)


def test_positions_are_streamed_from_the_start_and_are_copies() -> None:
    shown: list[Positions] = []
    graph = _graph(nx.karate_club_graph())
    last = Force(Force.parse({})).place(graph, on_positions=shown.append)
    assert shown[0].shape == (34, 2)
    assert (shown[0] != last).any()


def test_cancelled_layout_ends_at_once() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        Force(Force.parse({})).place(_graph(nx.karate_club_graph()), cancel=token)


def _go_on(graph: Graph, start: Positions, held: list[int]) -> Positions:
    mask = np.zeros(graph.num_nodes, bool)
    mask[held] = True
    return Force(Force.parse({})).place(graph, given=Given(start=start, held=mask))


def test_going_on_from_rest_changes_little() -> None:
    graph = _graph(nx.karate_club_graph())
    rest = _place(graph)
    again = _go_on(graph, _go_on(graph, rest, []), [])
    more = _go_on(graph, again, [])
    apart = np.linalg.norm(rest[:, None] - rest[None], axis=-1)
    assert np.linalg.norm(more - again, axis=1).mean() < 0.05 * apart.mean()
    assert more.std() == pytest.approx(again.std(), rel=0.1)


def test_held_nodes_stay_and_the_others_come_to_them() -> None:
    network = nx.path_graph(9)
    start = np.random.default_rng(0).normal(size=(9, 2)).astype(np.float32)
    start[0], start[8] = (-8, 3), (8, 3)
    moved = _go_on(_graph(network), start, [0, 8])
    assert (moved[[0, 8]] == start[[0, 8]]).all()
    # The path unfolds between its ends: no edge is much longer than another, and no two nodes are nearer than that.
    edges = np.linalg.norm(np.diff(moved, axis=0), axis=1)
    assert edges.max() < 4 * edges.min()
    apart = np.linalg.norm(moved[:, None] - moved[None], axis=-1) + 1e9 * np.eye(9)
    assert apart.min() > 0.9 * edges.min()


def test_nodes_without_edges_keep_their_place_when_it_goes_on() -> None:
    graph = Graph.from_edges([0, 1], [1, 2], 5)
    start = np.arange(10, dtype=np.float32).reshape(5, 2)
    assert (_go_on(graph, start, [])[3:] == start[3:]).all()


def test_heavy_edges_are_shorter() -> None:
    graph = Graph.from_edges([0, 1, 2, 3], [1, 2, 3, 0], 4, weight=[9, 1, 9, 1])
    xy = _place(graph)
    assert np.linalg.norm(xy[0] - xy[1]) < np.linalg.norm(xy[1] - xy[2])


def test_boxes_are_packed_beside_the_largest_without_touching() -> None:
    big, small = np.array([[0.0, 0.0], [10.0, 10.0]]), np.array([[5.0, 5.0], [6.0, 6.0]])
    moved = pack([small, big, small, small], 1.0)
    for k, one in enumerate(moved):
        for other in moved[k + 1 :]:
            assert (one.max(axis=0) + 0.99 < other.min(axis=0)).any() or (
                other.max(axis=0) + 0.99 < one.min(axis=0)
            ).any()
    assert block(3, 2.0).tolist() == [[0, 0], [2, 0], [4, 0]]


_BY_STRUCTURE = [one.key for one in LAYOUTS if one.key not in ("geographic", "places")]


@pytest.mark.parametrize("key", _BY_STRUCTURE)
@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_tiny_graphs_and_graphs_without_edges_are_placed(key: str, count: int) -> None:
    kind = LAYOUTS.get(key)
    empty = np.empty(0, np.int64)
    for graph in (Graph.from_edges(empty, empty, count), _graph(nx.path_graph(count))):
        xy = kind(kind.parse({})).place(graph)
        assert xy.shape == (count, 2)
        assert xy.dtype == np.float32
        assert np.isfinite(xy).all()
        assert len(np.unique(xy.round(4), axis=0)) == count


@pytest.mark.parametrize("key", _BY_STRUCTURE)
def test_directed_graphs_are_placed(key: str) -> None:
    kind = LAYOUTS.get(key)
    source, target = [0, 1, 2, 3, 0], [1, 2, 3, 4, 2]
    graph = Graph.from_edges(source, target, 5, directed=True)
    assert np.isfinite(kind(kind.parse({})).place(graph)).all()


def test_circle_keeps_neighbours_next_to_each_other() -> None:
    order = np.random.default_rng(0).permutation(12)
    ring = Graph.from_edges(order, np.roll(order, 1), 12)
    kind = LAYOUTS.get("circular")
    xy = kind(kind.parse({})).place(ring)
    assert np.linalg.norm(xy, axis=1) == pytest.approx(np.linalg.norm(xy[0]), rel=1e-5)
    steps = [np.linalg.norm(xy[a] - xy[b]) for a, b in zip(order, np.roll(order, 1), strict=True)]
    # On a ring numbered from one end, neighbours are at most two places apart, and some are one apart.
    assert max(steps) / min(steps) <= np.sin(2 * np.pi / 12) / np.sin(np.pi / 12) + 1e-6
