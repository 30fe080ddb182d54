"""How many threads of torch one operation is worth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

# Multiply-adds below which waking a second thread and waiting for it costs more than it saves: of GIN on molecules,
# steps of 3 million are a tenth slower with two threads, steps of 24 million a fifth faster.
_SMALL = 12_000_000


@contextmanager
def threads_for(work: float) -> Iterator[None]:
    """Let torch's operations inside use one thread where they are small, otherwise as many as before.

    Args: work: multiply-adds of the largest of them.
    """
    threads = torch.get_num_threads()
    if work >= _SMALL or threads == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
