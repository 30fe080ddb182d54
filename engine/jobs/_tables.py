"""Write long tables piece by piece, so that Cancel need not wait and no second copy is made in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import compute, csv, parquet

from engine.core.atomic import replacing
from engine.core.cancel import CancelToken

_ROWS = 50_000
#: Rows from which on a table is long.
LONG = _ROWS


def write_csv(table: pd.DataFrame, path: Path, cancel: CancelToken) -> None:
    """Write a table as CSV, put in place when it is whole.

    Long tables are written by Arrow, a dozen times quicker than by pandas: the same numbers to the last digit, those
    below a thousandth in another notation.

    Raises: Cancelled: between two pieces; the file that was there before stays.
    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(table[:0].to_csv(index=False, lineterminator="\n").encode())
        for first in range(0, len(table), _ROWS):
            cancel.check()
            piece = table[first : first + _ROWS]
            plain = _without_marks(piece) if len(table) > _ROWS else None
            if plain is None:
                file.write(piece.to_csv(index=False, header=False, lineterminator="\n").encode())
            else:
                csv.write_csv(plain, file, csv.WriteOptions(include_header=False, quoting_style="none"))


def _without_marks(piece: pd.DataFrame) -> pa.Table | None:
    """Return the same as an Arrow table of numbers and texts none of which needs quotes; None for any other."""
    try:
        table = pa.Table.from_pandas(piece, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    for column in table.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            # A row of a single empty cell is written in quotes, as otherwise there would be no row.
            marked = compute.match_substring_regex(column, '[",\r\n]' if table.num_columns > 1 else '[",\r\n]|^$')
            if compute.any(marked).as_py():
                return None
        elif not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
            return None
    return table


def write_parquet(rows: int, piece: Callable[[int, int], pd.DataFrame], path: Path, cancel: CancelToken) -> None:
    """Write a table as Parquet, put in place when it is whole.

    Args: rows: how many there are. piece: first and last row to that part of the table. path, cancel: as `write_csv`.
    """
    first_piece = pa.Table.from_pandas(piece(0, min(rows, _ROWS)), preserve_index=False)
    schema = _without_nulls(first_piece.schema)
    with replacing(path) as temporary, parquet.ParquetWriter(temporary, schema) as writer:
        writer.write_table(first_piece.cast(schema))
        for first in range(_ROWS, rows, _ROWS):
            cancel.check()
            part = pa.Table.from_pandas(piece(first, min(first + _ROWS, rows)), schema=schema, preserve_index=False)
            writer.write_table(part)


def _without_nulls(schema: pa.Schema) -> pa.Schema:
    """Return the schema where a column that begins with nothing but empty cells holds text."""
    for place, column in enumerate(schema):
        if pa.types.is_null(column.type):
            schema = schema.set(place, column.with_type(pa.string()))
    return schema
