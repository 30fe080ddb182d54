"""Write a table as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from engine.core.atomic import replacing
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import EventSink, silent
from engine.export._base import Content, Exporter


class Csv(Exporter):
    """Comma-separated text in UTF-8, one line of names, quoted where needed; text stays exactly as it was.

    Source: RFC 4180.
    """

    key = "csv"
    label = "CSV table"
    recommended = True
    extension = ".csv"
    takes = ("predictions", "embeddings", "report", "graph")

    class Config(ConfigBase):
        delimiter: Literal[",", ";", "\t"] = option(",", "Character between two cells.")
        bom: bool = option(False, "Begin with a byte order mark, by which Excel recognises UTF-8.", advanced=True)

    config: Config

    def write(self, content: Content, path: Path, sink: EventSink = silent) -> int:
        """Write the rows; floating point numbers in the shortest form that reads back the same."""
        table = content.as_table()
        encoding = "utf-8-sig" if self.config.bom else "utf-8"
        with replacing(path) as temporary:
            table.to_csv(temporary, index=False, sep=self.config.delimiter, encoding=encoding, lineterminator="\n")
        return len(table)
