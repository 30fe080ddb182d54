"""Losses that tolerate wrong labels."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def generalised_cross_entropy(logits: Tensor, target: Tensor, q: float, weight: Tensor | None = None) -> Tensor:
    """Return the mean of (1 - p^q) / q, where p is the probability of the stated class.

    A stated class that the model finds unlikely pulls with p^q of the force it has under cross-entropy, so a wrong
    label loses its grip as the others are learnt. As q goes to 0 this is cross-entropy; with q = 1 it is half the
    absolute error.

    Args: logits: shape [n, C]. target: int64 [n]. q: in (0, 1]. weight: of each class [C], None for equal ones;
        the mean is then a weighted one, as torch's cross-entropy has it.
    Source: Zhang and Sabuncu (2018), "Generalized cross entropy loss for training deep neural networks with noisy
        labels", equation 6.
    """
    log_shares = functional.log_softmax(logits, dim=1).gather(1, target[:, None])[:, 0]
    # exp(q log p) - 1 through expm1: exact where p is near 1.
    each = -(q * log_shares).expm1() / q
    if weight is None:
        return each.mean()
    own = weight[target]
    return (own * each).sum() / own.sum()
