"""The samples that the program brings along are those that their generator makes, and tell their story truly."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from engine.core.resources import resource
from engine.data.chem.reading import Target, read_molecules
from tests.support.make_samples import SAMPLES, company, karate, liquids


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


def test_liquids_hold_the_faults_that_their_story_tells() -> None:
    table = pd.read_csv(io.BytesIO(liquids()["liquids.csv"]), dtype=str)
    values = table["boiling_point"].where(table["boiling_point"].notna(), None).to_numpy(object)
    report = read_molecules(table["structure"].tolist(), {"y": Target(values, True)}).report
    assert (report.rows, report.kept) == (146, 145)
    assert (report.unreadable, report.conflicting, report.qualified, report.salts) == (1, 1, 1, 1)
    # 173 °F are 78 °C.
    twice = table[table["name"].isin(["ethanol", "grain alcohol"])].set_index("name")["boiling_point"].astype(float)
    assert round((twice["grain alcohol"] - 32) / 1.8) == twice["ethanol"]


def test_liquids_keep_nitrogen_for_the_test_and_mass_tells_two_fifths() -> None:
    table = pd.read_csv(io.BytesIO(liquids()["liquids.csv"]))
    is_nitrogen = table["structure"].str.contains("N") & ~table["structure"].str.contains("Na")
    is_nitrogen |= table["structure"].str.contains("n")
    assert (table["split"].eq("test") == is_nitrogen).all()
    clean = table[table["name"].ne("grain alcohol") & table["molar_mass"].notna()].copy()
    clean["y"] = pd.to_numeric(clean["boiling_point"], errors="coerce")
    clean = clean.dropna(subset="y")
    assert np.corrcoef(clean["molar_mass"], clean["y"])[0, 1] ** 2 == pytest.approx(0.40, abs=0.02)
