"""Dense work over the rows of large tables, some rows at a time: what one operation writes, the next reads while near.

Each piece is one thread's, and threads share the pieces: none waits for another within a product. What makes a piece
depends on the table alone, so the numbers of a large table do not depend on how many threads there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.graph.buffers import empty_table
from engine.graph.products import finish_, kernels_for, unfinished

# Numbers of a piece of the widest table: what stays near a core beside the other tables.
_PIECE = 1 << 18
# Sums over rows are taken in this many parts; not by the number of threads, which must not decide their last digits.
_GROUPS = 32


@dataclass(frozen=True, slots=True)
class Outer:
    """A gradient [N, W] that is not written out: left [N, M] times right [W, M] turned."""

    left: Tensor
    right: Tensor


def matmul_finished(
    x: Tensor, weight: Tensor, bias: Tensor | None, *, positive: bool, out: Tensor | None = None
) -> Tensor:
    """Return x weight + bias, cut off below zero where `positive`.

    Args: x: [N, F]. weight: [F, W]. bias: [W] or None. out: [N, W] to fill; None makes one.
    """
    table = empty_table(x.shape[0], weight.shape[1], x) if out is None else out

    def work(part: slice, _: Sequence[Tensor]) -> None:
        finish_(torch.mm(x[part], weight, out=table[part]), bias, positive=positive)

    _by_rows(x, max(weight.shape), work)
    return table


def matmul_back(x: Tensor, weight: Tensor, gradient: Tensor, by_x: Tensor | None) -> Tensor:
    """Return the gradient of the weight [F, W] in x weight, and fill that of x [N, F] where it is given.

    Args: gradient: of the product, [N, W].
    """

    def work(part: slice, sums: Sequence[Tensor]) -> None:
        sums[0].addmm_(x[part].t(), gradient[part])
        if by_x is not None:
            torch.mm(gradient[part], weight.t(), out=by_x[part])

    return _by_rows(x, max(weight.shape), work, weight.shape)[0]


def finish_back(out: Tensor, gradient: Tensor | None, outers: Sequence[Outer]) -> Sequence[Tensor]:
    """Go back through bias and rectifier: return the gradients of the table [N, W] and of the bias [W].

    Args: out: what came out, [N, W]. gradient: of it, [N, W] or None, and `outers` to be added to it.
    """
    table = empty_table(out.shape[0], out.shape[1], out)

    def work(part: slice, sums: Sequence[Tensor]) -> None:
        sums[0].add_(_passed(out[part], gradient, outers, part, table[part])[1])

    return table, _by_rows(out, out.shape[1], work, out.shape[1:])[0]


def first_back(x: Tensor, out: Tensor, gradient: Tensor | None, outers: Sequence[Outer]) -> Sequence[Tensor]:
    """Return the gradients of weight [F, W] and bias [W] in max(0, x weight + bias), where x wants none.

    The gradient of the table is never there as a whole. Args: as `finish_back`, x: [N, F].
    """

    def work(part: slice, sums: Sequence[Tensor]) -> None:
        here = out[part]
        table, by_bias = _passed(here, gradient, outers, part, torch.empty_like(here))
        sums[0].addmm_(x[part].t(), table)
        sums[1].add_(by_bias)

    widths = (x.shape[1], out.shape[1])
    return _by_rows(x, max(widths), work, widths, out.shape[1:])


def _passed(
    out: Tensor, gradient: Tensor | None, outers: Sequence[Outer], part: slice, table: Tensor
) -> Sequence[Tensor]:
    """Fill a table with some rows of the whole gradient, as far as they pass the rectifier; return it and its sum."""
    for number, outer in enumerate(outers):
        left, right = outer.left[part], outer.right.t()
        if number:
            table.addmm_(left, right)
        elif gradient is None:
            torch.mm(left, right, out=table)
        else:
            torch.addmm(gradient[part], left, right, out=table)
    if not outers:
        assert gradient is not None, "there is a gradient"
        table.copy_(gradient[part])
    back = unfinished(table, out, positive=True, in_place=True)
    return back.table, back.bias


def _by_rows(
    x: Tensor, width: int, work: Callable[[slice, Sequence[Tensor]], None], *shapes: Sequence[int]
) -> list[Tensor]:
    """Call `work` for all rows of x, with tables of zeros to add to; return what they add up to.

    Args: width: numbers of a row where it is widest. shapes: of the tables.
    """
    rows = x.shape[0]
    pieces = -(-rows * width // _PIECE) if kernels_for(x) is not None else 1
    groups = max(1, min(pieces, _GROUPS))
    sums = [x.new_zeros(groups, *shape) for shape in shapes]
    if pieces < 2:
        work(slice(0, rows), [table[0] for table in sums])
        return [table[0] for table in sums]
    from engine.graph.kernels import run_pieces

    def run(first: int, last: int) -> None:
        # Whoever comes takes a group. What is inside it asks for no further threads, and wants no gradients there.
        torch.set_num_threads(1)
        with torch.no_grad():
            for group in range(first, last):
                own = [table[group] for table in sums]
                for piece in range(pieces * group // groups, pieces * (group + 1) // groups):
                    work(slice(rows * piece // pieces, rows * (piece + 1) // pieces), own)

    threads = torch.get_num_threads()
    try:
        run_pieces(run, (), list(range(groups + 1)), threads)
    finally:
        torch.set_num_threads(threads)
    return [table.sum(0) for table in sums]
