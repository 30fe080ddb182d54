"""What is read of an encoder's layers: the last one, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

JumpName = Literal["none", "cat", "max"]


def joined(kept: Sequence[Tensor], how: JumpName) -> Tensor:
    """Return the last of several tables [T, H], all side by side [T, L H], or the largest of their numbers [T, H].

    Source: Xu et al. (2018), "Representation learning on graphs with jumping knowledge networks", section 4.
    """
    if how == "none" or len(kept) == 1:
        return kept[-1]
    return torch.cat(list(kept), dim=1) if how == "cat" else torch.stack(list(kept)).amax(dim=0)


def joined_width(width: int, layers: int, how: JumpName) -> int:
    """Return the columns of what `joined` makes of some layers of one width."""
    return width * max(1, layers) if how == "cat" else width
