"""Many bytes at once for compiled code: eight as one number, sixty-four compared with one, lines fetched ahead."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic as _numba_intrinsic

# Any, all through this file: numba and llvmlite have no types.
_intrinsic: Any = _numba_intrinsic
_I1, _I8, _I32, _I64 = ir.IntType(1), ir.IntType(8), ir.IntType(32), ir.IntType(64)
_BLOCK = 64  # bytes


def _pointer(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])


@_intrinsic  # type: ignore[untyped-decorator]  # numba has no types
def load8(typing: Any, data: Any, place: Any) -> Any:
    """Return data[place … place+7] as one uint64, the first byte lowest. Args: data: uint8 array. place: int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature, arguments)
        return builder.load(builder.bitcast(pointer, _I64.as_pointer()), align=1)

    return types.uint64(data, types.int64), generate


@_intrinsic  # type: ignore[untyped-decorator]  # numba has no types
def match64(typing: Any, data: Any, place: Any, byte: Any) -> Any:
    """Return a uint64 whose bit k says whether data[place+k] is `byte`, k from 0 to 63."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = ir.VectorType(_I8, _BLOCK)
        found = builder.load(builder.bitcast(_pointer(context, builder, signature, arguments), vector.as_pointer()))
        found.align = 1
        wanted = builder.insert_element(ir.Constant(vector, ir.Undefined), arguments[2], _I32(0))
        lanes = ir.Constant(ir.VectorType(_I32, _BLOCK), [_I32(0)] * _BLOCK)
        wanted = builder.shuffle_vector(wanted, ir.Constant(vector, ir.Undefined), lanes)
        return builder.bitcast(builder.icmp_unsigned("==", found, wanted), _I64)

    return types.uint64(data, types.int64, types.uint8), generate


@_intrinsic  # type: ignore[untyped-decorator]  # numba has no types
def above_ascii64(typing: Any, data: Any, place: Any) -> Any:
    """Return a uint64 whose bit k says whether data[place+k] is 128 or more, k from 0 to 63."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = ir.VectorType(_I8, _BLOCK)
        found = builder.load(builder.bitcast(_pointer(context, builder, signature, arguments), vector.as_pointer()))
        found.align = 1
        zero = ir.Constant(vector, [_I8(0)] * _BLOCK)
        return builder.bitcast(builder.icmp_signed("<", found, zero), _I64)

    return types.uint64(data, types.int64), generate


@_intrinsic  # type: ignore[untyped-decorator]  # numba has no types
def lowest_bit(typing: Any, bits: Any) -> Any:
    """Return the place of the lowest bit that is set, 64 where none is."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], _I1(0))

    return types.int64(types.uint64), generate


@_intrinsic  # type: ignore[untyped-decorator]  # numba has no types
def fetch_ahead(typing: Any, data: Any, place: Any) -> Any:
    """Ask memory for the line that holds data[place]; a place outside does no harm."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        fetch = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [_I8.as_pointer(), _I32, _I32, _I32]),
            "llvm.prefetch.p0",
        )
        pointer = builder.bitcast(_pointer(context, builder, signature, arguments), _I8.as_pointer())
        builder.call(fetch, [pointer, _I32(0), _I32(3), _I32(1)])
        return context.get_dummy_value()

    return types.void(data, types.int64), generate
