"""What a task owns: the target's coding, the head's width, the loss, the scores, and logits to columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from engine.core.component import Component, Config, option
from engine.core.events import EventSink, silent
from engine.data.items import Level
from engine.data.splits._base import Split
from engine.graph.batch import GraphBatch
from engine.nn.heads import Head

TaskKind = Literal["binary", "multiclass", "multilabel", "regression", "sequence"]
Target = NDArray[Any]  # Any: int64 codes with -1 for unknown, or float64 with NaN for unknown


class TaskConfig(Config):
    """What every task says."""

    target: str = option(..., "Column that holds what is to be predicted.", column="target")


class FittedTask(ABC):
    """A task that has seen the train items: what is needed to train, to score and to decode, saved with the model.

    `key` (of the task), `kind`, `target_name`, `width` (columns of logits), `class_names` (empty for regression),
    `main_metric` (decides the best checkpoint and is what a run reports) and `maximise` (whether more of it is better)
    are facts.
    """

    key: str
    kind: TaskKind
    target_name: str
    width: int
    class_names: tuple[str, ...]
    main_metric: str
    maximise: bool

    @abstractmethod
    def encode(self, values: NDArray[np.object_]) -> Target:
        """Code the target column.

        Args: values: cells, shape [N] text, None for an empty cell.
        Returns: shape [N]; int64 class codes with -1 for what is unknown, or float64 with NaN.
        """

    @abstractmethod
    def loss(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the mean loss over items whose target is known.

        Args: logits: shape [n, width] float32. target: shape [n], int64 or float32, no unknowns, n ≥ 1.
        """

    @abstractmethod
    def main_score(self, logits: torch.Tensor, target: torch.Tensor) -> float:
        """Return the main metric alone, cheaply enough for every epoch; NaN where it is undefined.

        Args: as `loss`.
        """

    @abstractmethod
    def scores(self, logits: NDArray[np.float32], target: Target) -> dict[str, float]:
        """Return every metric of the task; unknown targets are left out, and so is a metric that is undefined.

        Args: logits: shape [n, width]. target: shape [n] as `encode` returns it.
        """

    @abstractmethod
    def decode(self, logits: NDArray[np.float32]) -> pd.DataFrame:
        """Turn logits into columns: `predicted`, and for classes `confidence` and one `p_<class>` each.

        Args: logits: shape [N, width].
        """

    @abstractmethod
    def report(self, logits: NDArray[np.float32], target: Target) -> dict[str, Any]:  # Any: JSON values
        """Return what a reader wants to know beyond one number, as JSON values.

        Args: logits: shape [n, width]. target: shape [n] as `encode` returns it; unknowns are left out.
        """

    @abstractmethod
    def estimate(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities or values in the target's unit: what `to_logits` turns back.

        Returns: shape [n, C] for classes, [n] for a value, [n, T] for several columns.
        """

    @abstractmethod
    def to_logits(self, estimate: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the logits that decode to an estimate made elsewhere (a floor, a ridge regression).

        Args: estimate: probabilities, shape [n, C], rows sum to one; or values in the target's unit, shape [n].
        Returns: shape [n, width].
        """

    @abstractmethod
    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return the fitted state; `type` is the key of the task."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the target's columns."""
        return (self.target_name,)

    def alone(self, column: str) -> FittedTask:
        """Return the task of one of its columns, whose logits are that column's; with a single one, the task itself.

        Args: column: one of `columns`.
        """
        return self

    def make_head(self, in_width: int) -> Head | None:
        """Return a head of the task's own for vectors of `in_width` numbers; None takes the encoder's or readout's."""
        return None

    def told(self, batch: GraphBatch, target: Target) -> GraphBatch:
        """Return the graphs with what a model is told of the target beside them: for most tasks nothing."""
        return batch

    def tolerant(self, q: float) -> FittedTask:
        """Return the task with a loss in which wrong labels pull less; of a task that has none, the task itself.

        Args: q: how tolerant, in (0, 1].
        """
        return self

    def known(self, target: Target) -> NDArray[np.bool_]:
        """Return which items have a target, shape [n]."""
        known = ~np.isnan(target) if target.dtype.kind == "f" else target >= 0
        return known if known.ndim == 1 else np.asarray(known.any(axis=1))

    def prior(self, target: Target) -> NDArray[np.float64]:
        """Return the estimate that looks at nothing: class shares [C], the mean [1], or the means [T] of known targets.

        Args: target: of train items, as `encode` returns it.
        """
        if target.ndim == 2:
            known = ~np.isnan(target)
            return np.asarray(np.where(known, target, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
        known = target[self.known(target)]
        if self.kind == "regression":
            return np.asarray([known.mean()], dtype=np.float64)
        return np.asarray(np.bincount(known, minlength=self.width) / len(known))

    def tensor(self, target: Target, device: torch.device) -> torch.Tensor:
        """Return the target as the loss wants it: int64 codes or float32 values."""
        wanted = torch.float32 if target.dtype.kind == "f" else torch.int64
        return torch.as_tensor(target).to(device=device, dtype=wanted)


class Task(Component):
    """Base of all tasks: a target column of nodes, or of whole graphs.

    `level` says which of them are its items.

    Args: config: the task's own options.
    """

    Config: ClassVar[type[Config]] = TaskConfig
    is_class: ClassVar[bool] = True
    level: ClassVar[Level]

    def __init__(self, config: Any) -> None:  # Any: the subclass's own Config
        self.config = config

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the target's columns."""
        return (self.config.target,)

    @property
    def stratifies(self) -> bool:
        """Whether the parts of a split keep the shares of the classes."""
        return self.is_class

    def draft(self, values: NDArray[np.object_]) -> Target:
        """Code the target for splitting alone, before anything is fitted.

        Returns: shape [N]; int64 codes over all values seen with -1 for unknown, or float64 with NaN.
        Raises: RoleError: no cell of the column has a usable value.
        """
        raise NotImplementedError

    def fit(self, values: NDArray[np.object_], split: Split, *, sink: EventSink = silent) -> FittedTask:
        """Learn class names or the target's scale from the train items alone.

        Args: values: cells of the target column, shape [N] text, None for empty. split: masks of shape [N].
        Raises: RoleError: the train part has no target, or fewer than two classes.
        """
        raise NotImplementedError

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> FittedTask:  # Any: JSON values
        """Rebuild what `FittedTask.to_plain` wrote."""
        raise NotImplementedError
