"""Write molecules with what is known about them as SDF."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.core.atomic import replacing
from engine.core.errors import ExportError
from engine.core.events import EventSink, Notice, silent
from engine.export._base import Content, Exporter, is_missing

if TYPE_CHECKING:
    import pandas as pd

_NO_MOLECULE = "\n\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n"
_BLANK_LINES = re.compile(r"\r\n?|\n")
_TITLE = 80  # characters


class Sdf(Exporter):
    """Connection tables with a drawing's coordinates, and every column of the table as a data field.

    The first column is the title of each record. A row whose molecule cannot be read is a record without atoms, so that
    no row is lost.

    Source: CTfile formats (BIOVIA, 2020), V2000, and V3000 above 999 atoms; written by RDKit.
    """

    key = "sdf"
    label = "SDF, structures with data"
    extension = ".sdf"
    takes = ("predictions",)
    for_data = ("molecules",)

    def write(self, content: Content, path: Path, sink: EventSink = silent) -> int:
        """Write a record for each row. Raises: ExportError: no column holds SMILES."""
        from engine.data.chem.pool import answer

        table = content.as_table()
        smiles = [None if is_missing(cell) else str(cell) for cell in table[_smiles_column(table)]]
        answers = answer("drawn_block", smiles, sink=sink)
        fields = [(_field_name(name), table[name].to_numpy()) for name in table.columns]
        titles = table.iloc[:, 0].to_numpy()
        with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
            for row, is_ok in enumerate(answers.is_ok):
                block = answers.content(row).decode() if is_ok else _NO_MOLECULE
                # The first line of a connection table is its title.
                file.write(_title(titles[row]) + block[block.index("\n") :])
                for name, cells in fields:
                    if not is_missing(cells[row]):
                        file.write(f">  <{name}>\n{_value(cells[row])}\n\n")
                file.write("$$$$\n")
        lost = int((~answers.is_ok).sum())
        if lost:
            text = f"{lost:,} rows have no molecule that can be read; their records have no atoms."
            sink(Notice("warning", "export.no_molecule", text, {"count": lost}))
        return len(table)


def _smiles_column(table: pd.DataFrame) -> str:
    from engine.data.chem.finding import find_smiles

    texts = {
        str(name): [str(cell) for cell in table[name].dropna().unique()[:200]]
        for name in table.columns
        if table[name].dtype.kind not in "biufcM"
    }
    found = find_smiles(texts)
    if found is None:
        raise ExportError(
            "No column of the table holds SMILES, so there are no structures to write.",
            hint="Export it as csv, or predict for a table that has a column of structures.",
        )
    return found.name


def _title(value: object) -> str:
    return "" if is_missing(value) else " ".join(str(value).split())[:_TITLE]


def _field_name(name: object) -> str:
    return " ".join(str(name).replace("<", "(").replace(">", ")").split())


def _value(value: object) -> str:
    if isinstance(value, np.floating):
        return repr(value.item())
    # A blank line would end the field, four dollars the record, and an angle begins another field.
    lines = [line.rstrip() for line in _BLANK_LINES.split(str(value))]
    return "\n".join(f" {line}" if line.startswith(("$$$$", ">")) else line for line in lines if line) or " "
