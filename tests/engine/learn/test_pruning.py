"""Edges between unlike nodes are left out where valid says so, and only there."""

import numpy as np

from engine.data.splits._base import Split
from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.learn.class_task import FittedClasses
from engine.learn.finetuning import Labels
from engine.learn.pruning import Pruning, decide, prune


def _crowd(*, noisy: bool) -> tuple[GraphBatch, Labels]:
    """Two groups of 60 with words of their own, in rings; where noisy, each node has four edges across as well."""
    draw = np.random.default_rng(0)
    group = np.repeat([0, 1], 60)
    x = np.zeros((120, 40), dtype=np.float32)
    for node in range(120):
        # Six of the twenty words of the group: two nodes of one group share some nearly always.
        x[node, 20 * group[node] + draw.permutation(20)[:6]] = 1.0
    edges = [(60 * (k // 60) + k % 60, 60 * (k // 60) + (k + 1) % 60) for k in range(120)]
    if noisy:
        edges += [(k, 60 + int(other)) for k in range(60) for other in draw.permutation(60)[:4]]
    ends = np.array(edges)
    batch = GraphBatch.from_graph(Graph.from_edges(ends[:, 0], ends[:, 1], 120, directed=False), x)
    task = FittedClasses(
        key="node_class",
        target_name="group",
        class_names=("a", "b"),
        train_counts=(1, 1),
        main_metric="accuracy",
        weighted=False,
    )
    train = np.zeros(120, dtype=bool)
    train[[0, 60]] = True
    valid = ~train & (np.arange(120) % 2 == 0)
    return batch, Labels(task, group, Split("part", train, valid, ~(train | valid)))


def test_edges_across_two_vocabularies_are_found_out() -> None:
    batch, labels = _crowd(noisy=True)
    found = decide(batch, labels, 0.0, seed=0)
    assert found.kind in ("jaccard", "cosine")
    # 240 edges across, each stored twice, and none inside a group shares no word often.
    assert 480 <= found.left_out <= 520
    assert found.valid[found.kind] > found.valid["off"]


def test_edges_that_help_are_kept() -> None:
    batch, labels = _crowd(noisy=False)
    # A threshold that would cut the rings apart.
    found = decide(batch, labels, 0.9, seed=0)
    assert found.kind == "off"
    assert found.left_out == 0
    assert found.apply(batch) is batch


def test_a_decision_comes_back_as_it_was_and_holds_for_another_graph() -> None:
    batch, _ = _crowd(noisy=True)
    found = Pruning.from_plain(Pruning("jaccard", 0.0, batch.num_edges, 480).to_plain())
    assert found.sentence.startswith("66.7 % of the edges")
    assert found.apply(batch).num_edges == prune(batch, "jaccard", 0.0).num_edges
