"""What would change the answer most, by its gradient."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import EventSink, silent
from engine.graph.batch import GraphBatch
from engine.infer.explainers._base import Explainer, Explanation
from engine.infer.surroundings import Surroundings, frozen


class Gradient(Explainer):
    """Fast: how much the answer would change with each edge, by a gate of ones, and with each column's values.

    An edge counts the length of dy/dg at its gate g = 1, a column the length of the sum over nodes of x dy/dx. Here y
    are the logits of all classes about their mean, or the answer's odds alone: an edge that decides between two other
    classes matters too. Encoders that do not weigh their edges have these taken away one by one instead. For a whole
    graph y is the margin of the answer, a node counts the sum of x dy/dx over its columns, and an edge that of what it
    carries, with their signs; what an encoder does not read of its edges is taken away one by one.

    Source: Simonyan, Vedaldi and Zisserman (2014); gradient times input as Shrikumar et al. (2017) name it; occlusion
        as Zeiler and Fergus (2014).
    """

    key = "gradient"
    label = "Gradient"
    recommended = True

    class Config(ConfigBase):
        outputs: Literal["all", "answer"] = option("all", "Look at all classes, or at the odds of the answer alone.")

    config: Config

    def explain(
        self,
        around: Surroundings,
        *,
        seed: int = 0,
        sink: EventSink = silent,
        cancel: CancelToken | None = None,
    ) -> Explanation:
        """Return the scores; nothing is drawn at random."""
        if around.is_graph:
            return _of_graph(around)
        gated = around.has_gates()
        x = around.x.clone().requires_grad_(True)
        gate = torch.ones(around.num_edges, device=x.device, requires_grad=True)
        edges, columns = torch.zeros_like(gate), torch.zeros(x.shape[1], device=x.device)
        with frozen(around.model):
            for output in self._outputs(around, around.logits(x, gate=gate if gated else None)):
                (cancel or CancelToken()).check()
                by_x, by_gate = torch.autograd.grad(output, [x, gate], allow_unused=True, retain_graph=True)
                if by_x is not None:
                    columns += (x.detach() * by_x).sum(dim=0).square()
                if by_gate is not None:
                    edges += by_gate.square()
        found = edges.sqrt().double().cpu().numpy()
        if not gated:
            found = around.occluded(around.answer(), sink=sink, cancel=cancel)
        return Explanation(found, columns.sqrt().double().cpu().numpy())

    def _outputs(self, around: Surroundings, logits: Tensor) -> list[Tensor]:
        if self.config.outputs == "answer" or len(logits) < 2:
            return [around.margin(logits, around.answer())]
        return list(logits - logits.mean())


def _of_graph(around: Surroundings) -> Explanation:
    answer, batch = around.answer(), around.batch
    assert isinstance(batch, GraphBatch), "a whole graph is there as one"
    x = around.x.clone().requires_grad_(True)
    carried = None if batch.edge_attr is None else batch.edge_attr.detach().clone().requires_grad_(True)
    with frozen(around.model):
        margin = around.margin(around.logits(x, edge_attr=carried), answer)
        given = [x] if carried is None else [x, carried]
        by_x, *by_carried = torch.autograd.grad(margin, given, allow_unused=True)
    each = torch.zeros_like(x) if by_x is None else x.detach() * by_x
    if carried is None or by_carried[0] is None:
        edges = around.contributions(answer, "edges")
    else:
        # Both directions of an edge are one.
        sums = carried.new_zeros(around.num_edges)
        sums.index_add_(0, around.edge_of[0], (carried.detach() * by_carried[0]).sum(1))
        edges = sums.double().cpu().numpy()
    columns = each.sum(0).abs().double().cpu().numpy()
    return Explanation(edges, columns, each.sum(1).double().cpu().numpy())
