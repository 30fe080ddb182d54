"""What would change the answer most, by its gradient."""

from __future__ import annotations

import torch

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.infer.explainers._base import Explainer, Explanation
from engine.infer.surroundings import Surroundings, frozen


class Gradient(Explainer):
    """Fast: multiplies each input by the gradient of the answer, for columns and, through a gate of ones, for edges.

    With y the logarithm of the answer's odds, or the value, a column counts |sum over nodes of x dy/dx| and an edge
    |dy/dg| at its gate g = 1. Encoders that do not weigh their
    edges have these taken away one by one instead.

    Source: Simonyan, Vedaldi and Zisserman (2014); gradient times input as Shrikumar et al. (2017) name it; occlusion
        as Zeiler and Fergus (2014).
    """

    key = "gradient"
    label = "Gradient"

    def explain(
        self,
        around: Surroundings,
        *,
        seed: int = 0,
        sink: EventSink = silent,
        cancel: CancelToken | None = None,
    ) -> Explanation:
        """Return the scores; nothing is drawn at random."""
        answer = around.answer()
        gated = around.has_gates()
        x = around.x.clone().requires_grad_(True)
        gate = torch.ones(around.num_edges, device=x.device, requires_grad=True)
        with frozen(around.model):
            margin = around.margin(around.logits(x, gate=gate if gated else None), answer)
            by_x, by_gate = torch.autograd.grad(margin, [x, gate], allow_unused=True)
        columns = torch.zeros(x.shape[1]) if by_x is None else (x.detach() * by_x).sum(dim=0).abs()
        if gated and by_gate is not None:
            edges = by_gate.abs().double().cpu().numpy()
        else:
            edges = around.occluded(answer, sink=sink, cancel=cancel)
        return Explanation(edges, columns.double().cpu().numpy())
