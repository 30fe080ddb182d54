"""Which recipe wins where: the recipe of every regime on every shared set, on valid alone.

Run it with: python -m tests.golden.regimes. The thresholds of the regimes come from this table. One JSON
line is written for each set and recipe; what has one is not done again. What fires is printed beside what wins.
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.core.component import parse_config
from engine.data.builders.relational import RelationalData
from engine.data.options import DataOptions
from engine.data.reading import read_files
from engine.data.schema import FeatureSchema
from engine.data.suggest import options_of
from engine.graph.batch import GraphBatch
from engine.learn.finetuning import Labels, finetune
from engine.learn.trainer import Stage
from engine.project.opened import open_data, target_cells
from engine.project.parts import resolve
from engine.project.presets import Draft, assemble
from engine.project.recipe import Recipe
from engine.project.regimes import Regime, every, pick
from engine.project.signals import Signals, measure
from engine.project.situation import Situation, look_at, with_splits, with_target
from tests.golden.figures import RESULTS, commit
from tests.support.data import data_root


@dataclass(frozen=True)
class Case:
    """One data set with one way to split it."""

    data: str
    target: str
    split: dict[str, Any]

    @property
    def name(self) -> str:
        """Name in the table."""
        return f"{self.data}, {self.split.get('columns', [self.split['type']])[0]}"


GIVEN = {"type": "by_column", "columns": ["split"]}
CASES = (
    Case("cora", "label", GIVEN),
    Case("facebook_pages", "page_type", {"type": "few"}),
    Case("lastfm_asia", "label", {"type": "few"}),
    Case("twitch_engb", "mature", GIVEN),
    Case("minesweeper", "label", {"type": "by_column", "columns": ["split_0"]}),
    Case("cora", "label", {"type": "random"}),
    Case("lastfm_asia", "label", GIVEN),
    Case("email_eu_core", "department", GIVEN),
    Case("facebook_pages", "page_type", {"type": "random"}),
)


@dataclass(frozen=True)
class Opened:
    """A case, read."""

    situation: Situation
    options: DataOptions
    data: RelationalData
    batch: GraphBatch
    labels: Labels
    signals: Signals


def main() -> None:
    """Do what has no line yet, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--epochs", type=int, default=200, help="most epochs of each training")
    parser.add_argument("--cases", type=int, default=len(CASES), help="only the first so many")
    arguments = parser.parse_args()
    path = arguments.results / "regimes.jsonl"
    done = {(line["case"], line["recipe"]) for line in read_regimes(path)}
    print(f"{arguments.cases} cases with six recipes each, about a minute a recipe.", flush=True)
    for case in CASES[: arguments.cases]:
        if all((case.name, key) in done for key in KEYS):
            continue
        opened = _open(case)
        fires = pick(opened.signals)
        for regime in every(opened.signals):
            if (case.name, regime.key) in done:
                continue
            line = {
                "case": case.name,
                "recipe": regime.key,
                "fires": fires.key,
                **_train(case, opened, regime, arguments),
            }
            line |= {"signals": _kept(opened.signals), "commit": commit()}
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)
    print("\n".join(table(read_regimes(path))))


KEYS = ("few_labels", "few_labels_dense", "many_labels", "unlike_neighbours", "faint_edges", "features_only")


def table(lines: list[dict[str, Any]]) -> list[str]:
    """Return the table as Markdown: signals, the score of each recipe on valid, and what fires in bold."""
    head = ["set", "labels a class", "alike", "degree", *(key.replace("_", " ") for key in KEYS)]
    rows = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for case in dict.fromkeys(line["case"] for line in lines):
        found = {line["recipe"]: line for line in lines if line["case"] == case}
        first = next(iter(found.values()))
        signals = first["signals"]
        alike = "–" if signals["alike"] is None else f"{signals['alike']:.2f}"
        each = signals["train_labels"] / max(1, signals["classes"])
        cells = [case, f"{each:.0f}", alike, f"{signals['degree']:.1f}"]
        for key in KEYS:
            score = f"{100 * found[key]['valid']:.1f}" if key in found else ""
            cells.append(f"**{score}**" if key == first["fires"] and score else score)
        rows.append("| " + " | ".join(cells) + " |")
    return rows


def read_regimes(path: Path) -> list[dict[str, Any]]:
    """Return the lines so far."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _kept(signals: Signals) -> dict[str, Any]:
    names = ("train_labels", "classes", "degree", "alike", "chance", "with_edges", "without_edges", "noise")
    return {name: round(value, 4) if (value := asdict(signals)[name]) is not None else None for name in names}


def _open(case: Case) -> Opened:
    folder = data_root() / case.data
    names = ("nodes.csv", "edges.csv", "features_sparse.csv.gz")
    files = [folder / name for name in names if (folder / name).is_file()]
    options = with_target(options_of(read_files(files, None, case.target)), case.target)
    if "columns" in case.split:
        columns = [name for table in options.tables for name in table.columns if name.startswith("split")]
        options = with_splits(options, tuple(columns))
    data = open_data(options).data
    situation = look_at(data, (case.target,))
    batch = GraphBatch.from_graph(data.graph, FeatureSchema.fit(data, options).transform(data))
    parts = resolve(_recipe(case, options, situation, every(Signals(True, 2, 1))[2]))
    values = target_cells(data.items, (case.target,))
    split = parts.splitter.assign(data.items, parts.task.draft(values), is_class=True, seed=0)[0]
    fitted = parts.task.fit(values, split)
    labels = Labels(fitted, fitted.encode(values), split)
    signals = measure(data.graph, batch, labels, own_features=situation.has_features)
    return Opened(situation, options, data, batch, labels, signals)


def _recipe(case: Case, options: DataOptions, situation: Situation, regime: Regime) -> Recipe:
    draft = Draft(dict(regime.encoder), dict(regime.finetune), beside=regime.beside)
    return assemble(options, situation, case.split, draft)


def _train(case: Case, opened: Opened, regime: Regime, arguments: argparse.Namespace) -> dict[str, Any]:
    began = time.perf_counter()
    recipe = _recipe(case, opened.options, opened.situation, regime)
    parts = resolve(recipe)
    model = parts.new_model(opened.batch.in_width, opened.labels.task, 0)
    epochs = min(arguments.epochs, recipe.finetune.training.epochs)
    training = parse_config(type(recipe.finetune.training), {"epochs": epochs, "patience": max(40, epochs // 4)}, "")
    stage = Stage("scratch", training, recipe.finetune.optimiser, recipe.finetune.schedule, seed=0)
    done = finetune(model, opened.batch, opened.labels, parts.strategy, stage, term=parts.term)
    return {
        "metric": opened.labels.task.main_metric,
        "valid": round(done.valid[opened.labels.task.main_metric], 6),
        "epochs": len(done.fit.history),
        "seconds": round(time.perf_counter() - began, 1),
    }


if __name__ == "__main__":
    main()
