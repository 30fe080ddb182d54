"""Weights beside a model's own, which fine-tuning trains while the model stays as it was pretrained."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch
from engine.graph.blocks import AnyBatch
from engine.graph.features import RowShift
from engine.graph.graph import Graph
from engine.nn.encoders._base import Encoder, Features, Step
from engine.nn.heads import Head
from engine.nn.layers import Linear

# Enough nodes for a path, so that every kind of layer has somebody to listen to.
_LOOKED_AT = 4


class LowRank(nn.Module):
    """W + A B for a weight W [F, H] that stays: A [F, R] begins at random, B [R, H] at zero.

    Source: Hu et al. (2022), "LoRA: low-rank adaptation of large language models", section 4.1.
    """

    def __init__(self, weight: Tensor, rank: int, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.a = nn.Parameter(torch.empty(weight.shape[0], rank, dtype=weight.dtype, device=weight.device))
        self.b = nn.Parameter(torch.zeros(rank, weight.shape[1], dtype=weight.dtype, device=weight.device))
        # By the numbers that a row of x has, so that x A is about as large as x, whatever the rank.
        reach = float(weight.shape[0]) ** -0.5
        nn.init.uniform_(self.a, -reach, reach)

    def forward(self, weight: Tensor) -> Tensor:
        """Return the weight that is used instead."""
        return torch.addmm(weight, self.a, self.b, alpha=self.scale)


class Bottleneck(nn.Module):
    """h + relu(h D + d) U + u, as a hook behind another module; U begins at zero, so that nothing changes at first.

    Args: width: H, numbers of h. inner: numbers of the bottleneck.
    Source: Houlsby et al. (2019), "Parameter-efficient transfer learning for NLP", section 2.1.
    """

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.down, self.up = Linear(width, inner), Linear(inner, width)
        nn.init.zeros_(self.up.weight)

    def forward(self, module: nn.Module, given: Any, h: Tensor) -> Tensor:  # Any: what the module was called with
        """Return what follows instead of h [N, H]."""
        return h + self.up(self.down(h).relu())  # type: ignore[no-any-return]  # modules are untyped callables


class Prompt(nn.Module):
    """One learned vector added to the features of every node; it begins at zero.

    Args: width: F, columns of the features.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.vector = nn.Parameter(torch.zeros(width))

    def forward(self, x: Features) -> Features:
        """Return x [N, F] with the vector added; sparse x stays sparse.

        Raises: MismatchError: x is sparse and carries another vector already.
        """
        if isinstance(x, Tensor):
            return x + self.vector
        if x.shift is not None:
            raise MismatchError(
                "A prompt cannot be added to sparse features of which some are hidden behind a token.",
                hint="Choose another strategy, or another objective beside it.",
            )
        rows = torch.ones(x.shape[0], dtype=x.dtype, device=x.device)
        return type(x)(x.pattern, x.values, RowShift(rows, self.vector))


