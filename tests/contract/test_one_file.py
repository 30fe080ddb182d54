"""The promise that adding a component is adding one file: for every kind, with nothing else touched."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.core.cancel import CancelToken
from engine.core.component import Component
from engine.core.errors import OptionError, UnknownComponentError
from engine.core.events import silent
from engine.jobs.catalogue import Catalogue
from engine.jobs.spec import JobContext
from engine.project.kinds import component, kinds, registry

SOURCE = '''
"""A component of a test."""

from {module} import {base}
from engine.core.component import Config, option


class Throwaway({base}):
    """Does nothing of note.

    Source: this test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Config):
        strength: float = option(1.0, "How much.", ge=0, le=5)
'''


def _extend(monkeypatch: pytest.MonkeyPatch, kind: str, folder: Path) -> None:
    """Let the folder of a kind reach into a second place, as if the files lay beside the others."""
    package = sys.modules[registry(kind)._package]
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    registry(kind).rescan()


@pytest.fixture(params=kinds())
def kind(request) -> Iterator[str]:
    name: str = request.param
    yield name
    for module in [module for module in sys.modules if module.endswith((".throwaway", ".unloadable"))]:
        del sys.modules[module]
    registry(name).rescan()


@pytest.fixture
def added(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Component]:
    base = registry(kind)._base
    (tmp_path / "throwaway.py").write_text(SOURCE.format(module=base.__module__, base=base.__name__))
    _extend(monkeypatch, kind, tmp_path)
    yield component(kind, "throwaway")
    monkeypatch.undo()


def test_one_file_is_found_described_and_checked(kind, added):
    assert added.label == "Throw-away"
    assert "throwaway" in registry(kind)
    assert added.parse({"strength": 2}).strength == 2
    with pytest.raises(OptionError, match="place.strength"):
        added.parse({"strength": 9}, "place")


def test_one_file_is_in_the_catalogue_with_the_schema_of_its_options(kind, added, tmp_path):
    context = JobContext(sink=silent, cancel=CancelToken(), folder=tmp_path)
    listed = {entry["key"]: entry for entry in Catalogue().run(None, context)["kinds"][kind]}
    entry = listed["throwaway"]
    assert entry["summary"] == "Does nothing of note."
    field = entry["schema"]["properties"]["strength"]
    assert (field["default"], field["minimum"], field["maximum"]) == (1.0, 0, 5)
    assert field["description"] == "How much."


def test_a_file_that_does_not_load_is_listed_and_stops_nobody(kind, tmp_path, monkeypatch):
    (tmp_path / "unloadable.py").write_text("raise RuntimeError('half of me is missing')")
    _extend(monkeypatch, kind, tmp_path)
    others = [key for key in registry(kind).keys() if key != "unloadable"]  # noqa: SIM118 - a registry is no mapping
    assert others
    assert "half of me is missing" in registry(kind).broken["unloadable"]
    with pytest.raises(UnknownComponentError, match="half of me is missing"):
        component(kind, "unloadable")
    monkeypatch.undo()


ENCODER = '''
"""Scales the features."""

from torch import nn

from engine.core.component import Config, option
from engine.nn.encoders._base import Encoder
from engine.nn.heads import LinearHead
from engine.nn.layers import Linear


class Throwaway(Encoder):
    """Scales a linear map.

    Source: this test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Config):
        strength: float = option(1.0, "How much.", ge=0, le=5)

    def __init__(self, config, in_width):
        super().__init__(config, in_width)
        self.linear = Linear(in_width, 4)
        self.out_width = 4

    def forward(self, batch, x=None):
        return self.linear(batch.x if x is None else x) * self.config.strength

    def blocks(self):
        return [self.linear]

    def make_head(self, width):
        return LinearHead(4, width, 0.0)
'''


def test_an_encoder_of_one_file_makes_a_model_and_is_pretrained(tmp_path, monkeypatch):
    from engine.graph.batch import GraphBatch
    from engine.graph.graph import Graph
    from engine.nn.model import Model

    (tmp_path / "throwaway.py").write_text(ENCODER)
    _extend(monkeypatch, "encoder", tmp_path)
    found = component("encoder", "throwaway")
    batch = GraphBatch.from_graph(Graph.from_edges([0, 1], [1, 2], 3), np.eye(3, dtype=np.float32))
    encoder = found(found.parse({"strength": 2.0}), 3)
    assert Model(encoder, 2)(batch).shape == (3, 2)
    for objective in (kind for kind in registry("objective") if not kind.for_graphs):
        ready = objective(objective.Config())
        draw = torch.Generator().manual_seed(0)
        parts = ready.loss(encoder, ready.prepare(encoder, batch, draw), batch, draw)
        assert bool(torch.isfinite(parts["loss"])), objective.key
    monkeypatch.undo()
    del sys.modules["engine.nn.encoders.throwaway"]
    registry("encoder").rescan()
