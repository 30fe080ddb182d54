"""Write a table as Parquet."""

from __future__ import annotations

from pathlib import Path

from engine.core.atomic import replacing
from engine.core.events import EventSink, silent
from engine.export._base import Content, Exporter


class Parquet(Exporter):
    """Columnar file with types, compressed; read by pandas, R, DuckDB and Spark.

    Source: Apache Parquet format 2.
    """

    key = "parquet"
    label = "Parquet table"
    extension = ".parquet"
    takes = ("predictions", "embeddings", "report", "graph")

    def write(self, content: Content, path: Path, sink: EventSink = silent) -> int:
        """Write the rows with their types."""
        table = content.as_table()
        with replacing(path) as temporary:
            table.to_parquet(temporary, index=False)
        return len(table)
