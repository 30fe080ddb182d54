"""What a hook sees of the training loop, and where it may step in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Loop(Protocol):
    """The running fit as hooks see it."""

    @property
    def stage(self) -> str:
        """Name of the stage: pretrain, scratch, finetune."""
        ...

    @property
    def epoch(self) -> int:
        """Number of the current epoch, counted from 1."""
        ...

    @property
    def best_epoch(self) -> int:
        """Epoch of the best checkpoint so far, 0 when there is none yet."""
        ...

    def end(self, reason: str) -> None:
        """Finish after this epoch; the best checkpoint is the result."""
        ...

    def save(self) -> None:
        """Hand a resumable snapshot to the checkpoint sink, if there is one."""
        ...


class Hook:
    """Base of all hooks: every method may be left as it is."""

    def after_step(self, loop: Loop, losses: Mapping[str, float]) -> None:
        """Look at the losses before they move a weight. It may raise to end the stage."""

    def after_epoch(self, loop: Loop) -> None:
        """Look at the finished epoch; the best checkpoint is up to date."""

    def at_interruption(self, loop: Loop) -> None:
        """React to Stop or Cancel; the loop stands between two epochs or two steps."""
