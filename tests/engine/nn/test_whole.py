"""Numbers of whole graphs beside the vectors of their nodes: their scale, and where they come in."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.core.errors import MismatchError
from engine.data.splits._base import Split
from engine.graph.batch import GraphBatch
from engine.graph.collection import Collection
from engine.graph.thinning import keep_edges
from engine.learn.finetuning import Labels, finetune, predict_logits
from engine.learn.options import OptimiserOptions, TrainingOptions
from engine.learn.strategies.scratch import Scratch
from engine.learn.tasks.graph_value import GraphValue
from engine.learn.trainer import Stage
from engine.nn.encoders.gin import GIN
from engine.nn.model import Model
from engine.nn.readouts.sum import Sum
from engine.nn.whole import WholeNumbers

NAN = float("nan")


def test_numbers_are_put_on_the_scale_of_the_graphs_that_train() -> None:
    whole = WholeNumbers("descriptors", 4)
    # Mean 2 and deviation 1; unknown in one row; the same in all; beyond what float32 squares.
    whole.fit(
        torch.tensor([[1.0, 4.0, 7.0, 1e30], [3.0, NAN, 7.0, 3e30], [1.0, 8.0, 7.0, 1e30], [3.0, 4.0, 7.0, 3e30]])
    )
    found = whole(torch.tensor([[2.0, NAN, 9.0, 2e30], [3.0, 16 / 3, 7.0, 1e30], [99.0, NAN, NAN, NAN]]))
    torch.testing.assert_close(found, torch.tensor([[0.0, 0, 0, 0], [1.0, 0, 0, -1], [4.0, 0, 0, 0]]))


def _model() -> Model:
    torch.manual_seed(0)
    encoder = GIN(GIN.parse({"layers": 1, "width": 4, "dropout": 0.0, "norm": "layer"}), 1)
    return Model(encoder, 1, Sum(Sum.parse({"whole": "pooled", "after": 0}), 4), whole=WholeNumbers("pooled", 1))


def _batch(known: list[float]) -> GraphBatch:
    """Return graphs of a single node, all alike but for the number that is known of each."""
    count = len(known)
    x = np.ones((count, 1), np.float32)
    batch = GraphBatch.from_collection(Collection.from_edges(np.arange(count + 1), np.array([]), np.array([]), x))
    return replace(batch, known={"pooled": torch.tensor(known)[:, None]})


def _trained(known: list[float], train: list[int]) -> tuple[Model, np.ndarray]:
    """Train to answer with the known number itself."""
    batch, values = _batch(known), np.array([str(value) for value in known], dtype=object)
    masks = [np.isin(np.arange(len(known)), rows) for rows in (train, [], [])]
    split = Split("drawn", *masks)
    task = GraphValue(GraphValue.parse({"target": "known"})).fit(values, split)
    model = _model()
    stage = Stage("scratch", TrainingOptions(epochs=150), OptimiserOptions(rate=0.05, weight_decay=0), seed=0)
    finetune(model, batch, Labels(task, task.encode(values), split), Scratch(Scratch.parse({})), stage)
    return model, task.decode(predict_logits(model, batch))["predicted"]


def test_graphs_alike_but_for_a_number_of_the_whole_are_told_apart() -> None:
    _, answers = _trained([1.0, 2.0, 3.0, 4.0], [0, 1, 2, 3])
    np.testing.assert_allclose(answers, [1, 2, 3, 4], atol=0.2)


def test_the_scale_knows_nothing_of_graphs_that_do_not_train() -> None:
    few, _ = _trained([1.0, 2.0, 3.0, 4.0], [0, 1])
    other, _ = _trained([1.0, 2.0, -30.0, 40.0], [0, 1])
    assert few.head.whole.mean.tolist() == [1.5]
    for name, weights in few.state_dict().items():
        torch.testing.assert_close(weights, other.state_dict()[name])


def test_without_its_numbers_a_graph_is_not_answered_for() -> None:
    with pytest.raises(MismatchError, match="pooled of whole graphs"):
        _model()(replace(_batch([1.0]), known={}))


def test_what_is_known_of_a_graph_stays_when_its_edges_go() -> None:
    x = np.ones((3, 1), np.float32)
    collection = Collection.from_edges(np.array([0, 2, 3]), np.array([0]), np.array([1]), x)
    batch = replace(GraphBatch.from_collection(collection), known={"pooled": torch.tensor([[5.0], [6.0]])})
    left = keep_edges(batch, torch.zeros(2, dtype=torch.bool))
    assert left.num_edges == 0
    assert left.known["pooled"].tolist() == [[5.0], [6.0]]
    # And comes along, in the order asked for, where a step takes some graphs.
    assert batch.graphs([1, 0]).known["pooled"].tolist() == [[6.0], [5.0]]
