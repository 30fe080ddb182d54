"""Ask the processor for a row of a table before it is needed, from inside a compiled function."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# Any, all through this file: numba and llvmlite have no types.
_LINE = 64  # bytes of a cache line
_I32, _I64, _BYTES = ir.IntType(32), ir.IntType(64), ir.IntType(8).as_pointer()


def _fetch_row(typing, table, row):  # type: ignore[no-untyped-def]  # numba reads the names
    """Fetch table[row], where the table is in C order and has three axes; the row has to exist."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        size = context.get_abi_sizeof(context.get_value_type(signature.args[0].dtype))
        columns = builder.mul(builder.extract_value(array.shape, 1), builder.extract_value(array.shape, 2))
        start = builder.bitcast(builder.gep(array.data, [builder.mul(arguments[1], columns)]), _BYTES)
        kind = ir.FunctionType(ir.VoidType(), [_BYTES, _I32, _I32, _I32])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        lines = builder.udiv(builder.add(builder.mul(columns, _I64(size)), _I64(_LINE - 1)), _I64(_LINE))
        with cgutils.for_range(builder, lines) as loop:
            place = builder.gep(start, [builder.mul(loop.index, _I64(_LINE))])
            builder.call(prefetch, [place, _I32(0), _I32(3), _I32(1)])
        return context.get_dummy_value()

    return types.void(table, types.int64), generate


fetch_row: Any = intrinsic(_fetch_row)
