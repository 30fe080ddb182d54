"""Read SDF: molecules as connection tables, each with data fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import ClassVar

import numpy as np

from engine.core.cancel import CancelToken
from engine.core.errors import ReadError
from engine.core.events import Event, EventSink, Progress, silent
from engine.data.chem.molecules import Outcome
from engine.data.chem.pool import answer
from engine.data.columns import Column, TextFrame
from engine.data.content import check_file, open_content, read_content, unpacked_size
from engine.data.importers._base import Importer
from engine.data.issues import IssueLog
from engine.data.options import TableOptions
from engine.data.roles import TableKind
from engine.data.room import Room
from engine.data.table import Table

_END_OF_RECORD = "$$$$"
_FIELD = re.compile(r"^>.*?<(?P<name>.*)>")
_COUNTS = re.compile(r"V[23]000\s*$")
_BATCH = 4096  # records whose connection tables are held at once
_HEAD = 65536


class Sdf(Importer):
    """A table of molecules: a column of SMILES made from each connection table, one of names, one for each data field.

    V2000 and V3000, plain or gzipped, one record after another. A record that RDKit cannot read is left out and named
    with its line.

    Source: CTfile formats (Dalby et al., J. Chem. Inf. Comput. Sci. 32, 1992; BIOVIA, 2020); tables read by RDKit.
    """

    key: ClassVar[str] = "sdf"
    label: ClassVar[str] = "SDF"
    extensions: ClassVar[tuple[str, ...]] = (".sdf", ".sd", ".mol")

    def sniff(self, path: Path) -> bool:
        """Say whether the fourth line of the file is one of counts, as each connection table has."""
        try:
            lines = read_content(path, _HEAD).data.decode("latin-1").splitlines()
        except ReadError:
            return False
        return len(lines) > 3 and bool(_COUNTS.search(lines[3]))

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
        """Read the records; see `Importer.read`. Raises: ReadError: no record can be found."""
        check_file(path)
        log = issues if issues is not None else IssueLog()
        found = _Found(path, log)
        size = max(1, unpacked_size(path))
        with open_content(path) as file:
            records = islice(_records(_decoded(file)), limit)
            while batch := list(islice(records, _BATCH)):
                found.add(batch, cancel, _Part(sink, found.bytes, sum(record.bytes for record in batch), size))
        if not found.records:
            raise ReadError(
                f"{path.name} holds no record of a molecule.",
                code="data.no_rows",
                hint=f"Records of an SDF end with a line {_END_OF_RECORD}.",
                file=str(path),
            )
        sink(Progress(size, size, "bytes"))
        return [found.table()]


@dataclass(slots=True)
class _Record:
    """One molecule as written. Args: line: of its first line. block: its connection table. bytes: its size."""

    line: int
    name: str = ""
    block: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Part:
    """Progress of one batch as a part of the file's. Args: before, own, size: bytes."""

    sink: EventSink
    before: int
    own: int
    size: int

    def __call__(self, event: Event) -> None:
        if isinstance(event, Progress) and event.total:
            done = self.before + self.own * event.done / event.total
            self.sink(Progress(min(int(done), self.size - 1), self.size, "bytes"))


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    for line in lines:
        try:
            yield line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            yield line.decode("latin-1").rstrip("\r\n")


def _records(lines: Iterator[str]) -> Iterator[_Record]:
    """Yield record by record; what stands behind the last end of a record counts unless it is blank."""
    taken: list[str] = []
    record = _Record(1)
    for number, line in enumerate(lines, 1):
        record.bytes += len(line) + 1
        if line.startswith(_END_OF_RECORD):
            yield _filled(record, taken)
            record, taken = _Record(number + 1), []
        else:
            taken.append(line)
    if any(line.strip() for line in taken):
        yield _filled(record, taken)


def _filled(record: _Record, lines: list[str]) -> _Record:
    end = next((place for place, line in enumerate(lines) if line.startswith("M  END")), len(lines) - 1)
    record.name = lines[0].strip() if lines else ""
    record.block = "\n".join(lines[: end + 1]) + "\n"
    name: str | None = None
    for line in lines[end + 1 :]:
        match = _FIELD.match(line)
        if match is not None:
            name = match["name"].strip()
            record.fields[name] = ""
        elif not line.strip():
            name = None
        elif name is not None:
            record.fields[name] = f"{record.fields[name]}\n{line}".strip("\n")
    return record


class _Found:
    """The rows so far."""

    def __init__(self, path: Path, issues: IssueLog) -> None:
        self._path, self._issues = path, issues
        self.records = self.bytes = 0
        self._lines: list[int] = []
        self._names: list[str] = []
        self._smiles: list[str] = []
        self._fields: dict[str, list[str | None]] = {}

    def add(self, batch: list[_Record], cancel: CancelToken | None, sink: EventSink) -> None:
        """Have connection tables read; take the rows that can be."""
        answers = answer("block", [record.block for record in batch], cancel=cancel, sink=sink)
        self.records += len(batch)
        self.bytes += sum(record.bytes for record in batch)
        for row, record in enumerate(batch):
            if answers.outcome[row] != Outcome.OK:
                text = f"The record cannot be read: {answers.reasons.get(row) or _WHY[Outcome(answers.outcome[row])]}."
                self._issues.add("data.row", text, file=self._path.name, line=record.line, value=record.name or None)
                continue
            self._take(record, answers.content(row).decode())

    def _take(self, record: _Record, smiles: str) -> None:
        row = len(self._lines)
        self._lines.append(record.line)
        self._names.append(record.name)
        self._smiles.append(smiles)
        for name, value in record.fields.items():
            column = self._fields.setdefault(name, [])
            column.extend([None] * (row - len(column)))
            column.append(value.strip() or None)

    def table(self) -> Table:
        """Return the rows as a table; fields keep their names, and ours give way."""
        rows = len(self._lines)
        columns: dict[str, Column] = {}
        if any(self._names):
            columns["name" if "name" not in self._fields else "title"] = Column.of([n or None for n in self._names])
        columns["smiles" if "smiles" not in self._fields else "structure"] = Column.of(self._smiles)
        for name, cells in self._fields.items():
            columns[name] = Column.of([*cells, *[None] * (rows - len(cells))])
        form = TableOptions(path=str(self._path), kind=TableKind.MOLECULES, format=Sdf.key)
        lines = np.array(self._lines, np.int64)
        return Table(TextFrame(columns, rows), self._path, TableKind.MOLECULES, {}, lines, form)


_WHY = {
    Outcome.EMPTY: "it is empty",
    Outcome.UNREADABLE: "RDKit gives no reason",
    Outcome.NO_ATOMS: "it holds no atom",
    Outcome.HUGE: "it is too large",
    Outcome.HANGS: "it takes too long",
    Outcome.CRASHES: "RDKit broke down over it",
}
