"""Write resources/help/results.md from the JSON lines. Run it with: python -m tests.golden.results."""

import math
import statistics
from pathlib import Path

from tests.golden import s1, s4_dgi, s4_graphmae
from tests.golden.figures import RESULTS, Figure, read_lines

FIGURES = (s1.FIGURE, s4_dgi.FIGURE, s4_graphmae.FIGURE)
_NAMES = {
    "test": "this program",
    "probe": "this program, linear probe",
    "random_init_probe": "the same probe, untrained encoder",
    "gain": "gain over the untrained encoder, paired by seed",
    "valid": "on valid",
    "floor_majority": "floor: most frequent class",
    "floor_features_only": "floor: features without the edges",
    "floor_label_spreading": "floor: label spreading",
}


def page(folder: Path = RESULTS) -> str:
    """Return the page as Markdown."""
    parts = [
        "# Published figures, measured again",
        "",
        "Made from one line for each seed by `python -m tests.golden.results`; each figure has a command of its own. "
        "Accuracy in percent, mean ± standard deviation over seeds.",
    ]
    for figure in FIGURES:
        lines = read_lines(folder / f"{figure.key}.jsonl")
        if lines:
            parts += ["", *_section(figure, lines)]
    return "\n".join(parts) + "\n"


def _section(figure: Figure, lines: list[dict[str, float | str]]) -> list[str]:
    parts = [f"## {figure.title}", "", f"Published: {figure.published}.", "", "| | accuracy |", "|---|---|"]
    for name in (key for key in lines[0] if key not in ("seed", "seconds", "commit")):
        values = [100 * float(line[name]) for line in lines]
        parts.append(f"| {_NAMES.get(name, name)} | {_spread(values)} |")
    seconds = statistics.fmean(float(line["seconds"]) for line in lines)
    commits = ", ".join(dict.fromkeys(str(line["commit"]) for line in lines))
    return [*parts, "", f"{len(lines)} seeds, {seconds:.0f} s each on two CPU cores, commit {commits}."]


def _spread(values: list[float]) -> str:
    mean = statistics.fmean(values)
    if len(values) < 2 or math.isclose(max(values), min(values)):
        return f"{mean:.1f}"
    return f"{mean:.1f} ± {statistics.stdev(values):.1f}"


if __name__ == "__main__":
    (RESULTS.parent / "results.md").write_text(page(), encoding="utf-8")
