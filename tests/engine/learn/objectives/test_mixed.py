"""Several objectives at once: the weighted sum, and what is refused."""

import pytest
import torch

from engine.core.errors import OptionError, UnknownComponentError
from engine.learn.objectives.dgi import DGI
from engine.learn.objectives.links import Links
from engine.learn.objectives.mixed import Mixed
from tests.engine.learn.objectives.graphs import encoder_for, two_halves


def test_the_loss_is_the_weighted_sum_of_each_one_s_own():
    batch = two_halves()
    encoder = encoder_for(batch)
    mixed = Mixed(Mixed.Config(objectives=("dgi", "links"), weights=(2.0, 0.5), options={"links": {"edges": 40}}))
    heads = mixed.prepare(encoder, batch, torch.Generator().manual_seed(0))
    found = mixed.loss(encoder, heads, batch, torch.Generator().manual_seed(1))

    draw = torch.Generator().manual_seed(1)
    dgi = DGI(DGI.Config()).loss(encoder, heads["dgi"], batch, draw)["loss"].item()
    links = Links(Links.Config(edges=40)).loss(encoder, heads["links"], batch, draw)["loss"].item()
    assert found["dgi"].item() == pytest.approx(dgi, rel=1e-6)
    assert found["links"].item() == pytest.approx(links, rel=1e-6)
    assert found["loss"].item() == pytest.approx(2 * dgi + 0.5 * links, rel=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {"objectives": ()},
        {"objectives": ("dgi", "dgi")},
        {"objectives": ("mixed", "dgi")},
        {"objectives": ("dgi", "links"), "weights": (1.0,)},
        {"objectives": ("dgi",), "weights": (0.0,)},
    ],
)
def test_what_cannot_be_weighted_is_refused_with_its_place(options):
    with pytest.raises(OptionError, match=r"objectives|weights"):
        Mixed(Mixed.Config(**options))


def test_an_unknown_objective_is_told():
    with pytest.raises(UnknownComponentError, match="nothing"):
        Mixed(Mixed.Config(objectives=("nothing",)))


def test_what_one_of_them_needs_all_need():
    config = Mixed.Config(objectives=("dgi", "descriptors"), options={"descriptors": {"numbers": "motifs"}})
    assert Mixed(config).needs_graphs()
    assert dict(Mixed(config).wanted()) == {"motifs": ()}
    assert not Mixed(Mixed.Config(objectives=("dgi", "links"))).needs_graphs()