class Wrapped(Encoder):
    """An encoder with something before or behind it, of its own weights.

    Args: inner: the encoder. before: changes the features. behind: changes the node vectors, as a hook does.
    """

    def __init__(self, inner: Encoder, before: Prompt | None = None, behind: Bottleneck | None = None) -> None:
        super().__init__(inner.config, inner.in_width, inner.edge_width)
        self.inner, self.before, self.behind = inner, before, behind
        self.out_width = inner.out_width

    @property
    def hops(self) -> int | None:
        """As the encoder inside."""
        return self.inner.hops

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`."""
        if self.before is not None:
            x = self.before(batch.x if x is None else x)
        return self._after(self.inner(batch, x))

    def stages(self) -> list[Step] | None:
        """Return the steps of the encoder inside, the first and last with what is wrapped around; see `Encoder`."""
        stages = self.inner.stages()
        if not stages:
            return None
        return [self._stage(stages, number) for number in range(len(stages))]

    def blocks(self) -> list[nn.Module]:
        """As the encoder inside."""
        return self.inner.blocks()

    def make_head(self, width: int) -> Head:
        """As the encoder inside."""
        return self.inner.make_head(width)

    def _stage(self, stages: list[Step], number: int) -> Step:
        def step(h: Features, block: Any) -> Features:  # Any: a block, as `Step` has it
            if number == 0 and self.before is not None:
                h = self.before(h)
            h = stages[number](h, block)
            return self._after(h) if number == len(stages) - 1 else h

        return step

    def _after(self, h: Features) -> Features:
        if self.behind is None:
            return h
        assert isinstance(h, Tensor), "only an encoder with weights gets something behind it"
        return cast("Tensor", self.behind(self.inner, None, h))


def add_low_rank(encoder: Encoder, rank: int, scale: float) -> None:
    """Give every two-dimensional weight of an encoder a low-rank addition, once; smaller weights are left alone."""
    if _additions(encoder):
        return
    for module in list(encoder.modules()):
        weight = module._parameters.get("weight")
        if weight is not None and weight.dim() == 2 and rank * sum(weight.shape) < weight.numel():
            parametrize.register_parametrization(module, "weight", LowRank(weight, rank, scale))


def low_rank_weights(encoder: Encoder) -> list[nn.Parameter]:
    """Return the additions, and the two-dimensional weights that are too small to have one."""
    found = [p for addition in _additions(encoder) for p in addition.parameters()]
    own = (module._parameters.get("weight") for module in encoder.modules())
    return found + [weight for weight in own if weight is not None and weight.dim() == 2]


def _additions(encoder: Encoder) -> list[LowRank]:
    return [module for module in encoder.modules() if isinstance(module, LowRank)]


def norm_weights(encoder: nn.Module) -> list[nn.Parameter]:
    """Return the weights of all normalisations."""
    kinds = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm)
    return [p for module in encoder.modules() if isinstance(module, kinds) for p in module.parameters()]


def bottlenecks(encoder: Encoder) -> list[Bottleneck]:
    """Return the bottlenecks that an encoder has."""
    return [module for module in encoder.modules() if isinstance(module, Bottleneck)]


def bottleneck_widths(encoder: Encoder) -> list[int]:
    """Return the width at every place where `add_bottlenecks` will put one."""
    return list(_block_widths(encoder).values()) or [encoder.out_width]


def add_bottlenecks(encoder: Encoder, inner: int) -> Encoder:
    """Put a bottleneck behind every block of an encoder, or behind the whole where its blocks are never called.

    Returns: the encoder to use from now on.
    """
    first = next(encoder.parameters())
    widths = _block_widths(encoder)
    if not widths:
        return Wrapped(encoder, behind=Bottleneck(encoder.out_width, inner).to(first.device, first.dtype))
    blocks = encoder.blocks()
    added = nn.ModuleList(Bottleneck(width, inner) for width in widths.values()).to(first.device, first.dtype)
    encoder.add_module("bottlenecks", added)
    for number, bottleneck in zip(widths, added, strict=True):
        blocks[number].register_forward_hook(bottleneck)
    return encoder


def _block_widths(encoder: Encoder) -> dict[int, int]:
    """Return the width of what each of the encoder's blocks answers, by its number.

    Found by one pass over a path of four nodes without features, so it depends on nothing but the encoder. Blocks that
    are never called, as their weights are used directly, are left out.
    """
    first = next(encoder.parameters())
    numbers = torch.arange(_LOOKED_AT - 1).numpy()
    graph = Graph.from_edges(numbers, numbers + 1, _LOOKED_AT)
    x = torch.zeros(_LOOKED_AT, encoder.in_width)
    batch = GraphBatch.from_graph(graph, x.numpy(), first.device).with_x(x.to(first.device, first.dtype))
    if encoder.edge_width:
        batch = replace(batch, edge_attr=first.new_zeros(batch.num_edges, encoder.edge_width))
    found: dict[int, int] = {}

    def note(number: int) -> Any:  # Any: a hook
        def hook(module: nn.Module, given: Any, h: Any) -> None:  # Any: what modules take and return
            if isinstance(h, Tensor) and h.dim() == 2:
                found[number] = int(h.shape[1])

        return hook

    hooks = [block.register_forward_hook(note(number)) for number, block in enumerate(encoder.blocks())]
    modes = [(module, module.training) for module in encoder.modules()]
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            encoder.eval()(batch)
    finally:
        for module, mode in modes:
            module.training = mode
        for one in hooks:
            one.remove()
    return found
