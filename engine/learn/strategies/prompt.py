"""Train one vector that is added to every node's features."""

from __future__ import annotations

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.learn.optimisers import ParameterGroup, grouped
from engine.learn.options import OptimiserOptions
from engine.learn.strategies._base import Strategy, count_moving, let_only
from engine.nn.model import Model
from engine.nn.tuning import Prompt, Wrapped


class FeaturePrompt(Strategy):
    """Keep the encoder as it is, and train the head and one vector that is added to the features of every node.

    The encoder is a fixed function: no dropout, and its normalisations keep the statistics they have. Sparse features
    stay sparse: the vector is carried beside them.

    Source: Fang et al. (2023), "Universal prompt tuning for graph neural networks", section 3.2 (GPF).
    """

    key = "prompt"
    label = "Feature prompt"

    class Config(ConfigBase):
        factor: float = option(1.0, "Learning rate of the vector relative to the head's.", gt=0, le=100, advanced=True)

    def extend(self, model: Model) -> None:
        """Put the vector in front of the encoder."""
        if not isinstance(model.encoder, Wrapped):
            first = next(model.parameters())
            prompt = Prompt(model.encoder.in_width).to(first.device, first.dtype)
            model.encoder = Wrapped(model.encoder, before=prompt)

    def apply(self, model: Model, optimiser: OptimiserOptions) -> list[ParameterGroup]:
        """Let vector and head move; the vector is the first layer that moves, so it decays."""
        self.extend(model)
        assert isinstance(model.encoder, Wrapped), "it has just been wrapped"
        assert model.encoder.before is not None, "with a vector"
        let_only(model, [*model.encoder.before.parameters(), *model.head.parameters()])
        return grouped([model.encoder.before, model.head], optimiser, [self.config.factor, 1.0])

    def on_epoch(self, model: Model, epoch: int) -> None:
        """Keep the encoder in evaluation mode."""
        model.train()
        model.encoder.eval()

    def moved(self, model: Model) -> int:
        """Return the parameters of vector and head."""
        return count_moving(model)
