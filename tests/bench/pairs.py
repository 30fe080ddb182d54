"""Compare variants of one piece of work: each in a fresh process, in turns, several times over, ratios pair by pair.

A benchmark is a module under tests/bench that names its variants and hands them to `main`:

    from tests.bench.pairs import Variant, main, measured

    def ours(size: int) -> dict[str, float]:       # runs in its own process
        data = prepared(size)
        with measured() as figures:                # wall and CPU seconds, peak memory of what is inside
            work(data)
        return figures                             # at least "seconds"; more numbers may be added

    if __name__ == "__main__":
        main("name", [Variant("ours", ours, {"size": 10}), Variant("peer", peer, {"size": 10})], case="10 rows")

A variant may be a command instead: `Variant("peer", ["program", "--option"])`; its last line that is a JSON object with
"seconds" counts. The first variant is the one that ratios are taken to. Medians and the median of the paired ratios are
printed and kept, one JSON line a variant, in resources/help/figures/speed-<name>.jsonl, in place of what was measured
before. A line holds its rounds; a later call on the same commit with the same variants adds its rounds to them, so that
seven can be run in several sittings.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "resources" / "help" / "figures"
LIBRARIES = (
    *("PySide6_Essentials", "duckdb", "networkit", "numba", "numpy", "pacmap", "pandas", "polars", "pyarrow"),
    *("pyqtgraph", "torch", "torch_geometric", "umap-learn"),
)
_MB = 1024 * 1024


@dataclass(frozen=True)
class Variant:
    """One way to do the work.

    Args: name: as it stands in the table. work: a function of an importable module, or a command. arguments: plain data
        for the function. environment: variables of its process, in addition. repeats: False runs it in the first round
        only (a peer too slow to be run seven times; its ratio is then of that round).
    """

    name: str
    work: Callable[..., Mapping[str, Any]] | Sequence[str]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    repeats: bool = True

    def command(self) -> list[str]:
        """Return the command of its process."""
        if not callable(self.work):
            return list(self.work)
        module = self.work.__module__
        if module == "__main__":
            module = sys.modules["__main__"].__spec__.name  # type: ignore[union-attr]  # started by python -m
        place = f"{module}:{self.work.__qualname__}"
        return [sys.executable, "-m", "tests.bench.pairs", "--call", place, json.dumps(dict(self.arguments))]


@contextmanager
def measured() -> Iterator[dict[str, Any]]:
    """Measure what is inside: fills seconds, cpu_seconds, peak_mb (of the process) and extra_mb (beyond the start)."""
    figures: dict[str, Any] = {}
    _forget_peak()
    before = _memory_mb("VmRSS")
    cpu, began = time.process_time(), time.perf_counter()
    yield figures
    figures["seconds"] = time.perf_counter() - began
    figures["cpu_seconds"] = time.process_time() - cpu
    figures["peak_mb"] = _memory_mb("VmHWM")
    figures["extra_mb"] = figures["peak_mb"] - before


def main(name: str, variants: Sequence[Variant], *, case: str = "", pairs: int = 7, description: str = "") -> None:
    """Run a benchmark from the shell; see `compare`."""
    parser = argparse.ArgumentParser(description=description or f"{name}: {', '.join(v.name for v in variants)}")
    parser.add_argument("--pairs", type=int, default=pairs, help="rounds; every round runs each variant once")
    add_only(parser)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON lines")
    arguments = parser.parse_args()
    compare(name, named(variants, arguments.only), case=case, pairs=arguments.pairs, results=arguments.results)


def add_only(parser: argparse.ArgumentParser) -> None:
    """Add the option that names variants."""
    parser.add_argument(
        "--only", action="append", default=[], metavar="VARIANT", help="a variant to run; may be given several times"
    )


def named(variants: Sequence[Variant], names: Sequence[str]) -> list[Variant]:
    """Return the variants of these names, in their own order; all of them where no name is given.

    Raises: SystemExit: there is none of that name.
    """
    known = [variant.name for variant in variants]
    for name in names:
        if name not in known:
            raise SystemExit(f'There is no variant "{name}". There are: {"; ".join(known)}.')
    return [variant for variant in variants if not names or variant.name in names]


def compare(
    name: str, variants: Sequence[Variant], *, case: str = "", pairs: int = 7, results: Path = RESULTS
) -> list[dict[str, Any]]:
    """Run every variant `pairs` times in turns and keep one JSON line for each.

    Args: name: file name of the lines. case: what was worked on (a shape, a size); lines differ by it. results: folder.
    Returns: the lines, with medians of all figures and `ratio`, the median over the rounds of this variant's seconds by
        the first one's; a variant that fails has `failed` instead.
    """
    rounds: dict[str, list[dict[str, Any]]] = {variant.name: [] for variant in variants}
    failed: dict[str, str] = {}
    for number in range(pairs):
        # Every second round backwards, so that none always runs on a machine that another one has warmed or filled.
        for variant in variants if number % 2 == 0 else list(reversed(variants)):
            if variant.name in failed or (number > 0 and not variant.repeats):
                continue
            try:
                figures = _run(variant)
            except RuntimeError as error:
                failed[variant.name] = str(error)
                print(f"{name} {case} {variant.name}: failed: {error}", flush=True)
                continue
            rounds[variant.name].append(figures)
            print(f"{name} {case} {number + 1}/{pairs} {variant.name}: {_words(figures)}", flush=True)
    results.mkdir(parents=True, exist_ok=True)
    path = results / f"speed-{name}.jsonl"
    kept = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    earlier = _earlier(kept, name, case, variants)
    rounds = {key: [*earlier.get(key, []), *found] for key, found in rounds.items()}
    lines = [_line(name, case, variant, variants[0], rounds, failed) for variant in variants]
    # What failed leaves the figure that there is.
    replaced = {(name, case, line["variant"]) for line in lines if "failed" not in line}
    kept = [text for text in kept if _subject(json.loads(text)) not in replaced]
    path.write_text("".join(f"{text}\n" for text in [*kept, *map(json.dumps, lines)]), encoding="utf-8")
    for line in lines:
        print(f"{line['variant']}: {line.get('failed') or _words(line)}")
    return lines


def _subject(line: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return line.get("bench"), line.get("case"), line.get("variant")


def _earlier(
    kept: Sequence[str], name: str, case: str, variants: Sequence[Variant]
) -> Mapping[str, list[dict[str, Any]]]:
    """Return the rounds of each variant that this comparison goes on from; none where the code was another."""
    names, state = [variant.name for variant in variants], commit()
    found: dict[str, list[dict[str, Any]]] = {}
    for line in map(json.loads, kept):
        same = (line.get("bench"), line.get("case"), line.get("commit")) == (name, case, state)
        if same and line.get("variants") == names:
            found[line["variant"]] = line["rounds"]
    paired = list(found) == names and len({len(rounds) for rounds in found.values()}) == 1
    return found if paired and not state.endswith("+") else {}


def _line(
    name: str,
    case: str,
    variant: Variant,
    first: Variant,
    rounds: Mapping[str, list[dict[str, Any]]],
    failed: Mapping[str, str],
) -> dict[str, Any]:
    found = rounds[variant.name]
    line: dict[str, Any] = {"bench": name, "case": case, "variant": variant.name}
    if found and variant.name not in failed:
        line |= _medians(found)
        line["fastest"], line["slowest"] = (round(end(one["seconds"] for one in found), 5) for end in (min, max))
        if variant is not first and rounds[first.name]:
            together = zip(found, rounds[first.name], strict=False)
            line["ratio"] = round(statistics.median(one["seconds"] / base["seconds"] for one, base in together), 4)
            line["to"] = first.name
        line["pairs"] = len(found)
        line["variants"], line["rounds"] = list(rounds), found
    else:
        line["failed"] = failed.get(variant.name, "not run")
    return line | {"commit": commit(), "cores": os.cpu_count(), "versions": versions()}


def _medians(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in found[0].items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            out[key] = value
        else:
            # Rounded as the rounds themselves are not: they are what later ones are added to.
            middle = statistics.median(one[key] for one in found)
            out[key] = round(middle, 5) if key.endswith("seconds") else round(middle, 4)
    return out


def _run(variant: Variant) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variant.environment}
    done = subprocess.run(variant.command(), cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise RuntimeError(last[0].replace(str(ROOT), ".")[:200])
    for text in reversed(done.stdout.splitlines()):
        if text.startswith("{"):
            found: dict[str, Any] = json.loads(text)
            if "seconds" in found:
                return found
    raise RuntimeError('no line of its output is a JSON object with "seconds"')


def _call(place: str, arguments: str) -> None:
    module, _, name = place.partition(":")
    function = getattr(importlib.import_module(module), name)
    cpu = time.process_time()
    figures = dict(function(**json.loads(arguments)))
    figures.setdefault("cpu_seconds", time.process_time() - cpu)
    figures.setdefault("peak_mb", _memory_mb("VmHWM"))
    print(json.dumps(figures))


def _words(figures: Mapping[str, Any]) -> str:
    words = f"{figures['seconds']:.4g} s, {figures.get('cpu_seconds', 0):.4g} s CPU, {figures.get('peak_mb', 0):.0f} MB"
    return words + (f", {figures['ratio']:.3g} times {figures['to']}" if "ratio" in figures else "")


def _forget_peak() -> None:
    """Start the peak anew, where the system lets a process do that; elsewhere it includes what came before."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _memory_mb(name: str) -> float:
    """Return VmRSS or VmHWM of this process in MB."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024 / _MB
    except OSError:
        pass
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MB


def commit() -> str:
    """Return the short name of the commit, with a plus when the engine has changed since; unknown without git."""
    from tests.golden.figures import commit as name_of_commit

    return name_of_commit()


def versions() -> dict[str, str]:
    """Return Python's version and those of the libraries that are installed."""
    found = {"python": ".".join(str(part) for part in sys.version_info[:3])}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    if sys.argv[1:2] != ["--call"]:
        raise SystemExit(__doc__)
    _call(sys.argv[2], sys.argv[3])
