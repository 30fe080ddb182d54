import tomllib
from pathlib import Path

import pytest

from engine.core.errors import OptionError, RecipeError
from engine.project.codec import from_plain, from_toml, parse_assignment, read_recipe, to_toml, write_recipe
from engine.project.recipe import Recipe

_WRITTEN_BY_HAND = """
[data]
directed = true

[[data.tables]]
path = "people.csv"
kind = "nodes"
[data.tables.columns]
id = "node_id"
"team name" = { role = "target", kind = "category" }
age = { role = "feature", kind = "number" }
note = "ignore"

[[data.tables]]
path = "edges.csv"
kind = "edges"
delimiter = "\\t"
[data.tables.columns]
from = "edge_source"
to = "edge_target"

[split]
type = "random"
train = 0.5

[task]
type = "node_class"
target = "team name"

[encoder]
type = "gcn"
width = 32

[pretrain]
type = "dgi"
training = { epochs = 50 }

[finetune]
type = "full"
training = { epochs = 100, patience = 10 }
optimiser = { type = "adamw", rate = 0.001 }

[runtime]
seeds = [0, 1, 2]
"""


def _recipe() -> Recipe:
    return from_toml(_WRITTEN_BY_HAND)


def test_a_recipe_written_by_hand_is_understood() -> None:
    recipe = _recipe()
    people = recipe.data.tables[0]
    assert people.columns["id"].role == "node_id"
    assert people.columns["id"].kind == "id"
    assert people.columns["team name"].kind == "category"
    assert recipe.data.tables[1].delimiter == "\t"
    assert recipe.split.options() == {"train": 0.5}
    assert recipe.pretrain is not None
    assert recipe.pretrain.training.epochs == 50
    assert recipe.finetune.optimiser.type == "adamw"
    assert recipe.runtime.seeds == (0, 1, 2)


def test_writing_and_reading_gives_the_same_recipe() -> None:
    assert from_toml(to_toml(_recipe())) == _recipe()


def test_names_with_quotes_line_ends_and_other_scripts_survive() -> None:
    name = 'a "quoted"\nname\twith \\ and \x7f, 部門, Ω'
    plain = tomllib.loads(_WRITTEN_BY_HAND)
    plain["data"]["tables"][0]["columns"][name] = {"role": "feature", "kind": "text"}
    recipe = from_plain(plain)
    assert from_toml(to_toml(recipe)).data.tables[0].columns == recipe.data.tables[0].columns


def test_what_is_default_is_not_written() -> None:
    text = to_toml(_recipe())
    assert "gradient_clip" not in text
    assert "bad_rows_limit" not in text


def test_comments_stand_above_their_table() -> None:
    lines = to_toml(_recipe(), {"encoder": "Two layers are enough here."}).splitlines()
    assert lines[lines.index("[encoder]") - 1] == "# Two layers are enough here."


def test_a_part_may_be_a_bare_key() -> None:
    plain = tomllib.loads(_WRITTEN_BY_HAND)
    plain["encoder"] = "mlp"
    assert from_plain(plain).encoder.type == "mlp"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("directed = true", "direct = true", "data.direct"),
        ("epochs = 100", "epoch = 100", "finetune.training.epoch"),
        ("rate = 0.001", "rate = -1.0", "finetune.optimiser.rate"),
        ('kind = "nodes"', 'kind = "knots"', "data.tables.0.kind"),
        ("[runtime]", "[runtme]", "runtme"),
        ('id = "node_id"', 'id = "nodeid"', "data.tables.0.columns.id.role"),
        ('note = "ignore"', 'note = "feature"', "data.tables.0.columns.note"),
    ],
)
def test_a_typo_is_refused_with_its_path(old: str, new: str, path: str) -> None:
    with pytest.raises(OptionError) as caught:
        from_toml(_WRITTEN_BY_HAND.replace(old, new))
    assert caught.value.details["path"] == path


def test_an_unknown_option_names_a_close_one() -> None:
    with pytest.raises(OptionError, match='Did you mean "directed"'):
        from_toml(_WRITTEN_BY_HAND.replace("directed = true", "directd = true").replace("[data]", "[data]"), "r.toml")


def test_broken_toml_is_told_with_its_line() -> None:
    with pytest.raises(RecipeError, match="line 3") as caught:
        from_toml("[data]\n\nfiles = [unclosed\n")
    assert caught.value.code == "recipe.syntax"


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe\x81binary", b"   \n"])
def test_a_file_that_is_no_recipe_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "recipe.toml"
    path.write_bytes(content)
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    assert caught.value.hint


