"""A column of text, held as Arrow holds it: a million cells are counted and coded without a loop over them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from app.kit.later import np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


#: Cells that are made into objects, or rows that are looked at, in a few milliseconds.
PIECE = 50_000


class Texts(Sequence[str | None]):
    """The cells of a column as text; an empty cell is missing, and missing is None.

    Args: column: of any type; what is not text is written as Python writes it.
    """

    def __init__(self, column: pd.Series | NDArray[np.object_]) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            cells = pa.array(column, type=pa.string(), from_pandas=True)
        except (pa.ArrowTypeError, pa.ArrowInvalid):
            # Numbers, or a mixture; Arrow would write 0.5 and 1.0 in its own way.
            cells = pa.array([None if _is_missing(cell) else str(cell) for cell in column], type=pa.string())
        if isinstance(cells, pa.ChunkedArray):
            cells = cells.combine_chunks()
        self._cells: Any = pc.if_else(pc.equal(cells, ""), None, cells)  # Any: pyarrow has no types

    def __len__(self) -> int:
        return len(self._cells)

    def __getitem__(self, row: Any) -> Any:  # Any: an int gives text or None; slices are not needed
        return self._cells[int(row)].as_py()

    @cached_property
    def objects(self) -> NDArray[np.object_]:
        """The cells as Python texts, object [N] with None for missing."""
        found = np.empty(len(self._cells), dtype=object)
        # Python's objects are made under the interpreter's lock: piece by piece, so that the window goes on between.
        for first in range(0, len(found), PIECE):
            found[first : first + PIECE] = self._cells[first : first + PIECE].to_numpy(zero_copy_only=False)
        found.setflags(write=False)
        return found

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The cells as numbers, NaN where missing or none, float64 [N]."""
        import pandas as pd
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            found = pc.cast(pc.utf8_trim_whitespace(self._cells), pa.float64())
        except pa.ArrowInvalid:
            return np.asarray(pd.to_numeric(pd.Series(self.objects), errors="coerce"), dtype=np.float64)
        return np.array(found.to_numpy(zero_copy_only=False), dtype=np.float64)

    @cached_property
    def distinct(self) -> int:
        """How many different texts there are."""
        import pyarrow.compute as pc

        return int(pc.count_distinct(self._cells, mode="only_valid").as_py())

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which cells are missing, bool [N]."""
        return self._cells.is_null().to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How often each text occurs, in the order of first appearance."""
        import pyarrow.compute as pc

        pairs = pc.value_counts(self._cells)
        names, numbers = pairs.field("values").to_pylist(), pairs.field("counts").to_pylist()
        return {name: count for name, count in zip(names, numbers, strict=True) if name is not None}

    def codes(self, names: Sequence[str]) -> NDArray[np.int32]:
        """Return the place of each cell's text among the names, -1 for any other and for missing, int32 [N]."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not names:
            return np.full(len(self), -1, dtype=np.int32)
        found = pc.index_in(self._cells, value_set=pa.array(list(names), type=pa.string()), skip_nulls=True)
        return pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int32)  # type: ignore[no-any-return]

    def where_missing(self, other: Texts) -> Texts:
        """Return these texts, and those of another column of the same length where they are missing."""
        import pyarrow.compute as pc

        made = object.__new__(Texts)
        made._cells = pc.coalesce(self._cells, other._cells)
        return made


def chosen(codes: NDArray[np.int32], names: Sequence[str]) -> NDArray[np.object_]:
    """Return the name of each code, None for -1, object [N]; equal names are one object."""
    return np.array([*names, None], dtype=object)[codes]


def _is_missing(cell: object) -> bool:
    return cell is None or cell != cell
