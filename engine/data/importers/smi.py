"""Read lists of SMILES: a molecule and its name on each line."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, Progress, silent
from engine.data.columns import Column, TextFrame
from engine.data.content import check_file, open_content, unpacked_size
from engine.data.importers._base import Importer
from engine.data.issues import IssueLog
from engine.data.options import TableOptions
from engine.data.roles import TableKind
from engine.data.room import Room
from engine.data.table import Table


class Smi(Importer):
    """A table of molecules: SMILES, and what follows on the line as its name; a first line of column names is seen.

    Source: the Daylight SMILES manual (Weininger, J. Chem. Inf. Comput. Sci. 28, 1988) for the line; headings as
    OpenBabel and RDKit write them.
    """

    key: ClassVar[str] = "smi"
    label: ClassVar[str] = "SMILES list"
    extensions: ClassVar[tuple[str, ...]] = (".smi", ".smiles", ".ism", ".can")

    def sniff(self, path: Path) -> bool:
        """Say no: by its content such a list is a table of text like any other."""
        return False

    def read(
        self,
        path: Path,
        options: TableOptions | None = None,
        *,
        limit: int | None = None,
        issues: IssueLog | None = None,
        cancel: CancelToken | None = None,
        sink: EventSink = silent,
        room: Room | None = None,
    ) -> list[Table]:
        """Read the lines; see `Importer.read`. Blank ones and those that begin with # are no rows."""
        check_file(path)
        smiles: list[str] = []
        names: list[str | None] = []
        lines: list[int] = []
        heads = ("smiles", "name")
        with open_content(path) as file:
            for number, raw in enumerate(file, 1):
                if number % 10_000 == 0 and cancel is not None:
                    cancel.check()
                first, _, rest = _text(raw).strip().replace("\t", " ", 1).partition(" ")
                if not first or first.startswith("#"):
                    continue
                if not smiles and "smiles" in first.lower():
                    heads = (first, rest.strip() or "name")
                    continue
                if limit is not None and len(smiles) >= limit:
                    break
                smiles.append(first)
                names.append(rest.strip() or None)
                lines.append(number)
        size = unpacked_size(path)
        sink(Progress(size, size, "bytes"))
        columns = {heads[0]: Column.of(smiles)}
        if any(names):
            columns[heads[1] if heads[1] != heads[0] else "name"] = Column.of(names)
        form = TableOptions(path=str(path), kind=TableKind.MOLECULES, format=self.key)
        frame = TextFrame(columns, len(smiles))
        return [Table(frame, path, TableKind.MOLECULES, {}, np.array(lines, np.int64), form)]


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")
