"""One honest sentence about a run: what the model reaches, what the graph adds, what pretraining adds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from scipy.stats import t as student

from engine.learn.metrics import LOWER_IS_BETTER

#: Metrics that are shares of one, shown in percent and compared in points.
SHARES = frozenset({"accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "average_precision"})
_NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro-F1",
    "roc_auc": "ROC-AUC",
    "average_precision": "average precision",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "nll": "nats per token",
}
_CONFIDENCE = 0.95
_NORMAL = 1.959964  # the same for a known error
_ENOUGH = 5
# Floors of molecules, as a sentence names them.
_CHEMISTRY = {"descriptors": "descriptors reach", "fingerprint_forest": "fingerprints with a forest reach"}


@dataclass(frozen=True, slots=True)
class Findings:
    """What a verdict is made from; every sequence holds one test score of the main metric for each run.

    Args:
        model: name on screen, "GCN".
        metric: the main metric.
        scores: of the model that the run recommends, one for each split and seed.
        test_items: scored test nodes of a run.
        floors: key of a floor (majority, features_only, label_spreading) to its scores; absent where not run.
            `features_only` is left out when the nodes have no features of their own.
        scratch, pretrained: the same model without and with pretraining, in the same order of split and seed.
        kind: class or value, for the words of the majority floor.
        uses_edges: whether the model looks at the edges at all.
        transferred: whether the pretrained encoder is from another graph.
        runs_are: what the runs differ in; "runs" when in both seed and split.
    """

    model: str
    metric: str
    scores: Sequence[float]
    test_items: int
    floors: Mapping[str, Sequence[float]] = field(default_factory=dict)
    scratch: Sequence[float] = ()
    pretrained: Sequence[float] = ()
    kind: Literal["class", "value"] = "class"
    runs_are: Literal["seeds", "splits", "runs"] = "seeds"
    uses_edges: bool = True
    transferred: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One clause: a stable code that a window translates by, its English text, and the numbers in it."""

    code: str
    text: str
    values: Mapping[str, Any]  # Any: JSON values


@dataclass(frozen=True, slots=True)
class Verdict:
    """The clauses in order; `code` is the one that matters most, `sentence` is all of them."""

    code: str
    parts: tuple[Part, ...]

    @property
    def sentence(self) -> str:
        """Return the clauses as one sentence."""
        return "; ".join(part.text for part in self.parts) + "."

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return code, sentence and parts as JSON values."""
        parts = [{"code": p.code, "text": p.text, "values": dict(p.values)} for p in self.parts]
        return {"code": self.code, "sentence": self.sentence, "parts": parts}


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two sets of scores differ, with the sign that makes more better.

    Args: gain: mean difference. margin: half the 95 % interval of it; a gain within it is noise. runs: how many.
        paired: whether runs were matched one to one.
    """

    gain: float
    margin: float
    runs: int
    paired: bool

    @property
    def outcome(self) -> Literal["better", "same", "worse"]:
        """Whether the gain leaves its margin."""
        if abs(self.gain) <= self.margin or not math.isfinite(self.gain):
            return "same"
        return "better" if self.gain > 0 else "worse"


def compare(ours: Sequence[float], theirs: Sequence[float], metric: str, test_items: int) -> Comparison:
    """Compare scores of the same splits and seeds.

    Five pairs or more: Student's interval of the paired differences. One run, or counts that differ: the sampling
    error of the test items alone (binomial for shares; rmse / sqrt(2 n) for errors, which holds for normal residuals),
    as if the two models had been scored on separate items, which is on the careful side. Two to four pairs say next to
    nothing about their own spread (Student's factor is 12.7 at two): the smaller of both margins counts.
    """
    sign = -1.0 if metric in LOWER_IS_BETTER else 1.0
    a, b = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    gain = sign * float(a.mean() - b.mean())
    error = math.hypot(sampling_error(a.mean(), metric, test_items), sampling_error(b.mean(), metric, test_items))
    sampling = _NORMAL * error
    if len(a) != len(b) or len(a) == 1:
        return Comparison(gain, sampling, min(len(a), len(b)), False)
    factor = float(student.ppf(0.5 + _CONFIDENCE / 2, len(a) - 1))
    seeds = factor * float((a - b).std(ddof=1)) / math.sqrt(len(a))
    return Comparison(gain, min(seeds, sampling) if len(a) < _ENOUGH else seeds, len(a), True)


def sampling_error(score: float, metric: str, test_items: int) -> float:
    """Return the standard error that a score has because the test part is a sample.

    Accuracy: sqrt(p (1 - p) / n), binomial; taken over for the other shares as an approximation. RMSE and MAE: score /
    sqrt(2 n). R²: (1 - R²) sqrt(2 / n).
    """
    if test_items < 1:
        return math.inf
    if metric in SHARES:
        return math.sqrt(max(score * (1 - score), 0.0) / test_items)
    if metric == "r2":
        return (1 - score) * math.sqrt(2 / test_items)
    return score / math.sqrt(2 * test_items)


