"""Write long tables piece by piece, so that Cancel need not wait and no second copy is made in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from engine.core.atomic import replacing
from engine.core.cancel import CancelToken

_ROWS = 50_000


def write_csv(table: pd.DataFrame, path: Path, cancel: CancelToken) -> None:
    """Write a table as CSV, put in place when it is whole.

    Raises: Cancelled: between two pieces; the file that was there before stays.
    """
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        for first in range(0, max(1, len(table)), _ROWS):
            cancel.check()
            table[first : first + _ROWS].to_csv(file, index=False, header=first == 0, lineterminator="\n")


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
