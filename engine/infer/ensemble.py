"""Several trained models of one split answer as one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from engine.learn.tasks._base import FittedTask


def average(task: FittedTask, answers: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the logits of the mean probability, or of the mean value, of several models.

    The models must have been trained on the same train items and chosen on the same valid items: with other masks a
    model would answer for nodes that another one was judged by. A single answer comes back as it is.

    Args: task: that all of them were trained for. answers: logits of each, shape [N, width], at least one.
    Returns: shape [N, width].
    Source: Lakshminarayanan, Pritzel and Blundell (2017), "Simple and scalable predictive uncertainty estimation using
        deep ensembles", section 2.4.
    """
    count, total, first = 0, None, None
    for logits in answers:
        part = task.estimate(logits)
        first = logits if first is None else first
        total = part if total is None else total + part
        count += 1
    assert total is not None
    assert first is not None
    if count == 1:
        return first
    return task.to_logits(total / count)
