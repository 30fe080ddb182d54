"""Train the normalisations and low-rank additions to the weights."""

from __future__ import annotations

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.learn.optimisers import ParameterGroup, grouped
from engine.learn.options import OptimiserOptions
from engine.learn.strategies._base import Strategy, count_moving, let_only
from engine.nn.model import Model
from engine.nn.tuning import add_low_rank, low_rank_weights, norm_weights


class LoRA(Strategy):
    """Keep the pretrained weights and train low-rank additions to them, the normalisations and the head.

    Every two-dimensional weight W [F, H] becomes W + (α / r) A B with A [F, r] and B [r, H]; B begins at zero. A
    weight with fewer numbers than its addition moves itself.

    Source: Hu et al. (2022), "LoRA: low-rank adaptation of large language models", section 4.1; normalisations that
    train as in Frankle, Schwab and Morcos (2021), "Training BatchNorm and only BatchNorm".
    """

    key = "lora"
    label = "Norms and low-rank updates"

    class Config(ConfigBase):
        rank: int = option(4, "Rank of the additions: r in the paper.", ge=1, le=256)
        alpha: float = option(8.0, "How much the additions count: α in the paper.", gt=0, le=1000, advanced=True)
        encoder_factor: float = option(
            1.0, "Learning rate of the encoder relative to the head's.", gt=0, le=1, advanced=True
        )

    def extend(self, model: Model) -> None:
        """Give every two-dimensional weight of the encoder what is trained beside it."""
        add_low_rank(model.encoder, self.config.rank, self.config.alpha / self.config.rank)

    def apply(self, model: Model, optimiser: OptimiserOptions) -> list[ParameterGroup]:
        """Let additions, normalisations, small weights and the head move."""
        self.extend(model)
        let_only(model, [*low_rank_weights(model.encoder), *norm_weights(model.encoder), *model.head.parameters()])
        return grouped([model.encoder, model.head], optimiser, [self.config.encoder_factor, 1.0])

    def moved(self, model: Model) -> int:
        """Return the parameters that move."""
        return count_moving(model)