def verdict(findings: Findings) -> Verdict:
    """Say in one sentence what was reached and what it is worth.

    "The graph adds nothing beyond noise" is said when the gain over the features alone is within noise; see `compare`.
    """
    parts = [_reached(findings)]
    trigram = _trigram(findings)
    if trigram is not None:
        return Verdict(trigram.code, tuple(filter(None, (*parts, trigram, _pretraining(findings)))))
    majority = _against(findings, "majority")
    if majority is not None and majority.outcome != "better":
        parts.append(_no_better_than_majority(findings))
        code = parts[-1].code
        # What does better all the same is the way out, and is named.
        floors = _floors(findings)
        parts.extend(part for part in floors if part.code in ("graph_hurts", "spreading_better", "chemistry_better"))
    else:
        floors = _floors(findings)
        parts.extend(floors or _majority_alone(findings))
        code = _headline(parts)
    pretraining = _pretraining(findings)
    if pretraining is not None:
        parts.append(pretraining)
    return Verdict(code, tuple(parts))


def shown(value: float, metric: str) -> str:
    """Write a score for people: shares in percent with one decimal, others with three significant digits."""
    return f"{100 * value:.1f}" if metric in SHARES else _three_digits(value)


def _headline(parts: Sequence[Part]) -> str:
    """Return the code a reader must not miss: a floor that does as well comes before a gain."""
    codes = [part.code for part in parts]
    warnings = (
        "spreading_better",
        "chemistry_better",
        "spreading_as_good",
        "chemistry_as_good",
        "graph_hurts",
        "graph_adds_nothing",
    )
    return next((code for code in warnings if code in codes), codes[1] if len(codes) > 1 else codes[0])


def _three_digits(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{decimals}f}"


def _gap(value: float, metric: str) -> str:
    """Write a difference: points for shares (whole ones from 10 on), three digits for the rest."""
    if metric not in SHARES:
        return f"{_three_digits(abs(value))} {_NAMES.get(metric, metric)}"
    points = round(abs(100 * value), 1)
    text = f"{points:.0f}" if points >= 10 else f"{points:.1f}"
    return f"{text} point{'' if text in ('1', '1.0') else 's'}"


def _gain(value: float, metric: str) -> str:
    if metric in LOWER_IS_BETTER:
        return f"takes {_three_digits(abs(value))} off the {_NAMES.get(metric, metric)}"
    return f"adds {_gap(value, metric)}"


def _mean_and_std(scores: Sequence[float]) -> dict[str, float]:
    values = np.asarray(scores, dtype=np.float64)
    return {"mean": float(values.mean()), "std": float(values.std(ddof=1)) if len(values) > 1 else 0.0}


def _reached(findings: Findings) -> Part:
    metric, runs = findings.metric, len(findings.scores)
    stats = _mean_and_std(findings.scores)
    mean = shown(stats["mean"], metric)
    # As many decimals as the mean has.
    decimals = len(mean.partition(".")[2])
    deviation = f"{stats['std'] * (100 if metric in SHARES else 1):.{decimals}f}"
    spread = f" ± {deviation} over {runs} {findings.runs_are}" if runs > 1 else ""
    lower = ", lower is better" if metric in LOWER_IS_BETTER else ""
    text = f"{findings.model} {mean}{spread} (test {_NAMES.get(metric, metric)}{lower})"
    return Part(
        "reached",
        text,
        {"model": findings.model, "metric": metric, "runs": runs, "runs_are": findings.runs_are, **stats},
    )


def _against(findings: Findings, floor: str) -> Comparison | None:
    scores = findings.floors.get(floor)
    if not scores:
        return None
    # A floor without randomness may have been run once: it stands against every run.
    matched = list(scores) * len(findings.scores) if len(scores) == 1 else scores
    return compare(findings.scores, matched, findings.metric, findings.test_items)


def _values(findings: Findings, floor: str, comparison: Comparison) -> dict[str, Any]:  # Any: JSON values
    mean = float(np.mean(findings.floors[floor]))
    return {"floor": mean, "gain": comparison.gain, "margin": comparison.margin, "metric": findings.metric}


def _no_better_than_majority(findings: Findings) -> Part:
    comparison = _against(findings, "majority")
    assert comparison is not None
    values = _values(findings, "majority", comparison)
    answer = "the most frequent class" if findings.kind == "class" else "the mean"
    # A gain within its margin may be real: few test nodes cannot tell.
    found = ", which is no difference beyond noise" if comparison.gain > 0 else "; nothing was learnt here"
    text = f"always answering {answer} gives {shown(values['floor'], findings.metric)}{found}"
    return Part("nothing_learnt", text, values)


