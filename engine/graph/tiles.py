"""One row of a sparse product in the processor's registers, written as LLVM vector code through numba.

numba's own loop loads and stores the result row at every entry and waits for memory at every gathered row; here the
sums stay in registers, a tile of columns at a time, and the rows to come are fetched ahead.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# Any, all through this file: numba and llvmlite have no types.
_TILES = (64, 32, 16, 8, 7, 6, 5, 4, 3, 2, 1)  # columns; the first one repeats
_LANES = (8, 4, 2, 1)  # columns a vector, the widest first; LLVM splits or joins them as the processor likes
_AHEAD = 8  # entries: far enough for memory to answer, near enough to stay in the first cache
_LINE = 64  # bytes of a cache line
_I32, _I64, _BYTES = ir.IntType(32), ir.IntType(64), ir.IntType(8).as_pointer()
_FUSED = ("contract",)


class _Row:
    """Writes the code for one row.

    out[row] = left * (centre * x[row] + sum over p in begin … end-1 of factor(p) * x[indices[p]]) + bias, cut off
    below zero where `positive`; factor(p) = factors[p] by entry, or factors[indices[p]] by column.
    """

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any, by_entry: bool) -> None:
        b = self.b = builder
        self.begin, self.end, self.final = arguments[:3]
        self.row, self.left, self.centre, self.has_centre = arguments[7:11]
        self.has_bias, self.positive = arguments[12:]
        arrays = [context.make_array(signature.args[k])(context, b, arguments[k]) for k in (3, 4, 5, 6, 11)]
        self.indices, self.factors, self.x, self.out, self.bias = (array.data for array in arrays)
        self.width = b.extract_value(arrays[2].shape, 1)
        self.number = context.get_value_type(signature.args[5].dtype)
        self.size = context.get_abi_sizeof(self.number)
        self.by_entry = by_entry
        self.prefetch = cgutils.get_or_insert_function(
            b.module, ir.FunctionType(ir.VoidType(), [_BYTES, _I32, _I32, _I32]), "llvm.prefetch.p0"
        )

    def write(self) -> None:
        """Write the tiles, from the widest to the narrowest.

        Columns that nearly fill a tile get one that begins earlier, over columns that are done: the same numbers once
        more, instead of several passes over the entries by narrow tiles.
        """
        b, done = self.b, _I64(0)
        for columns in _TILES:
            size, left = _I64(columns), b.sub(self.width, done)
            count, over = b.udiv(left, size), b.urem(left, size)
            fills = b.icmp_unsigned(">", b.mul(over, _I64(3)), _I64(2 * columns))
            fits = b.icmp_unsigned(">=", self.width, size)
            count = b.add(count, b.zext(b.and_(fills, fits), _I64))
            with cgutils.for_range(b, count) as loop:
                self._tile(self._less(b.add(done, b.mul(loop.index, size)), b.sub(self.width, size)), columns)
            done = self._less(b.add(done, b.mul(count, size)), self.width)

    def _less(self, a: Any, b: Any) -> Any:
        return self.b.select(self.b.icmp_signed("<", a, b), a, b)

    def _tile(self, column: Any, columns: int) -> None:
        b = self.b
        vectors = [ir.VectorType(self.number, lanes) for lanes in _split(columns)]
        starts = [sum(v.count for v in vectors[:k]) for k in range(len(vectors))]
        sums = [cgutils.alloca_once(b, vector) for vector in vectors]
        for total, vector in zip(sums, vectors, strict=True):
            b.store(ir.Constant(vector, [0.0] * vector.count), total)
        with b.if_then(self.has_centre):
            own = self._cell(self.x, self.row, column)
            for total, vector, start in zip(sums, vectors, starts, strict=True):
                value = b.load(self._piece(own, start, vector), align=self.size)
                b.store(b.fmul(self._spread(self.centre, vector), value), total)
        with cgutils.for_range(b, b.sub(self.end, self.begin)) as loop:
            p = b.add(self.begin, loop.index)
            self._fetch(p, column, columns)
            j = self._index(p)
            factor = b.load(b.gep(self.factors, [p if self.by_entry else j]))
            near = self._cell(self.x, j, column)
            for total, vector, start in zip(sums, vectors, starts, strict=True):
                value = b.load(self._piece(near, start, vector), align=self.size)
                product = b.fmul(self._spread(factor, vector), value, flags=_FUSED)
                b.store(b.fadd(b.load(total), product, flags=_FUSED), total)
        parts = list(zip(sums, vectors, starts, strict=True))
        for total, vector, _ in parts:
            b.store(b.fmul(self._spread(self.left, vector), b.load(total)), total)
        with b.if_then(self.has_bias):
            added = b.gep(self.bias, [column])
            for total, vector, start in parts:
                value = b.load(self._piece(added, start, vector), align=self.size)
                b.store(b.fadd(b.load(total), value), total)
        with b.if_then(self.positive):
            for total, vector, _ in parts:
                value, zero = b.load(total), ir.Constant(vector, [0.0] * vector.count)
                # Asked this way round, what is not a number stays visible.
                b.store(b.select(b.fcmp_ordered("<", value, zero), zero, value), total)
        own = self._cell(self.out, self.row, column)
        for total, vector, start in parts:
            b.store(b.load(total), self._piece(own, start, vector), align=self.size)

    def _fetch(self, p: Any, column: Any, columns: int) -> None:
        b = self.b
        later = b.add(p, _I64(_AHEAD))
        later = b.select(b.icmp_signed("<", later, self.final), later, self.final)
        far = b.bitcast(self._cell(self.x, self._index(later), column), _BYTES)
        for k in range(0, columns * self.size, _LINE):
            b.call(self.prefetch, [b.gep(far, [_I64(k)]), _I32(0), _I32(3), _I32(1)])

    def _index(self, p: Any) -> Any:
        return self.b.sext(self.b.load(self.b.gep(self.indices, [p])), _I64)

    def _cell(self, table: Any, row: Any, column: Any) -> Any:
        return self.b.gep(table, [self.b.add(self.b.mul(row, self.width), column)])

    def _piece(self, start: Any, offset: int, vector: Any) -> Any:
        return self.b.bitcast(self.b.gep(start, [_I64(offset)]), vector.as_pointer())

    def _spread(self, value: Any, vector: Any) -> Any:
        empty = ir.Constant(vector, ir.Undefined)
        first = self.b.insert_element(empty, value, _I32(0))
        return self.b.shuffle_vector(first, empty, ir.Constant(ir.VectorType(_I32, vector.count), [0] * vector.count))


def _split(columns: int) -> list[int]:
    """Return the vectors of a tile: as wide as they go, their sizes adding up to `columns`."""
    sizes: list[int] = []
    for lanes in _LANES:
        sizes += [lanes] * ((columns - sum(sizes)) // lanes)
    return sizes


def _row_intrinsic(by_entry: bool) -> Any:
    @intrinsic
    def row_product(  # type: ignore[no-untyped-def]  # numba reads the names
        typing, begin, end, final, indices, factors, x, out, row, left, centre, has_centre, bias, has_bias, positive
    ):
        integer, number, truth = types.int64, x.dtype, types.boolean
        where = (integer, integer, integer, indices, factors, x, out, integer)
        signature = types.void(*where, number, number, truth, bias, truth, truth)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _Row(context, builder, signature, arguments, by_entry).write()
            return context.get_dummy_value()

        return signature, generate

    return row_product


row_by_column = _row_intrinsic(by_entry=False)
row_by_entry = _row_intrinsic(by_entry=True)
