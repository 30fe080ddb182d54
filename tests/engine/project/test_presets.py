from collections import defaultdict

import pytest

from engine.core.errors import OptionError, UnknownComponentError
from engine.data.options import DataOptions
from engine.project.presets import Draft, assemble, choose_split, draft, fit_into, recommended_seeds
from engine.project.situation import Situation, with_target


def _situation(**changes: object) -> Situation:
    plain: dict[str, object] = {
        "targets": ("team",),
        "is_class": True,
        "labelled": 1000,
        "classes": 4,
        "smallest": 100,
        "split_columns": (),
        "has_features": True,
        "num_nodes": 2000,
        "num_edges": 8000,
    }
    return Situation(**{**plain, **changes})  # type: ignore[arg-type]


def _data() -> DataOptions:
    columns = {
        "id": {"role": "node_id", "kind": "id"},
        "team": {"role": "target", "kind": "category"},
        "city": {"role": "feature", "kind": "category"},
    }
    ends = {"a": {"role": "edge_source", "kind": "id"}, "b": {"role": "edge_target", "kind": "id"}}
    tables = [
        {"path": "n.csv", "kind": "nodes", "columns": columns},
        {"path": "e.csv", "kind": "edges", "columns": ends},
    ]
    return DataOptions.model_validate({"tables": tables})


@pytest.mark.parametrize(
    ("changes", "wanted", "split"),
    [
        ({"split_columns": ("part",)}, None, {"type": "by_column", "columns": ["part"]}),
        ({"split_columns": ("a", "b")}, None, {"type": "by_column", "columns": ["a", "b"]}),
        ({"split_columns": ("part",)}, "random", {"type": "random"}),
        ({}, None, {"type": "random"}),
        ({}, "few", {"type": "few"}),
        ({}, "x, y", {"type": "by_column", "columns": ["x", "y"]}),
        # 24 labels in 4 classes: two of each train, two choose, two are left to judge.
        ({"labelled": 24}, None, {"type": "few", "train": 2, "valid": 2}),
        ({"labelled": 24, "is_class": False, "classes": 0}, None, {"type": "random"}),
    ],
)
def test_the_split_follows_the_columns_and_the_number_of_labels(
    changes: dict[str, object], wanted: str | None, split: dict[str, object]
) -> None:
    notes: defaultdict[str, list[str]] = defaultdict(list)
    assert choose_split(_situation(**changes), wanted, notes) == split
    assert notes["split"]


def test_plain_has_the_settings_of_kipf_and_welling() -> None:
    parts = draft("plain", _situation(), "none", 140)
    recipe = assemble(_data(), _situation(), {"type": "random"}, parts)
    assert recipe.encoder.options() == {"layers": 2, "width": 16, "dropout": 0.5, "head": "convolution"}
    stage = recipe.finetune
    assert (stage.type, stage.training.epochs, stage.training.patience) == ("scratch", 200, 0)
    assert (stage.optimiser.type, stage.optimiser.rate, stage.optimiser.weight_decay) == ("adam", 0.01, 5e-4)
    assert stage.optimiser.decay_on == "first_layer"
    assert recipe.pretrain is None


def test_pretraining_is_added_when_it_is_asked_for() -> None:
    parts = draft("plain", _situation(), "dgi", 140)
    recipe = assemble(_data(), _situation(), {"type": "random"}, parts)
    assert recipe.pretrain is not None
    assert recipe.pretrain.type == "dgi"
    assert recipe.finetune.type == "head_first"


@pytest.mark.parametrize(("has_features", "objective"), [(True, "dgi"), (False, "links")])
def test_quick_picks_an_objective_by_what_the_nodes_bring_along(has_features: bool, objective: str) -> None:
    parts = draft("quick", _situation(has_features=has_features), "auto", 100)
    assert parts.pretrain is not None
    assert parts.pretrain["type"] == objective


def test_quick_cuts_epochs_to_what_was_measured_within_bounds() -> None:
    for seconds, least, most in ((10.0, 20, 40), (1e-4, 150, 200), (0.1, 21, 199)):
        parts = draft("quick", _situation(), "auto", 100)
        fit_into(parts, {"pretrain": seconds, "finetune": seconds}, 2, 5.0)
        assert parts.pretrain is not None
        found = parts.pretrain["training"]["epochs"], parts.finetune["training"]["epochs"]
        assert all(least <= epochs <= most for epochs in found), found


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(OptionError):
        draft("slow", _situation(), "none", 100)  # type: ignore[arg-type]
    with pytest.raises(UnknownComponentError, match="dig"):
        draft("plain", _situation(), "dig", 100)


def test_numbers_become_a_regression() -> None:
    situation = _situation(is_class=False, classes=0)
    parts = draft("recommended", situation, "none", 600)
    assert isinstance(parts, Draft)
    assert assemble(_data(), situation, {"type": "random"}, parts).task.type == "node_value"


def test_a_recommended_recipe_trains_several_seeds_where_they_are_quick() -> None:
    parts = draft("recommended", _situation(), "none", 600)
    assert recommended_seeds(parts, 20.0) == 3
    assert "3 seeds" in parts.reasons["runtime"][0]
    assert recommended_seeds(parts, 2000.0) == 1
    recipe = assemble(_data(), _situation(), {"type": "random"}, parts)
    assert recipe.after.ensemble == "auto"


def test_pretraining_takes_the_place_of_a_loss_that_was_made_for_another_encoder() -> None:
    alone = draft("recommended", _situation(), "none", 60)
    assert alone.beside is not None
    assert draft("recommended", _situation(), "dgi", 60).beside is None


def test_another_target_makes_the_first_one_no_feature() -> None:
    columns = with_target(_data(), "city").tables[0].columns
    assert columns["city"].role == "target"
    assert columns["team"].role == "ignore"


@pytest.mark.parametrize(
    ("changes", "pretrain", "whole"),
    [
        ({}, "none", "descriptors"),
        ({"is_class": False, "classes": 0}, "none", "descriptors"),
        # The encoder learns what they say without labels.
        ({}, "descriptors", None),
        # Minutes of waiting.
        ({"num_items": 50_000}, "none", None),
        # Sums and means of what the nodes are take their place.
        ({"is_molecules": False}, "none", "pooled"),
    ],
)
def test_descriptors_are_read_of_few_molecules_where_nothing_is_pretrained(
    changes: dict[str, object], pretrain: str, whole: str | None
) -> None:
    molecules = {"level": "graph", "is_molecules": True, "edges_carry": True, "num_items": 1000, "classes": 2}
    found = draft("recommended", _situation(**{**molecules, **changes}), pretrain, 600)
    assert found.readout.get("whole") == whole
    assert found.reasons["readout"]


@pytest.mark.parametrize(("labelled", "best_by", "ensemble"), [(188, "loss", "on"), (5000, "metric", "auto")])
def test_few_graphs_choose_by_the_loss_and_do_not_choose_between_seeds(
    labelled: int, best_by: str, ensemble: str
) -> None:
    found = draft("recommended", _situation(level="graph", num_items=labelled, labelled=labelled), "none", labelled)
    assert found.finetune["training"].get("best_by", "metric") == best_by
    assert found.after["ensemble"] == ensemble
    assert found.readout["whole"] == "pooled"
    recommended_seeds(found, 10.0)
    assert ("where it is better" in found.reasons["runtime"][0]) == (ensemble == "auto")
