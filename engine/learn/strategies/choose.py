"""Try a few strategies on valid, and keep the best."""

from __future__ import annotations

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import MismatchError, OptionError
from engine.learn.optimisers import ParameterGroup
from engine.learn.options import OptimiserOptions
from engine.learn.strategies import STRATEGIES
from engine.learn.strategies._base import Strategy
from engine.nn.model import Model


class Choose(Strategy):
    """Try a few strategies for some epochs each, and go on with the one that is best on valid.

    The epochs are shared out equally. Each trial starts from the pretrained encoder with the same head; of equals the
    one named first is taken. The training itself then starts from the beginning with what was chosen.

    Source: the fixed budget over all candidates of Bergstra and Bengio (2012), "Random search for hyper-parameter
    optimization", with four candidates instead of draws.
    """

    key = "choose"
    label = "Choose for me"

    class Config(ConfigBase):
        among: tuple[str, ...] = option(
            ("head_only", "lora", "adapter", "head_first"), "Keys of the strategies, the cheapest first."
        )
        budget: int = option(120, "Epochs of all trials together.", ge=1, le=100000, unit="epochs")

    def candidates(self) -> list[Strategy]:
        """Return what is tried, in turn.

        Raises: OptionError, UnknownComponentError: a key is not that of a strategy to choose.
        """
        if not self.config.among or self.key in self.config.among:
            raise OptionError(
                f'"among" is {list(self.config.among)}: it names one or more strategies other than this.',
                hint='For example ["head_only", "lora", "head_first"].',
                path="finetune.among",
            )
        kinds = [STRATEGIES.get(key, "finetune.among") for key in self.config.among]
        return [kind(kind.parse({})) for kind in kinds]

    def epochs(self) -> int:
        """Return the epochs of one trial."""
        return max(1, int(self.config.budget) // len(self.config.among))

    def apply(self, model: Model, optimiser: OptimiserOptions) -> list[ParameterGroup]:
        """Refuse: it is one of its candidates that trains.

        Raises: MismatchError.
        """
        raise MismatchError(
            f'"{self.label}" is a choice among strategies and trains nothing itself.',
            hint="Choose first, with engine.learn.choosing, or name the strategy.",
        )