def test_a_missing_file_and_a_folder_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="There is no file"):
        read_recipe(tmp_path / "none.toml")
    with pytest.raises(RecipeError, match="is a folder"):
        read_recipe(tmp_path)


def test_paths_are_relative_to_the_recipe_file(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "first.toml").write_text(_WRITTEN_BY_HAND, encoding="utf-8")
    recipe = read_recipe(tmp_path / "first.toml")
    assert recipe.data.tables[0].path == str(tmp_path / "people.csv")
    write_recipe(recipe, tmp_path / "deep" / "second.toml")
    assert 'path = "../people.csv"' in (tmp_path / "deep" / "second.toml").read_text(encoding="utf-8")
    assert read_recipe(tmp_path / "deep" / "second.toml") == recipe


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("encoder.width=32", "encoder.width", 32),
        ("finetune.optimiser.rate = 1e-3", "finetune.optimiser.rate", 0.001),
        ('runtime.device="cpu"', "runtime.device", "cpu"),
        ("runtime.device=cuda:0", "runtime.device", "cuda:0"),
        ("runtime.seeds=[1, 2]", "runtime.seeds", [1, 2]),
        ("data.directed=true", "data.directed", True),
    ],
)
def test_an_assignment_is_read_as_a_toml_literal(text: str, path: str, value: object) -> None:
    assert parse_assignment(text) == (path, value)


@pytest.mark.parametrize("text", ["encoder.width", "=3"])
def test_what_assigns_nothing_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="does not set an option"):
        parse_assignment(text)


def test_an_assignment_changes_the_recipe_and_is_checked() -> None:
    assert _recipe().replaced({"finetune.training.epochs": 7}).finetune.training.epochs == 7
    with pytest.raises(OptionError, match=r"finetune\.training\.epochs"):
        _recipe().replaced({"finetune.training.epochs": 0})
    with pytest.raises(OptionError, match="holds a value"):
        _recipe().replaced({"finetune.type.epochs": 0})


@pytest.mark.parametrize(
    ("data", "path"), [(3, "data"), ({"tables": 3}, "data.tables"), ({"tables": [3]}, "data.tables.0")]
)
def test_a_part_of_another_shape_is_refused_with_its_path(data: object, path: str) -> None:
    plain = {**tomllib.loads(_WRITTEN_BY_HAND), "data": data}
    with pytest.raises(OptionError) as caught:
        from_plain(plain)
    assert caught.value.details["path"].startswith(path)


def test_a_recipe_without_pretraining_and_with_columns_left_open_comes_back() -> None:
    plain = tomllib.loads(_WRITTEN_BY_HAND)
    del plain["pretrain"]
    del plain["data"]["tables"][1]["columns"]
    recipe = from_plain(plain)
    assert from_toml(to_toml(recipe)) == recipe
    assert recipe.pretrain is None


def test_an_option_that_is_none_is_not_written() -> None:
    plain = tomllib.loads(_WRITTEN_BY_HAND)
    plain["encoder"] = {"type": "gcn", "norm": None}
    assert "norm" not in to_toml(from_plain(plain))


def test_a_folder_that_cannot_be_reached_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(RecipeError, match="cannot be read|There is no file"):
        read_recipe(tmp_path / "file" / "recipe.toml")


def test_what_came_later_is_written_where_it_differs_and_read_back() -> None:
    plain = tomllib.loads(_WRITTEN_BY_HAND)
    assert "[noise]" not in to_toml(_recipe())
    assert "[after]" not in to_toml(_recipe())
    recipe = from_plain({**plain, "noise": {"prune": "jaccard", "drop_edge": 0.2}, "after": {"ensemble": True}})
    text = to_toml(recipe)
    assert '[noise]\nprune = "jaccard"\ndrop_edge = 0.2\n' in text
    assert '[after]\nensemble = "on"\n' in text
    assert from_toml(text) == recipe


def test_the_hash_of_a_recipe_without_later_options_is_that_of_stored_runs() -> None:
    # Made with the program as it was before there were noise and after tables.
    assert _recipe().fingerprint() == "91faf9d49b757e4c"
    changed = _recipe().replaced({"noise.drop_edge": 0.1})
    assert changed.fingerprint() != _recipe().fingerprint()
    assert changed.replaced({"noise.drop_edge": 0.0}).fingerprint() == _recipe().fingerprint()
