"""Write results.md of the help, in every language, from the JSON lines. Run it with: python -m tests.golden.results."""

import math
import statistics
from pathlib import Path

from tests.golden import (
    generate_zinc,
    s1,
    s2,
    s3,
    s4_dgi,
    s4_graphmae,
    s4_graphmae_gcn,
    s5,
    s6,
    s7,
    s8_bbbp,
    s8_cora,
    s11,
    s12,
    s13_noise,
    s14_calibration,
    s14_motif,
    sider,
)
from tests.golden.figures import COUNTS, PLACES, RESULTS, Figure, interval, read_lines, shown
from tests.golden.regimes import read_regimes, table

FIGURES = (
    s1.FIGURE,
    s2.FIGURE,
    s3.FIGURE,
    s4_dgi.FIGURE,
    s4_graphmae.FIGURE,
    s4_graphmae_gcn.FIGURE,
    *s5.FIGURES.values(),
    s6.FIGURE,
    s7.FIGURE,
    s8_bbbp.FIGURE,
    s8_cora.FIGURE,
    s11.FIGURE,
    s12.FIGURE,
    s13_noise.FIGURE,
    s14_calibration.FIGURE,
    s14_motif.FIGURE,
    sider.FIGURE,
    generate_zinc.FIGURE,
)
_NAMES = {
    "test": "this program",
    "probe": "this program, linear probe",
    "random_init_probe": "the same probe, untrained encoder",
    "gain": "gain over the untrained encoder, paired by seed",
    "valid": "on valid",
    "plain": "plain GCN, the same seeds and splits",
    "plain_valid": "plain GCN on valid",
    "scratch": "the same model from scratch",
    "full": "all weights fine-tuned from the same checkpoint",
    "full_valid": "all weights on valid",
    "moved": "share of the weights that move",
    "difference": "difference, paired",
    "ece_before": "gap between confidence and accuracy (ECE), as trained",
    "ece": "the same after the temperature",
    "coverage": "90 % conformal sets: share that holds the true class",
    "set_size": "90 % conformal sets: classes in a set",
    "coverage_of_this_split": "the same share, valid and test as the split has them",
    "set_size_of_this_split": "classes in a set, valid and test as the split has them",
    "edge_auc": "edges of the motif, by the gradient of all classes (AUC)",
    "mask_edge_auc": "the same by a learnt mask (GNNExplainer)",
    "floor_majority": "floor: most frequent class, or the mean",
    "floor_features_only": "floor: features without the edges",
    "floor_label_spreading": "floor: label spreading",
    "floor_descriptors": "floor: descriptors of the whole molecule",
    "floor_fingerprint_forest": "floor: fingerprints and a random forest",
    "floor_ridge": "floor: linear graph model, solved at once",
    "trigram": "floor: the two tokens before",
    "valid_share": "share of 1,000 texts at temperature 1 that are molecules",
    "unique_share": "of these, different from each other",
    "novel_share": "of these, not among those trained on",
    "rewritten_share": "vectors whose likeliest text is their own molecule",
    "valid_share_without_grammar": "share that are molecules without the grammar",
}


def page(folder: Path = RESULTS) -> str:
    """Return the page as Markdown."""
    parts = [
        "# Published figures, measured again",
        "",
        "Made from one line for each seed by `python -m tests.golden.results`; each figure has a command of its own. "
        "Accuracy or area under the curve in percent, errors in the unit of the target, mean ± standard deviation over "
        "seeds or folds.",
    ]
    for figure in FIGURES:
        lines = read_lines(folder / f"{figure.key}.jsonl")
        if lines:
            parts += ["", *_section(figure, lines)]
    regimes = read_regimes(folder / "regimes.jsonl")
    if regimes:
        parts += [
            "",
            "## Which recipe wins where",
            "",
            "What each recipe reaches on valid, in percent, one seed each and at most 200 epochs; in bold the one that "
            "the program recommends. Made by `python -m tests.golden.regimes`.",
            "",
            *table(regimes),
        ]
    return "\n".join(parts) + "\n"


def _section(figure: Figure, lines: list[dict[str, float | str]]) -> list[str]:
    parts = [f"## {figure.title}", "", f"Published: {figure.published}.", "", f"| | {figure.metric} |", "|---|---|"]
    for name in (key for key in lines[0] if key not in PLACES):
        values = shown(name, lines, is_error=figure.is_error)
        decimals = 3 if figure.is_error else 2 if name in COUNTS else 1
        parts.append(f"| {_NAMES.get(name, name)} | {_spread(values, decimals)}{_certain(name, values)} |")
    seconds = statistics.fmean(float(line["seconds"]) for line in lines)
    commits = ", ".join(dict.fromkeys(str(line["commit"]) for line in lines))
    if verdict := _reached(figure, lines):
        parts += ["", verdict]
    return [*parts, "", f"{len(lines)} lines, {seconds:.0f} s each on two CPU cores, commit {commits}."]


def _reached(figure: Figure, lines: list[dict[str, float | str]]) -> str:
    """Return which of floor and aim the mean reaches; a difference has to be above zero with its whole interval."""
    name = next((name for name in ("difference", "probe", "edge_auc", "test") if name in lines[0]), None)
    if name is None:
        return ""
    values = shown(name, lines, is_error=figure.is_error)
    above = name != "difference" or (len(values) > 1 and interval(values)[0] > 0)
    found = []
    for word, wanted in (("floor", figure.floor), ("aim", figure.aim)):
        if wanted is not None:
            mean = statistics.fmean(values)
            reached = mean <= wanted if figure.is_error else (above or wanted < 0) and mean >= 100 * wanted
            said = f"{wanted:.2f}" if figure.is_error else f"{100 * wanted:.1f}"
            found.append(f"{word} {said} {'reached' if reached else 'not reached'}")
    return f"{'; '.join(found).capitalize()}." if found else ""


def _certain(name: str, values: list[float]) -> str:
    if name != "difference" or len(values) < 2:
        return ""
    low, high = interval(values)
    return f", 95 % interval {low:+.1f} to {high:+.1f}"


def _spread(values: list[float], decimals: int) -> str:
    mean = statistics.fmean(values)
    if len(values) < 2 or math.isclose(max(values), min(values)):
        return f"{mean:.{decimals}f}"
    return f"{mean:.{decimals}f} ± {statistics.stdev(values):.{decimals}f}"


if __name__ == "__main__":
    # Here alone: the translation is the window's, and the pages are tested without it.
    from tests.support import help_pages

    help_pages.write("results.md", page())
