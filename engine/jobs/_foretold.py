"""What is foretold of a run: seconds, memory, and the sentence that says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Costs:
    """What a few steps of a recipe took.

    Args: epoch: seconds of one epoch of `pretrain` (where there is one) and `finetune`. answer: seconds of the logits
        of every node. extra: bytes that the steps took beside data and features.
    """

    epoch: Mapping[str, float]
    answer: float
    extra: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will cost.

    Args: parts: seconds of reading, floors, pretraining, scratch, finetuning, and writing. bytes: largest memory.
        free: bytes that are free now, 0 where it is unknown. epoch_seconds: of the stages pretrain and finetune.
    """

    parts: Mapping[str, float]
    bytes: int
    free: int = 0
    epoch_seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """All of it."""
        return sum(self.parts.values())

    @property
    def sentence(self) -> str:
        """Return it in words."""
        free = f"; {_size(self.free)} are free" if self.free else ""
        return f"About {_words(self.seconds)} and {_size(self.bytes)} of memory on this machine{free}."

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return `{seconds, bytes, free, sentence, parts, epoch_seconds}`."""
        return {
            "seconds": round(self.seconds, 1),
            "bytes": self.bytes,
            "free": self.free,
            "sentence": self.sentence,
            "parts": {name: round(seconds, 2) for name, seconds in self.parts.items()},
            "epoch_seconds": dict(self.epoch_seconds),
        }


def _words(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{count / 2**20:.0f} MB"
