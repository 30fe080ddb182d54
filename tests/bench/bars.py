"""Bars to reach and the lines of benchmarks, as rows of a table: what the generated pages are made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MISSING = "not measured yet"
HEAD = ("| work | must | aim | measured | | command | commit |", "|---|---|---|---|---|---|---|")
_SHOWN = ("torch", "torch_geometric", "networkit", "duckdb", "polars", "numba", "pyqtgraph", "PySide6_Essentials")


@dataclass(frozen=True)
class Lines:
    """The last line of every case and variant of every benchmark."""

    last: Mapping[tuple[str, str, str], Mapping[str, Any]]

    @classmethod
    def read(cls, folder: Path) -> Lines:
        """Read all speed-*.jsonl files of a folder; lines of other forms are passed over."""
        found: dict[tuple[str, str, str], Mapping[str, Any]] = {}
        for path in sorted(folder.glob("speed-*.jsonl")):
            for text in path.read_text(encoding="utf-8").splitlines():
                line = json.loads(text) if text.strip() else {}
                if {"bench", "case", "variant"} <= set(line) and "failed" not in line:
                    found[line["bench"], line["case"], line["variant"]] = line
        return cls(found)

    def get(self, bench: str, case: str, variant: str, name: str) -> float | None:
        """Return one number, None where it was not measured."""
        value = self.last.get((bench, case, variant), {}).get(name)
        return None if value is None else float(value)

    def faster(self, bench: str, case: str, variant: str) -> float | None:
        """Return how many times as long a variant takes as ours."""
        return self.get(bench, case, variant, "ratio")

    def share(self, bench: str, case: str, ours: str, variant: str, name: str) -> float | None:
        """Return our number by a variant's."""
        own, other = self.get(bench, case, ours, name), self.get(bench, case, variant, name)
        return None if own is None or not other else own / other

    def commits(self, bench: str, case: str = "") -> str:
        """Return the commits that a benchmark's lines are from, those of one case where it is named."""
        of_it = [line for key, line in self.last.items() if key[0] == bench and case in ("", key[1])]
        return ", ".join(dict.fromkeys(str(line["commit"]) for line in of_it))


@dataclass(frozen=True)
class Bar:
    """One thing to reach.

    Args: work: what is measured. must, aim: the bars. measure: the lines to the number, None where there is none.
        command: that measures it. bench: whose lines they are. unit: behind the number. is_least: whether more is
        better. missing: what stands where there is no number. case: whose commits are named; empty for all of them.
    """

    work: str
    must: float
    aim: float
    measure: Callable[[Lines], float | None]
    command: str
    bench: str
    unit: str = "×"
    is_least: bool = True
    missing: str = MISSING
    case: str = ""

    def row(self, lines: Lines) -> str:
        """Return the row of the table."""
        sign = "≥" if self.is_least else "≤"
        bars = f"{sign} {self._words(self.must)} | {sign} {self._words(self.aim)}"
        value = self.measure(lines)
        if value is None:
            return f"| {self.work} | {bars} | {self.missing} | | `{self.command}` | |"
        reached = (
            "aim reached" if self._holds(value, self.aim) else "met" if self._holds(value, self.must) else "not met"
        )
        measured = f"{self._words(value)} | {reached} | `{self.command}` | {lines.commits(self.bench, self.case)}"
        return f"| {self.work} | {bars} | {measured} |"

    def _holds(self, value: float, bar: float) -> bool:
        return value >= bar if self.is_least else value <= bar

    def _words(self, value: float) -> str:
        if self.unit == "%":
            return f"{100 * value:.3g} %"
        return f"{value:.3g}{self.unit}" if self.unit in ("×", "") else f"{value:.3g} {self.unit}"


def machine(lines: Lines, benches: Iterable[str] = ()) -> str:
    """Return on what and how often was measured. Args: benches: those meant; none for all."""
    chosen = set(benches)
    meant = [line for key, line in lines.last.items() if not chosen or key[0] in chosen]
    cores = {line.get("cores") for line in meant}
    rounds = {line.get("pairs") for line in meant} - {None}
    if not cores or not rounds:
        return "Nothing has been measured yet."
    named = {name: text for line in meant for name, text in (line.get("versions") or {}).items()}
    shown = [f"{name} {named[name]}" for name in _SHOWN if name in named]
    fewest, most = min(rounds), max(rounds)
    often = f"{most} rounds" if fewest == most else f"{fewest} to {most} rounds"
    return f"{'/'.join(str(one) for one in sorted(cores))} CPU cores, {often}; {', '.join(shown)}."
