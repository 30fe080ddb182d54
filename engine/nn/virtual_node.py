"""One more node a graph, joined to all others: what is far apart hears of each other in two steps."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch
from engine.graph.blocks import AnyBatch
from engine.nn.layers import Linear, NormName, make_norm
from engine.nn.segments import pool, spread


class VirtualNode(nn.Module):
    """Between two layers v = v + MLP(v + sum of h) for each graph, and then h + v for each of its nodes; v begins at 0.

    The MLP is linear, norm, rectifier, linear, norm, rectifier, with twice the width inside.

    Args: width: H. layers: of the encoder; between them stand one fewer of these. norm: of the MLP.
    Source: Gilmer et al. (2017), "Neural message passing for quantum chemistry", section 5.2; the update as in Hu et
        al. (2020), "Open graph benchmark", appendix, with its residual connection. There v is learnt at the start.
    """

    def __init__(self, width: int, layers: int, norm: NormName) -> None:
        super().__init__()
        self.updates = nn.ModuleList(
            nn.Sequential(
                Linear(width, 2 * width),
                make_norm(norm, 2 * width),
                nn.ReLU(),
                Linear(2 * width, width),
                make_norm(norm, width),
                nn.ReLU(),
            )
            for _ in range(layers - 1)
        )

    def forward(self, number: int, h: Tensor, v: Tensor | None, batch: AnyBatch) -> tuple[Tensor, Tensor]:
        """Return h [N, H] with the graphs' vectors added, and these [B, H], after the layer of a number.

        Args: v: what came out at the layer before, None at the first.
        Raises: MismatchError: the batch is no whole graph.
        """
        if not isinstance(batch, GraphBatch):
            raise MismatchError("A virtual node needs all nodes of a graph at once.", hint="Choose another loader.")
        heard = pool(h, batch.graph_ptr, "sum")
        v = torch.zeros_like(heard) if v is None else v
        v = v + self.updates[number](v + heard)
        return h + spread(v, batch.graph_ptr, batch.num_nodes), v
