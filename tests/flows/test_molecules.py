"""Molecules, from a table of SMILES to predictions under its own ids and on to new molecules."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.core.events import Event, Notice
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec

_ENDS = ("", "O", "c1ccccc1", "C1CCCCC1")


def _result(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    done = run_inline(JobSpec(kind, arguments, "test"))
    assert done.result is not None, done.error
    return dict(done.result)


def _molecules() -> list[str]:
    """Return 48 chains, some with a ring at their end, some with oxygen in them."""
    return [f"C{'C' * length}{middle}C{end}" for length in range(4) for middle in "CON" for end in _ENDS]


def write_molecules(path: Path) -> Path:
    """Write name, formula (SMILES), charge (twice the oxygen atoms), weight, and two rows that are no molecules."""
    rows = [(f"m{k:02d}", smiles, 2 * smiles.count("O"), len(smiles)) for k, smiles in enumerate(_molecules())]
    rows[7:7] = [("bad", "C1CC", 1, 4), ("odd", "CC(C)(C)(C)C", 1, 5)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("name", "formula", "charge", "weight"), *rows])
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run that counts oxygen, from a recipe that was suggested and shortened."""
    folder = tmp_path_factory.mktemp("molecules")
    files = [str(write_molecules(folder / "table.csv"))]
    suggested = _result("suggest", {"files": files, "target": "charge", "split": "random", "seeds": 1})
    recipe = suggested["recipe"]
    recipe["task"] = {"type": "graph_value", "target": "charge"}
    recipe["encoder"] = {"type": "gine", "layers": 2, "width": 16}
    recipe["readout"] = {"type": "mean"}
    recipe["finetune"] = {"type": "scratch", "training": {"epochs": 40}, "optimiser": {"rate": 0.01}}
    recipe["loader"] = {"type": "graphs", "batch_size": 8}
    recipe["runtime"] = {"device": "cpu", "threads": 1}
    _result("run", {"recipe": recipe, "out": str(folder / "run")})
    (folder / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    return folder


def test_roles_are_found_by_content_and_side_columns_are_no_features(trained: Path) -> None:
    recipe = json.loads((trained / "recipe.json").read_text(encoding="utf-8"))
    (table,) = recipe["data"]["tables"]
    assert table["kind"] == "molecules"
    assert {name: spec["role"] for name, spec in table["columns"].items()} == {
        "name": "graph_id",
        "formula": "smiles",
        "charge": "target",
        "weight": "ignore",
    }


def test_readable_rows_are_predicted_under_their_names(trained: Path) -> None:
    table = pd.read_csv(trained / "run" / "predictions.csv")
    assert table["name"].tolist() == [f"m{k:02d}" for k in range(48)]
    metrics = json.loads((trained / "run" / "metrics.json").read_text(encoding="utf-8"))
    # Targets are 0, 2 and 4.
    assert metrics["test"]["mean"] < 0.5 * metrics["floors"]["majority"]["test"]["mean"]
    issues = [json.loads(line) for line in (trained / "run" / "events.jsonl").read_text().splitlines()]
    lines = [event["line"] for event in issues if event.get("code") == "data.chem.unreadable"]
    assert lines == [9, 10]


def test_the_oxygen_is_what_a_count_of_oxygen_rests_on(trained: Path) -> None:
    found = enumerate(_molecules())
    name, smiles = next((f"m{k:02d}", one) for k, one in found if one.count("O") == 1 and "N" not in one)
    found = _result("explain", {"run": str(trained / "run"), "graph": name, "type": "masking"})
    atoms = [one["score"] for one in found["nodes"]]
    oxygen = [symbol for symbol in smiles if symbol.upper() in "CO"].index("O")
    assert int(np.argmax(atoms)) == oxygen
    judged = found["fidelity"]["nodes"]
    # In the unit of the column: an oxygen counts two.
    assert 1.0 < judged["removed"] < 4.0
    assert judged["removed"] > judged["removed_random"]
    assert found["sentence"].startswith(f'"{name}" is predicted as {found["predicted"]:.4g}.')


@pytest.fixture(scope="module")
def trained_on_two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run that counts oxygen and nitrogen at once."""
    folder = tmp_path_factory.mktemp("two")
    rows = [
        (f"m{k:02d}", smiles, 2 * smiles.count("O"), 10 * smiles.count("N")) for k, smiles in enumerate(_molecules())
    ]
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("name", "formula", "oxygen", "nitrogen"), *rows])
    asked = {"files": [str(folder / "table.csv")], "targets": ["oxygen", "nitrogen"], "split": "random", "seeds": 1}
    recipe = _result("suggest", asked)["recipe"]
    recipe["encoder"] = {"type": "gine", "layers": 2, "width": 16}
    recipe["readout"] = {"type": "mean"}
    recipe["finetune"] = {"type": "scratch", "training": {"epochs": 60}, "optimiser": {"rate": 0.01}}
    recipe["loader"] = {"type": "graphs", "batch_size": 8}
    recipe["runtime"] = {"device": "cpu", "threads": 1}
    _result("run", {"recipe": recipe, "out": str(folder / "run")})
    return folder


@pytest.mark.parametrize(("target", "symbol", "unit"), [("oxygen", "O", 2), ("nitrogen", "N", 10), (None, "O", 2)])
@pytest.mark.parametrize("type", ["masking", "gradient"])
def test_each_of_several_targets_is_explained_by_its_own_atoms(
    trained_on_two: Path, target: str | None, symbol: str, unit: float, type: str
) -> None:
    run, smiles = str(trained_on_two / "run"), _molecules()
    name = f"m{next(k for k, one in enumerate(smiles) if symbol in one and one.count('O') + one.count('N') == 1):02d}"
    found = _result("explain", {"run": run, "graph": name, "type": type, "target": target})
    assert (found["target"], found["targets"]) == (target or "oxygen", ["oxygen", "nitrogen"])
    atoms = [letter for letter in smiles[int(name[1:])] if letter.upper() in "CON"]
    assert atoms[int(np.argmax([one["score"] for one in found["nodes"]]))] == symbol
    table = pd.read_csv(trained_on_two / "run" / "predictions.csv").set_index("name")
    assert found["predicted"] == pytest.approx(table.loc[name, f"predicted_{found['target']}"], abs=1e-4)
    # In the unit of the column.
    assert 0.4 * unit < found["fidelity"]["nodes"]["removed"] < 2 * unit
    assert found["sentence"].startswith(f'"{found["target"]}" of "{name}" is predicted as {found["predicted"]:.4g}.')


def test_each_of_several_yes_or_no_columns_is_explained_with_its_own_class_and_probability(
    trained_on_two: Path, tmp_path: Path
) -> None:
    table = pd.read_csv(trained_on_two / "table.csv")
    for name in ("oxygen", "nitrogen"):
        table[name] = np.where(table[name] > 0, "yes", "no")
    table.to_csv(tmp_path / "table.csv", index=False)
    asked = {"files": [str(tmp_path / "table.csv")], "targets": ["oxygen", "nitrogen"], "split": "random", "seeds": 1}
    recipe = _result("suggest", asked)["recipe"]
    recipe["encoder"] = {"type": "gine", "layers": 2, "width": 16}
    recipe["readout"] = {"type": "mean"}
    recipe["finetune"] = {"type": "scratch", "training": {"epochs": 40}, "optimiser": {"rate": 0.01}}
    recipe["loader"] = {"type": "graphs", "batch_size": 8}
    recipe["runtime"] = {"device": "cpu", "threads": 1}
    assert recipe["task"]["type"] == "graph_labels"
    run = str(tmp_path / "run")
    _result("run", {"recipe": recipe, "out": run})
    told = pd.read_csv(tmp_path / "run" / "predictions.csv").set_index("name")
    name = next(f"m{k:02d}" for k, one in enumerate(_molecules()) if "N" in one and "O" not in one)
    for target in ("oxygen", "nitrogen"):
        found = _result("explain", {"run": run, "graph": name, "target": target, "type": "masking"})
        share = told.loc[name, f"p_{target}"]
        assert found["predicted"] == told.loc[name, f"predicted_{target}"]
        assert found["probability"] == pytest.approx(max(share, 1 - share), abs=1e-4)
    assert found["predicted"] == "yes"
    atoms = [letter for letter in _molecules()[int(name[1:])] if letter.upper() in "CON"]
    assert atoms[int(np.argmax([one["score"] for one in found["nodes"]]))] == "N"


def test_a_target_that_is_not_predicted_is_not_explained(trained_on_two: Path) -> None:
    asked = {"run": str(trained_on_two / "run"), "graph": "m00", "target": "weight"}
    done = run_inline(JobSpec("explain", asked, "test"))
    assert done.error is not None
    assert 'does not predict "weight"' in done.error["message"]
    assert "oxygen, nitrogen" in done.error["hint"]


def test_new_molecules_need_neither_ids_nor_the_same_column_name(trained: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("SMILES\nCCCCO\nCCOCCO\nC1CC\nCCCCCC\n", encoding="utf-8")
    out = tmp_path / "p.csv"
    found = _result("predict", {"run": str(trained / "run"), "files": [str(new)], "out": str(out)})
    assert found["schema"]["extra"] == []
    table = pd.read_csv(out)
    # The third row is no molecule; rows keep their numbers.
    assert table["row"].tolist() == [1, 2, 4]
    assert np.abs(table["predicted_charge"] - [2, 4, 0]).max() < 1.0
    assert table["SMILES"].tolist() == ["CCCCO", "CCOCCO", "CCCCCC"]
    assert table["in_domain"].tolist() == [True, True, True]


def test_what_is_like_nothing_in_train_is_told_apart(trained: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("SMILES\nCCCCO\nO=S(=O)(N)C(F)(F)Cl\nCCCC[Se]\n", encoding="utf-8")
    out = tmp_path / "p.csv"
    _result("predict", {"run": str(trained / "run"), "files": [str(new)], "out": str(out)})
    table = pd.read_csv(out)
    assert table["in_domain"].tolist() == [True, False, False]
    assert table["train_similarity"][0] > table["train_similarity"][1]
    assert table["nearest_train"].isin([f"m{k:02d}" for k in range(48)]).all()


def test_what_the_model_sees_as_far_away_is_outside_however_alike_its_structure_is(
    trained: Path, tmp_path: Path
) -> None:
    new, out, run = tmp_path / "new.csv", tmp_path / "p.csv", tmp_path / "run"
    new.write_text("SMILES\nCCCCO\nCCOCCO\n", encoding="utf-8")
    shutil.copytree(trained / "run", run)
    answers = []
    for shift in (0.0, 1000.0):
        # Structures and elements stay as they are: only where the vectors of train lie is another place.
        vectors = pd.read_parquet(trained / "run" / "embeddings.parquet")
        vectors.iloc[:, 1:] += np.float32(shift)
        vectors.to_parquet(run / "embeddings.parquet", index=False)
        _result("predict", {"run": str(run), "files": [str(new)], "out": str(out)})
        answers.append(pd.read_csv(out))
    assert answers[0]["in_domain"].tolist() == [True, True]
    assert answers[1]["in_domain"].tolist() == [False, False]
    columns = ["train_similarity", "nearest_train"]
    pd.testing.assert_frame_equal(answers[0][columns], answers[1][columns])
    (run / "embeddings.parquet").unlink()
    _result("predict", {"run": str(run), "files": [str(new)], "out": str(out)})
    assert pd.read_csv(out)["in_domain"].tolist() == [True, True], "fingerprints and elements alone"


def test_scores_sit_on_the_atoms_that_are_drawn_of_the_largest_fragment_of_a_salt(
    trained: Path, tmp_path: Path
) -> None:
    recipe = json.loads((trained / "recipe.json").read_text(encoding="utf-8"))
    table = pd.read_csv(trained / "table.csv")
    # The ions come first, and the rest is written from its end: every atom has another number in what is drawn.
    turned = [f"{end}C{middle}{'C' * length}C" for length in range(4) for middle in "CON" for end in _ENDS]
    table["formula"] = [*turned[:7], "C1CC", "CC(C)(C)(C)C", *turned[7:]]
    table["formula"] = "[Na+].[Cl-]." + table["formula"]
    table.to_csv(tmp_path / "table.csv", index=False)
    recipe["data"]["tables"][0]["path"] = str(tmp_path / "table.csv")
    recipe["data"]["cleaning"] = {"salts": "largest"}
    run = str(tmp_path / "run")
    _result("run", {"recipe": recipe, "out": run})
    drawn = pd.read_csv(tmp_path / "run" / "predictions.csv").set_index("name")["formula"]
    for name, smiles in drawn.items():
        assert "Na" not in smiles
        if smiles.count("O") != 1 or "N" in smiles:
            continue
        found = _result("explain", {"run": run, "graph": name, "type": "masking"})
        symbols = [letter.upper() for letter in smiles if letter.upper() in "CO"]
        scores = [one["score"] for one in found["nodes"]]
        assert len(scores) == len(symbols)
        assert symbols[int(np.argmax(scores))] == "O", smiles
        assert {frozenset(one["index"]) for one in found["edges"]} == _bonds_of(smiles)


def _bonds_of(smiles: str) -> set[frozenset[int]]:
    """Return which atoms are joined in a SMILES of atoms of one letter, branches and rings of one digit."""
    found, open_rings, back = set(), {}, []
    last, count = None, 0
    for letter in smiles:
        if letter == "(":
            back.append(last)
        elif letter == ")":
            last = back.pop()
        elif letter.isdigit():
            if letter in open_rings:
                found.add(frozenset((open_rings.pop(letter), last)))
            else:
                open_rings[letter] = last
        else:
            if last is not None:
                found.add(frozenset((last, count)))
            last, count = count, count + 1
    return found


def test_the_report_says_how_near_test_is_to_train(trained: Path) -> None:
    report = json.loads((trained / "run" / "report.json").read_text(encoding="utf-8"))
    assert report["similarity"]["sentences"][0].startswith("Half of the test molecules have a train molecule")
    assert report["similarity"]["quantiles"] == sorted(report["similarity"]["quantiles"])
    out = trained / "report.html"
    _result("export", {"run": str(trained / "run"), "what": "report", "out": str(out)})
    assert "Test beside train" in out.read_text(encoding="utf-8")


def test_predictions_leave_as_sdf_with_every_column(trained: Path) -> None:
    out = trained / "predictions.sdf"
    found = _result("export", {"run": str(trained / "run"), "out": str(out)})
    assert found["rows"] == 48
    text = out.read_text(encoding="utf-8")
    assert text.count("$$$$") == 48
    assert text.count("<predicted_charge>") == text.count("<formula>") == text.count("<weight>") == 48


def test_the_nearest_train_molecules_of_the_test_are_told(trained: Path) -> None:
    found = _result("similarity", {"run": str(trained / "run"), "count": 2})
    predictions = pd.read_csv(trained / "run" / "predictions.csv")
    tested = set(predictions["name"][predictions["split"] == "test"])
    learnt = set(predictions["name"][predictions["split"] == "train"])
    assert {item["id"] for item in found["items"]} == tested
    assert sum(found["histogram"]) == found["count"] == len(tested)
    for item in found["items"]:
        assert {near["id"] for near in item["nearest"]} <= learnt
        assert item["nearest"][0]["similarity"] >= item["nearest"][1]["similarity"]
    own = sorted(learnt)[0]
    (item,) = _result("similarity", {"run": str(trained / "run"), "ids": [own]})["items"]
    assert own not in {near["id"] for near in item["nearest"]}


def test_other_atom_features_than_the_runs_are_refused(trained: Path) -> None:
    recipe = json.loads((trained / "recipe.json").read_text(encoding="utf-8"))
    data = {**recipe["data"], "molecules": {"atoms": ["element"]}}
    done = run_inline(JobSpec("predict", {"run": str(trained / "run"), "data": data}, "test"))
    assert done.error is not None
    assert "atoms" in done.error["message"]


def test_descriptors_are_read_beside_the_atoms_and_calculated_for_new_molecules(trained: Path, tmp_path: Path) -> None:
    recipe = json.loads((trained / "recipe.json").read_text(encoding="utf-8"))
    recipe["readout"] = {"type": "mean", "whole": "descriptors"}
    run = str(tmp_path / "run")
    metrics = _result("run", {"recipe": recipe, "out": run})["metrics"]
    assert metrics["test"]["mean"] < 0.5 * metrics["floors"]["majority"]["test"]["mean"]
    table = pd.read_csv(tmp_path / "run" / "predictions.csv")
    new, out = tmp_path / "new.csv", tmp_path / "p.csv"
    new.write_text("\n".join(["SMILES", *_molecules()]) + "\n", encoding="utf-8")
    _result("predict", {"run": run, "files": [str(new)], "out": str(out)})
    np.testing.assert_allclose(pd.read_csv(out)["predicted_charge"], table["predicted_charge"], atol=1e-5)
    # They stay while atoms are left out, which an explanation says.
    asked = JobSpec("explain", {"run": run, "graph": "m00"}, "test")
    heard: list[Event] = []
    assert run_inline(asked, sink=heard.append).result is not None
    assert "explain.whole" in [event.code for event in heard if isinstance(event, Notice)]
    # Another RDKit may calculate others.
    for path in (tmp_path / "run").glob("seeds/*/scratch/manifest.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**manifest, "whole": "others"}), encoding="utf-8")
    done = run_inline(JobSpec("predict", {"run": run, "files": [str(new)], "out": str(out)}, "test"))
    assert done.error is not None
    assert "calculates others by now" in done.error["message"]
