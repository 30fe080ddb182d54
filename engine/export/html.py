"""Write a run's report as one HTML page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from engine.core.atomic import write_text
from engine.core.events import EventSink, silent
from engine.export._base import Content, Exporter, ReportContent

_PERCENT = ("accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "average_precision", "precision", "recall", "f1")
_WIDTH, _HEIGHT, _MARGIN = 560, 220, 44
_MOST_POINTS = 400
# Okabe and Ito (2008): told apart with every common kind of colour vision.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 2", "12 4")
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --accent: #0072b2; }
body { font: 15px/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; } th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); }
th { text-align: left; font-weight: 600; } td.n { text-align: right; font-variant-numeric: tabular-nums; }
.verdict { font-size: 1.15rem; border-left: 4px solid var(--accent); padding: .4rem 0 .4rem 1rem; }
.scroll { overflow-x: auto; } pre { background: var(--soft); padding: 1rem; overflow-x: auto; }
svg text { fill: currentColor; font-size: 12px; } .same { outline: 1px solid var(--accent); }
.muted { opacity: .7; }
"""


class Html(Exporter):
    """One page with verdict, floors, trainings, curves, confusion matrix and recipe; it loads nothing from elsewhere.

    Source: our own; scores stand beside their floors as Shchur et al. (2018) ask for.
    """

    key = "html"
    label = "HTML report"
    extension = ".html"
    takes = ("report",)

    def write(self, content: Content, path: Path, sink: EventSink = silent) -> int:
        """Write the page."""
        assert content.report is not None
        write_text(path, _page(content.report))
        return len(content.report.metrics.get("runs", ()))


def _page(report: ReportContent) -> str:
    metrics = report.metrics
    parts = [
        f"<h1>{escape(report.title)}</h1>",
        f'<p class="verdict">{escape(metrics.get("verdict") or "No training has finished yet.")}</p>',
        _facts(report),
        "<h2>Beside its floors</h2>",
        _floors(metrics),
        "<h2>Trainings</h2>",
        _runs(metrics),
        *_charts(report.curves),
        *_confusion(metrics),
        *_classes(report.report),
        "<h2>Recipe</h2>",
        f"<pre>{escape(report.recipe)}</pre>",
    ]
    head = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head>"
    )
    return f"{head}\n<body>\n" + "\n".join(parts) + "\n</body></html>\n"


def _facts(report: ReportContent) -> str:
    metrics, environment = report.metrics, report.environment
    sizes = "; ".join(
        f"{size['split']}: {size['train']:,} train, {size['valid']:,} valid, {size['test']:,} test"
        for size in metrics.get("sizes", ())
    )
    versions = ", ".join(f"{name} {text}" for name, text in environment.get("versions", {}).items() if text)
    rows = [
        ("Target", metrics["task"]["target"]),
        ("Score", f"{metrics['metric'].replace('_', ' ')} on test"),
        ("Labelled nodes", sizes),
        ("Seeds", ", ".join(map(str, metrics["seeds"]))),
        ("Device", f"{metrics['device']}, {environment.get('threads', '?')} threads"),
        ("Versions", versions),
    ]
    similarity = report.report.get("similarity")
    if similarity:
        rows.append(("Test beside train", " ".join(similarity["sentences"])))
    for title, key in (("Seeds together", "ensemble"), ("Out of fold", "out_of_fold"), ("Confidence", "calibration")):
        if metrics.get(key):
            rows.append((title, metrics[key]["sentence"]))
    return _table((), [[name, str(value)] for name, value in rows])


def _floors(metrics: Mapping[str, Any]) -> str:  # Any: JSON values
    metric = metrics["metric"]
    rows: list[tuple[str, Mapping[str, Any] | None, Mapping[str, Any] | None]] = [  # Any: JSON values
        (name.replace("_", " "), floor["valid"], floor["test"]) for name, floor in metrics["floors"].items()
    ]
    for name, key in (("random-init probe", "random_init_probe"), ("probe of the pretrained encoder", "probe")):
        if metrics.get(key):
            rows.append((name, metrics[key]["valid"], metrics[key]["test"]))
    comparison = metrics.get("comparison")
    if comparison:
        rows += [("from scratch", None, comparison["scratch"]), ("pretrained", None, comparison["pretrained"])]
        rows.append(("pretrained less scratch, paired", None, comparison["paired_difference"]))
    rows.append((f"{metrics['encoder']}, as reported", metrics["valid"], metrics["test"]))
    shown = [[name, _spread(valid, metric), _spread(test, metric)] for name, valid, test in rows]
    return _table(("", "valid", "test"), shown)


def _runs(metrics: Mapping[str, Any]) -> str:  # Any: JSON values
    metric = metrics["metric"]
    rows = [
        [
            str(run["split"]),
            str(run["seed"]),
            run["kind"],
            _number(run["valid"].get(metric), metric),
            _number(run["test"].get(metric), metric),
            f"{run['best_epoch']} of {run['epochs']}",
            run["reason"],
            f"{run['seconds']:.1f} s",
        ]
        for run in metrics["runs"]
    ]
    return _table(("split", "seed", "kind", "valid", "test", "best epoch", "ended by", "time"), rows)


