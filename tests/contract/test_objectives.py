"""What every pretraining objective promises, checked for each one that the registry finds."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from engine.core.cancel import Cancelled, CancelToken
from engine.core.errors import MismatchError, OptionError
from engine.core.events import EpochFinished
from engine.graph.batch import GraphBatch
from engine.graph.features import SparseFeatures
from engine.graph.graph import Graph
from engine.learn.loaders import LOADERS
from engine.learn.objectives import OBJECTIVES
from engine.learn.options import OptimiserOptions, ScheduleOptions, TrainingOptions
from engine.learn.pretraining import pretrain
from engine.learn.trainer import Stage, Watch
from engine.nn.encoders import ENCODERS
from tests.support.collections import five_paths

KEYS = OBJECTIVES.keys()
WIDTH = 6


def _batch(*, sparse: bool) -> GraphBatch:
    draw = np.random.default_rng(0)
    x = (draw.random((20, WIDTH)) * (draw.random((20, WIDTH)) < 0.6)).astype(np.float32)
    graph = Graph.from_edges(draw.integers(0, 19, 40), draw.integers(0, 19, 40), 20)
    return GraphBatch.from_graph(graph, sp.csr_matrix(x) if sparse else x)


def _batch_for(key: str, *, sparse: bool) -> GraphBatch:
    """Return one graph, or five small ones with edges that carry something and numbers known of each."""
    if not OBJECTIVES.get(key).for_graphs:
        return _batch(sparse=sparse)
    made = five_paths(WIDTH, edge_width=3)
    x = made.x.numpy()
    return made.with_x(SparseFeatures.from_csr(sp.csr_matrix(x))) if sparse else made


def _encoder(key: str = "gcn", edge_width: int = 0):
    kind = ENCODERS.get(key)
    torch.manual_seed(0)
    named = {"width": 8, "head": "linear"} if key == "gcn" else {"width": 8}
    still = {name: 0.0 for name in kind.Config.model_fields if name.endswith("dropout")}
    options = {name: v for name, v in named.items() if name in kind.Config.model_fields}
    return kind.build(kind.parse(options | still), WIDTH, edge_width=edge_width)


def test_no_objective_is_broken():
    assert KEYS
    assert OBJECTIVES.broken == {}


@pytest.mark.parametrize("key", KEYS)
def test_key_label_docstring_and_options_are_complete(key):
    kind = OBJECTIVES.get(key)
    assert kind.key == key == kind.__module__.rpartition(".")[2]
    assert kind.label
    assert "Source:" in (kind.__doc__ or "")
    schema = kind.describe()["schema"]
    assert all(field.get("description") for field in schema.get("properties", {}).values())
    with pytest.raises(OptionError):
        kind.parse({"no_such_option": 1}, "pretrain")


@pytest.mark.parametrize("key", KEYS)
def test_what_it_suggests_are_options_that_exist(key):
    suggested = dict(OBJECTIVES.get(key).suggested)
    encoder = dict(suggested.pop("encoder"))
    kind = ENCODERS.get(encoder.pop("type"))
    kind.parse(encoder, "encoder")
    stage = {"training": TrainingOptions, "optimiser": OptimiserOptions, "schedule": ScheduleOptions}
    for name, options in suggested.items():
        stage[name](**options)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("encoder_key", ENCODERS.keys())
@pytest.mark.parametrize("sparse", [False, True])
def test_a_step_lowers_the_loss_and_reaches_the_encoder(key, encoder_key, sparse):
    batch = _batch_for(key, sparse=sparse)
    encoder = _encoder(encoder_key, batch.edge_width)
    objective = OBJECTIVES.get(key)(OBJECTIVES.get(key).Config())
    heads = objective.prepare(encoder, batch, torch.Generator().manual_seed(0))
    weights = [*encoder.parameters(), *heads.parameters()]

    def loss() -> torch.Tensor:
        parts = objective.loss(encoder, heads, batch, torch.Generator().manual_seed(1))
        assert all(value.dim() == 0 and bool(torch.isfinite(value)) for value in parts.values())
        return parts["loss"]

    optimiser = torch.optim.SGD(weights, lr=0.001)
    before = loss()
    before.backward()
    assert all(p.grad is not None and bool(torch.isfinite(p.grad).all()) for p in weights)
    assert any(bool(p.grad.abs().sum() > 0) for p in encoder.parameters())
    optimiser.step()
    assert loss().item() < before.item()


@pytest.mark.parametrize("key", KEYS)
def test_the_generator_decides_everything_drawn(key):
    encoder, batch = _encoder(), _batch_for(key, sparse=True)
    objective = OBJECTIVES.get(key)(OBJECTIVES.get(key).Config())

    def run(seed: int) -> float:
        draw = torch.Generator().manual_seed(seed)
        heads = objective.prepare(encoder, batch, draw)
        return objective.loss(encoder, heads, batch, draw)["loss"].item()

    torch.manual_seed(1)
    first = run(5)
    torch.manual_seed(2)
    assert run(5) == first
    assert run(6) != first


@pytest.mark.parametrize("key", [key for key in KEYS if OBJECTIVES.get(key).for_graphs])
def test_what_it_wants_to_be_known_is_asked_for(key):
    objective, batch = OBJECTIVES.get(key)(OBJECTIVES.get(key).Config()), _batch_for(key, sparse=False)
    assert set(objective.wanted()) <= set(batch.known)
    if objective.wanted():
        with pytest.raises(MismatchError, match="not known"):
            objective.prepare(_encoder(), replace(batch, known={}), torch.Generator())


@pytest.mark.parametrize("key", KEYS)
def test_an_encoder_without_weights_is_refused(key):
    kind = ENCODERS.get("gcn")
    encoder, batch = kind(kind.Config(layers=1), WIDTH), _batch_for(key, sparse=True)
    objective = OBJECTIVES.get(key)(OBJECTIVES.get(key).Config())
    with pytest.raises(MismatchError, match="nothing to train"):
        objective.prepare(encoder, batch, torch.Generator())


@pytest.mark.parametrize("key", [*(key for key in KEYS if OBJECTIVES.get(key).for_graphs), "attributes", "graphmae"])
def test_an_interrupted_pretraining_on_many_graphs_goes_on_bit_for_bit(key):
    batch = _batch_for("infograph", sparse=False)
    loader = LOADERS.get("graphs")(LOADERS.get("graphs").parse({"batch_size": 2}))
    stage = Stage("pretrain", TrainingOptions(epochs=3), OptimiserOptions(rate=0.001), seed=1)

    def run(watch: Watch):
        encoder = _encoder("gine", batch.edge_width)
        objective = OBJECTIVES.get(key)(OBJECTIVES.get(key).Config())
        return encoder, pretrain(encoder, objective, batch, stage, watch, loader)

    whole, result = run(Watch())
    cancel, kept = CancelToken(), []
    checkpoints = SimpleNamespace(save_progress=kept.append)
    with pytest.raises(Cancelled):
        run(Watch(lambda event: cancel.cancel() if isinstance(event, EpochFinished) else None, cancel, checkpoints))
    torch.manual_seed(999)
    again, resumed = run(Watch(resume=kept[-1]))
    assert len(result.history) == 3
    assert result.history == resumed.history
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in whole.state_dict().items())
