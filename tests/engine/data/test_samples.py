"""The samples that the program brings along are those that their generator makes, and tell their story truly."""

import json

import pandas as pd
import pytest

from engine.core.resources import resource
from tests.support.make_samples import SAMPLES, company, karate


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, bytes]]:
    return {name: make() for name, make in SAMPLES.items()}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_generator_makes_the_shipped_files_byte_for_byte(name: str, made: dict[str, dict[str, bytes]]) -> None:
    for file, content in made[name].items():
        assert resource(f"samples/{name}/{file}").read_bytes() == content


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_sample_names_its_files_and_has_a_story(name: str, made: dict[str, dict[str, bytes]]) -> None:
    sample = json.loads(resource(f"samples/{name}/sample.json").read_text(encoding="utf-8"))
    assert sorted(sample["files"]) == sorted(made[name])
    assert {"title", "summary", "story", "target", "trap"} <= sample.keys()
    assert resource(f"samples/{name}/story.md").read_text(encoding="utf-8").startswith(f"# {sample['title']}")


def test_samples_stay_under_a_megabyte() -> None:
    assert sum(path.stat().st_size for path in resource("samples").rglob("*") if path.is_file()) < 1_000_000


def test_karate_club_has_the_size_that_zachary_published() -> None:
    files = karate()
    assert files["nodes.csv"].count(b"\n") == 1 + 34
    assert files["edges.csv"].count(b"\n") == 1 + 78


def test_company_holds_the_faults_that_its_story_tells() -> None:
    files = company()
    rows = [line.split(",") for line in files["people.csv"].decode().splitlines()[1:]]
    # Role is the one quoted cell and always holds one comma: 10 columns are 11 pieces.
    assert sum(len(row) != 11 for row in rows) == 12
    whole = pd.DataFrame([row for row in rows if len(row) == 11], dtype=object)
    assert whole[0].duplicated().sum() == 3
    has_department, has_centre = whole[10] != "", whole[9] != ""
    assert (has_department == has_centre).all()
    assert 0.28 < 1 - has_department.mean() < 0.32
    # The trap: a cost centre never belongs to two departments.
    assert (whole[has_centre].groupby(9)[10].nunique() == 1).all()

    messages = pd.read_csv(resource("samples/company/messages.csv"), dtype=str)
    assert (messages["from"] == messages["to"]).sum() == 40
    people = {row[0] for row in rows}
    assert (~messages["from"].isin(people)).sum() == 11
    assert messages["to"].isin(people).all()
