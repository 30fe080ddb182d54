"""Graph transformer: equal to torch_geometric's layer, exact and linear attention, several graphs in one batch."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from engine.core.errors import MismatchError, OptionError
from engine.graph.batch import GraphBatch
from engine.graph.blocks import restrict
from engine.graph.graph import Graph
from engine.nn.encoders.transformer import GraphTransformer
from engine.nn.global_attention import GlobalAttention, full_attention, linear_attention, padded_attention
from tests.engine.nn.graphs import small_batch, small_features, small_graph


def _encoder(**options) -> GraphTransformer:
    torch.manual_seed(0)
    encoder = GraphTransformer(GraphTransformer.parse({"width": 12, "heads": 3, **options}), 10)
    for parameter in encoder.parameters():
        parameter.data += 0.05  # biases begin at zero, which would hide a wrong one
    return encoder


def _parts(nodes: int = 7) -> tuple[torch.Tensor, ...]:
    draw = torch.Generator().manual_seed(0)
    return tuple(torch.randn(nodes, 2, 5, generator=draw) for _ in range(3))


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("local", ["convolution", "attention"])
def test_a_layer_equals_torch_geometrics_in_values_and_gradients(local, directed):
    layers = pytest.importorskip("torch_geometric.nn")
    encoder = _encoder(layers=1, local=local).eval()
    ours = encoder.layers[0]
    convolution = layers.GCNConv(12, 12) if local == "convolution" else layers.GATConv(12, 4, heads=3)
    theirs = layers.GPSConv(12, convolution, heads=3, norm="batch_norm").eval()
    convolution.lin.weight.data, convolution.bias.data = ours.local.weight.detach().t(), ours.local.bias.detach()
    if local == "attention":
        convolution.att_src.data, convolution.att_dst.data = ours.local.source[None].data, ours.local.target[None].data
    mapped = [(theirs.mlp[0], ours.first), (theirs.mlp[3], ours.second), (theirs.attn.out_proj, ours.everywhere.outer)]
    for copy, own in mapped:
        copy.weight.data, copy.bias.data = own.weight.detach().t().clone(), own.bias.detach().clone()
    theirs.attn.in_proj_weight.data = ours.everywhere.inner.weight.detach().t().clone()
    theirs.attn.in_proj_bias.data = ours.everywhere.inner.bias.detach().clone()
    norms = (ours.local_norm, ours.global_norm, ours.norm)
    for copy, own in zip((theirs.norm1, theirs.norm2, theirs.norm3), norms, strict=True):
        copy.module.load_state_dict(own.state_dict())
    h = torch.randn(12, 12, generator=torch.Generator().manual_seed(1), requires_grad=True)
    edges = torch.from_numpy(small_graph(directed=directed).edge_index())
    mine, other = ours(h, small_batch(directed=directed)), theirs(h, edges)
    torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-5)
    mine, other = (torch.autograd.grad(out.square().sum(), h)[0] for out in (mine, other))
    torch.testing.assert_close(mine, other, rtol=1e-3, atol=1e-4)


def test_full_attention_is_the_softmax_written_out():
    query, key, value = _parts()
    scores = torch.einsum("nhd,mhd->hnm", query, key) / 5**0.5
    torch.testing.assert_close(
        full_attention(query, key, value), torch.einsum("hnm,mhd->nhd", scores.softmax(-1), value)
    )


def test_linear_attention_is_its_weighted_mean_written_out():
    query, key, value = _parts()
    weights = torch.einsum("nhd,mhd->hnm", F.elu(query) + 1, F.elu(key) + 1)
    expected = torch.einsum("hnm,mhd->nhd", weights / weights.sum(-1, keepdim=True), value)
    torch.testing.assert_close(linear_attention(query, key, value), expected)


@pytest.mark.parametrize("full_up_to", [0, 5000])
def test_graphs_side_by_side_do_not_hear_each_other(full_up_to):
    encoder = _encoder(norm="layer", full_up_to=full_up_to).eval()
    one, features = small_batch(), small_features()
    source, target = small_graph().edge_index()
    both = Graph.from_edges(np.append(source, source + 12), np.append(target, target + 12), 24)
    double = GraphBatch.from_graph(both, np.concatenate([features, features[::-1]]))
    side_by_side = GraphBatch(double.indptr, double.indices, None, double.x, torch.tensor([0, 12, 24]), directed=False)
    torch.testing.assert_close(encoder(side_by_side)[:12], encoder(one), rtol=1e-4, atol=1e-5)


def test_the_kind_of_attention_is_decided_by_the_first_training_step_and_kept_with_the_weights():
    h = torch.randn(6, 8, generator=torch.Generator().manual_seed(0))
    small, large = torch.tensor([0, 6]), torch.randn(20, 8, generator=torch.Generator().manual_seed(1))
    attention = GlobalAttention(8, 2, full_up_to=10)
    untouched = attention.eval()(large, torch.tensor([0, 20]))
    attention.train()(h, small)
    other = GlobalAttention(8, 2, full_up_to=10).eval()
    other.load_state_dict(attention.state_dict())
    kept = other(large, torch.tensor([0, 20]))
    assert not torch.allclose(kept, untouched)
    exact = GlobalAttention(8, 2, full_up_to=100).eval()
    exact.load_state_dict({**attention.state_dict(), "kind": torch.tensor(0)})
    torch.testing.assert_close(kept, exact(large, torch.tensor([0, 20])))


def test_a_node_hears_nodes_that_no_path_leads_to():
    encoder = _encoder(norm="none").eval()
    x = torch.from_numpy(small_features())
    changed = x.clone()
    changed[11] += 1  # isolated
    assert not torch.allclose(encoder(small_batch(), x)[0], encoder(small_batch(), changed)[0])


def test_a_part_of_a_graph_is_refused():
    encoder, batch = _encoder(), small_batch()
    assert encoder.hops is None
    with pytest.raises(MismatchError, match="all nodes"):
        encoder(restrict(batch, torch.tensor([1]), 2))


def test_a_width_that_the_heads_cannot_share_is_refused():
    with pytest.raises(OptionError, match="12 cannot be shared by 5"):
        _encoder(heads=5)


def test_many_small_graphs_at_once_equal_one_by_one():
    sizes = torch.tensor([3, 0, 5, 1, 4])
    graph_ptr = torch.cat([torch.zeros(1, dtype=torch.int64), sizes.cumsum(0)])
    parts = torch.randn(13, 3, 2, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    together = padded_attention(parts, graph_ptr, 5)
    alone = torch.cat([full_attention(*part.unbind(1)) for part in parts.split(sizes.tolist())])
    torch.testing.assert_close(together, alone)
    along = torch.randn(together.shape, dtype=torch.float64)
    mine, other = (torch.autograd.grad(out, parts, along)[0] for out in (together, alone))
    torch.testing.assert_close(mine, other)