def _majority_alone(findings: Findings) -> list[Part]:
    comparison = _against(findings, "majority")
    if comparison is None:
        return []
    values = _values(findings, "majority", comparison)
    answer = "the most frequent class" if findings.kind == "class" else "the mean"
    text = f"always answering {answer} gives {shown(values['floor'], findings.metric)}"
    return [Part("above_majority", text, values)]


def _graph(findings: Findings) -> Part | None:
    comparison = _against(findings, "features_only")
    if comparison is None:
        return None
    values = _values(findings, "features_only", comparison)
    gap = _gap(comparison.gain, findings.metric)
    said = {
        "better": ("graph_adds", f"the graph {_gain(comparison.gain, findings.metric)}"),
        "same": ("graph_adds_nothing", "the graph adds nothing beyond noise"),
        "worse": ("graph_hurts", f"the features alone are better by {gap}, so the graph hurts here"),
    }
    code, text = said[comparison.outcome]
    if not findings.uses_edges:
        text = f"the features-only floor {shown(values['floor'], findings.metric)}; this model never looks at the edges"
        return Part("edges_unused", text, values)
    return Part(code, f"without the edges {shown(values['floor'], findings.metric)}; {text}", values)


def _floors(findings: Findings) -> list[Part]:
    return [part for part in (_graph(findings), _spreading(findings), _chemistry(findings)) if part is not None]


def _spreading(findings: Findings) -> Part | None:
    comparison = _against(findings, "label_spreading")
    if comparison is None:
        return None
    values = _values(findings, "label_spreading", comparison)
    floor = shown(values["floor"], findings.metric)
    said = {
        "better": ("above_spreading", f"label spreading alone {floor}"),
        "same": ("spreading_as_good", f"label spreading alone does as well ({floor})"),
        "worse": ("spreading_better", f"label spreading alone does better ({floor})"),
    }
    code, text = said[comparison.outcome]
    return Part(code, text, values)


def _chemistry(findings: Findings) -> Part | None:
    """Compare with what chemists use without a graph model: the better of the floors of molecules."""
    floors = [name for name in _CHEMISTRY if findings.floors.get(name)]
    if not floors:
        return None
    choose = min if findings.metric in LOWER_IS_BETTER else max
    best = choose(floors, key=lambda name: float(np.mean(findings.floors[name])))
    comparison = _against(findings, best)
    assert comparison is not None
    values = {**_values(findings, best, comparison), "name": best}
    floor = f"{_CHEMISTRY[best]} {shown(values['floor'], findings.metric)}"
    said = {
        "better": ("above_chemistry", f"{floor} at best without a graph model"),
        "same": ("chemistry_as_good", f"without a graph model {floor}, which is as good"),
        "worse": ("chemistry_better", f"without a graph model {floor}, which is better"),
    }
    code, text = said[comparison.outcome]
    return Part(code, text, values)


def _trigram(findings: Findings) -> Part | None:
    comparison = _against(findings, "trigram")
    if comparison is None:
        return None
    values = _values(findings, "trigram", comparison)
    floor = shown(values["floor"], findings.metric)
    said = {
        "better": (
            "above_trigram",
            f"a model of the two tokens before needs {floor}: the vectors tell what to write",
        ),
        "same": ("trigram_as_good", f"a model of the two tokens before does as well ({floor})"),
        "worse": ("trigram_better", f"a model of the two tokens before does better ({floor})"),
    }
    code, text = said[comparison.outcome]
    return Part(code, text, values)


def _pretraining(findings: Findings) -> Part | None:
    if not findings.scratch or not findings.pretrained:
        return None
    comparison = compare(findings.pretrained, findings.scratch, findings.metric, findings.test_items)
    gap = _gap(comparison.gain, findings.metric)
    said = {
        "better": ("pretraining_adds", f"pretraining {_gain(comparison.gain, findings.metric)}"),
        "same": ("pretraining_same", "pretraining makes no difference beyond noise"),
        "worse": ("pretraining_hurts", f"pretraining hurts by {gap}"),
    }
    if findings.transferred:
        said = {
            "better": (
                "transfer_adds",
                f"the encoder of the other graph {_gain(comparison.gain, findings.metric)} over none",
            ),
            "same": (
                "transfer_same",
                "the encoder of the other graph makes no difference beyond noise, so training from scratch is enough",
            ),
            "worse": (
                "transfer_hurts",
                f"the encoder of the other graph hurts by {gap}: train from scratch instead",
            ),
        }
    code, text = said[comparison.outcome]
    values = {
        "scratch": float(np.mean(findings.scratch)),
        "pretrained": float(np.mean(findings.pretrained)),
        "gain": comparison.gain,
        "margin": comparison.margin,
        "runs": comparison.runs,
        "metric": findings.metric,
    }
    over = f"paired over {comparison.runs} {findings.runs_are}" if comparison.paired else "one run"
    return Part(code, f"{text} ({over})", values)
