"""Train small bottlenecks behind the pretrained layers."""

from __future__ import annotations

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import MismatchError
from engine.learn.optimisers import ParameterGroup, grouped
from engine.learn.options import OptimiserOptions
from engine.learn.strategies._base import Strategy, count, count_moving, let_only
from engine.nn.model import Model
from engine.nn.tuning import add_bottlenecks, bottleneck_widths, bottlenecks, norm_weights


class Adapter(Strategy):
    """Keep the pretrained weights and train a bottleneck behind each layer, the normalisations and the head.

    A bottleneck adds relu(h D) U to what its layer answers; U begins at zero. Its inner width is the largest with
    which everything that moves stays within a share of the model's own weights.

    Source: Houlsby et al. (2019), "Parameter-efficient transfer learning for NLP"; for graphs Li, Han and Bai (2024),
    "AdapterGNN: parameter-efficient fine-tuning improves generalization in GNNs".
    """

    key = "adapter"
    label = "Adapters"

    class Config(ConfigBase):
        share: float = option(0.06, "Most of the model's weights that may move, as a share.", gt=0, le=1)
        width: int = option(64, "Most numbers inside a bottleneck.", ge=1, le=4096, advanced=True)

    def extend(self, model: Model) -> None:
        """Put bottlenecks behind the layers, as wide as the share allows.

        Raises: MismatchError: not even the narrowest fits.
        """
        if not bottlenecks(model.encoder):
            model.encoder = add_bottlenecks(model.encoder, self._inner(model))

    def apply(self, model: Model, optimiser: OptimiserOptions) -> list[ParameterGroup]:
        """Let bottlenecks, normalisations and the head move."""
        self.extend(model)
        added = [p for one in bottlenecks(model.encoder) for p in one.parameters()]
        let_only(model, [*added, *norm_weights(model.encoder), *model.head.parameters()])
        return grouped([model.encoder, model.head], optimiser)

    def moved(self, model: Model) -> int:
        """Return the parameters that move."""
        return count_moving(model)

    def _inner(self, model: Model) -> int:
        if not any(True for _ in model.encoder.parameters()):
            raise MismatchError(
                "Adapters have nothing to stand behind: the encoder holds no weights before the output layer.",
                hint='Give the encoder more layers, or set its head to "linear".',
                path="finetune.type",
            )
        widths = bottleneck_widths(model.encoder)
        total = count(model)
        moves_anyway = count(model.head) + sum(p.numel() for p in norm_weights(model.encoder))
        once, each = sum(widths), 2 * sum(widths) + len(widths)
        inner = int((self.config.share * total - moves_anyway - once) // each)
        if inner < 1:
            raise MismatchError(
                f"Adapters do not fit into {100 * self.config.share:g} % of the model's {total} weights: the head and "
                f"the normalisations have {moves_anyway}, and the narrowest adapters {once + each}.",
                hint="Choose a wider encoder, a larger share (finetune.share), or another strategy.",
                path="finetune.share",
            )
        return min(inner, int(self.config.width))
