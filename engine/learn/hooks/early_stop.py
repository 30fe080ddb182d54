"""End a stage that no longer makes progress on the monitored metric."""

from __future__ import annotations

from engine.learn.hooks._base import Hook, Loop


class EarlyStop(Hook):
    """Finish when the best checkpoint is `patience` epochs old.

    The count is a difference of epoch numbers, so a resumed stage stops where an uninterrupted one does.

    Args: patience: epochs without a new best; 0 never stops.
    """

    def __init__(self, patience: int) -> None:
        self._patience = patience

    def after_epoch(self, loop: Loop) -> None:
        """Compare the age of the best checkpoint with the patience."""
        if self._patience and loop.best_epoch and loop.epoch - loop.best_epoch >= self._patience:
            loop.end(f"no progress for {self._patience} epochs")