def _confusion(metrics: Mapping[str, Any]) -> list[str]:  # Any: JSON values
    confusion = metrics.get("confusion")
    if not confusion:
        return []
    labels, matrix = confusion["labels"], confusion["matrix"]
    head = "".join(f"<th>{escape(str(label))}</th>" for label in labels)
    lines = []
    for row, (label, counts) in enumerate(zip(labels, matrix, strict=True)):
        total = max(1, sum(counts))
        cells = "".join(_cell(count, total, is_right=column == row) for column, count in enumerate(counts))
        lines.append(f"<tr><th>{escape(str(label))}</th>{cells}</tr>")
    table = f"<table><tr><th>true \\ predicted</th>{head}</tr>{''.join(lines)}</table>"
    return ["<h2>Confusion on test</h2>", f'<div class="scroll">{table}</div>']


def _cell(count: int, total: int, *, is_right: bool) -> str:
    """Return one cell of the matrix, its ground the darker the larger its share of the row."""
    kind = "n same" if is_right else "n"
    return f'<td class="{kind}" style="background:rgba(0,114,178,{0.6 * count / total:.2f})">{count:,}</td>'


def _classes(report: Mapping[str, Any]) -> list[str]:  # Any: JSON values
    classes = (report.get("test") or {}).get("classes")
    if not classes:
        return []
    names = ("precision", "recall", "f1")
    rows = [
        [str(one["class"]), *(_number(one[name], name) for name in names), f"{one['support']:,}"] for one in classes
    ]
    return ["<h2>Classes on test</h2>", _table(("class", *names, "nodes"), rows)]


def _charts(curves: Mapping[str, Sequence[Mapping[str, float]]]) -> list[str]:
    """Draw one chart for each stage and measure: losses apart from scores, as they share no axis."""
    parts: list[str] = []
    for stage, epochs in curves.items():
        names = [name for name in dict.fromkeys(name for epoch in epochs for name in epoch) if name != "epoch"]
        losses = [name for name in names if name.endswith("loss")]
        scores = [name for name in names if name not in losses]
        charts = [_chart(epochs, group) for group in (losses, scores) if group]
        parts += [f"<h2>{escape(stage)}</h2>", *charts]
    return parts


def _chart(epochs: Sequence[Mapping[str, float]], names: Sequence[str]) -> str:
    step = max(1, len(epochs) // _MOST_POINTS)
    lines = {name: [(e["epoch"], e[name]) for e in epochs[::step] if name in e] for name in names}
    points = [point for line in lines.values() for point in line if math.isfinite(point[1])]
    if not points:
        return ""
    x0, x1 = min(p[0] for p in points), max(p[0] for p in points)
    y0, y1 = min(p[1] for p in points), max(p[1] for p in points)
    inner_width, inner_height = _WIDTH - 4 * _MARGIN, _HEIGHT - 2 * _MARGIN

    def place(x: float, y: float) -> str:
        across = (x - x0) / (x1 - x0) if x1 > x0 else 0.5
        up = (y - y0) / (y1 - y0) if y1 > y0 else 0.5
        return f"{_MARGIN + across * inner_width:.1f},{_HEIGHT - _MARGIN - up * inner_height:.1f}"

    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" role="img" aria-label="{escape(", ".join(names))}">'
    ]
    floor, right = _HEIGHT - _MARGIN, _MARGIN + inner_width
    parts.append(f'<path d="M{_MARGIN},{_MARGIN}V{floor}H{right}" fill="none" stroke="currentColor" opacity=".5"/>')
    parts.append(f'<text x="{_MARGIN - 4}" y="{floor}" text-anchor="end">{y0:.3g}</text>')
    parts.append(f'<text x="{_MARGIN - 4}" y="{_MARGIN + 4}" text-anchor="end">{y1:.3g}</text>')
    parts.append(f'<text x="{_MARGIN}" y="{floor + 16}">{x0:.0f}</text>')
    parts.append(f'<text x="{right}" y="{floor + 16}" text-anchor="end">{x1:.0f} epochs</text>')
    for number, (name, line) in enumerate(lines.items()):
        colour, dash = _COLOURS[number % len(_COLOURS)], _DASHES[number % len(_DASHES)]
        path = " ".join(place(*point) for point in line if math.isfinite(point[1]))
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8" stroke-dasharray="{dash}"/>'
        )
        y = _MARGIN + 16 * number
        parts.append(
            f'<path d="M{right + 12},{y - 4}h22" stroke="{colour}" stroke-width="1.8" stroke-dasharray="{dash}"/>'
            f'<text x="{right + 40}" y="{y}">{escape(name)}</text>'
        )
    return "".join([*parts, "</svg>"])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td{_align(cell)}>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table>{f"<tr>{top}</tr>" if head else ""}{body}</table></div>'


def _align(cell: str) -> str:
    return ' class="n"' if cell[:1].isdigit() or cell[:1] == "-" else ""


def _spread(spread: Mapping[str, Any] | None, metric: str) -> str:  # Any: JSON values
    if spread is None:
        return ""
    text = _number(spread["mean"], metric)
    return f"{text} ± {_number(spread['std'], metric)}" if spread["count"] > 1 else text


def _number(value: float | None, metric: str) -> str:
    if value is None:
        return ""
    return f"{100 * value:.1f} %" if metric in _PERCENT else f"{value:.4g}"
