"""Make the files of `resources/samples` again: `python tests/support/make_samples.py` from the checkout.

The karate club comes from networkx, the company is generated, the liquids stand in `boiling_points.py`. Chance is drawn
through `random.Random.random` alone, whose numbers Python promises to keep, so that the files come out the same, byte
for byte, everywhere.
"""

from __future__ import annotations

import csv
import io
import random
import re
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.support.boiling_points import PARTS, WEIGHTS, rows

PEOPLE = 5000
_SEED = 20140

# Department, share of the people, cost centres, words of its own.
DEPARTMENTS = (
    ("Engineering", 0.22, ("CC-4100", "CC-4110", "CC-4120"), "systems prototype testing tooling firmware release"),
    ("Operations", 0.18, ("CC-2000", "CC-2010"), "logistics warehouse scheduling supply shipping stock"),
    ("Sales", 0.16, ("CC-3000", "CC-3050"), "accounts quotes pipeline territory renewals clients"),
    ("Support", 0.13, ("CC-3500",), "tickets hotline complaints returns helpdesk answers"),
    ("Research", 0.10, ("CC-4500", "CC-4510"), "experiments literature materials modelling measurements samples"),
    ("Finance", 0.08, ("CC-1000",), "ledger invoices audit budgeting payroll taxes"),
    ("Marketing", 0.08, ("CC-3700",), "campaigns brand events website design surveys"),
    ("Legal", 0.05, ("CC-1200",), "contracts licences privacy compliance patents claims"),
)
_COMMON = (
    "planning reporting reviews training meetings documents partners quality projects data tools process budget "
    "customers safety travel suppliers onboarding analysis coordination"
)
_VERBS = ("plans", "checks", "runs", "prepares", "improves", "follows up", "coordinates", "looks after")
_OFFICES = (
    ("Leipzig", "Person {:04d}"),
    ("成都", "人员 {:04d}"),
    ("São Paulo", "Pessoa {:04d}"),
    ("Харків", "Особа {:04d}"),
    ("대전", "사람 {:04d}"),
    ("Θεσσαλονίκη", "Άτομο {:04d}"),
)
_LEVELS = ("A", "B", "C", "D")
_UNREADABLE_AGES = ("n/a", "unknown", "thirty-one")


Team = tuple[int, int, int]


class Chance(random.Random):
    """Draws built on `random()` alone."""

    def pick(self, items: Sequence[str]) -> str:
        return items[self.below(len(items))]

    def below(self, stop: int) -> int:
        return int(self.random() * stop)

    def hits(self, probability: float) -> bool:
        return self.random() < probability


def karate() -> dict[str, bytes]:
    """Return nodes.csv and edges.csv of Zachary's karate club as networkx has it."""
    import networkx

    graph = networkx.karate_club_graph()
    parts = {0: "train", 33: "train", 1: "valid", 2: "valid", 30: "valid", 32: "valid"}
    nodes = [(node, club, parts.get(node, "test")) for node, club in graph.nodes(data="club")]
    edges = list(graph.edges(data="weight"))
    return {
        "nodes.csv": _csv([("id", "club", "split"), *nodes]),
        "edges.csv": _csv([("source", "target", "weight"), *edges]),
    }


def company() -> dict[str, bytes]:
    """Return people.csv and messages.csv of an invented company."""
    chance = Chance(_SEED)
    departments = [_department_of(chance.random()) for _ in range(PEOPLE)]
    teams = [_team_of(department, chance) for department in departments]
    people = [_person(number, department, chance) for number, department in enumerate(departments)]
    return {"people.csv": _people_file(people, chance), "messages.csv": _messages(departments, teams, chance)}


def _department_of(draw: float) -> int:
    for number, (_, share, _, _) in enumerate(DEPARTMENTS):
        draw -= share
        if draw < 0:
            return number
    return len(DEPARTMENTS) - 1


def _team_of(department: int, chance: Chance) -> Team:
    """Return a team within the department, or for half of the people a project that two departments share."""
    other = department
    if chance.hits(0.5):
        other = (department + (1 if chance.hits(0.5) else -1)) % len(DEPARTMENTS)
    size = DEPARTMENTS[department][1] + DEPARTMENTS[other][1]
    return min(department, other), max(department, other), chance.below(int(size * 50))


def _person(number: int, department: int, chance: Chance) -> list[str]:
    name, _, centres, words = DEPARTMENTS[department]
    # Each site has its own mix of departments, which tells a little.
    office, pattern = _OFFICES[(department + chance.below(3)) % 6 if chance.hits(0.45) else chance.below(6)]
    hired = date(2008, 1, 7) + timedelta(days=int(6200 * chance.random() ** 0.7) + 20 * department)
    age = str(21 + int(42 * (chance.random() + chance.random()) / 2))
    if chance.hits(0.08):
        age = ""
    elif chance.hits(0.003):
        age = chance.pick(_UNREADABLE_AGES)
    own, common = words.split(), _COMMON.split()
    topics = [chance.pick(own) if chance.hits(0.17) else chance.pick(common) for _ in range(5)]
    role = f"{chance.pick(_VERBS)} {topics[0]}, {topics[1]} and {topics[2]}; also {topics[3]} and {topics[4]}"
    is_known = not chance.hits(0.3)
    # The trap: whoever has a department has its cost centre, whoever has none has none.
    centre = chance.pick(centres)
    return [
        f"{number:04d}",
        pattern.format(number),
        office,
        hired.isoformat(),
        age,
        chance.pick(_LEVELS),
        "yes" if chance.hits(0.35) else "no",
        role,
        centre if is_known else "",
        name if is_known else "",
    ]


def _people_file(people: list[list[str]], chance: Chance) -> bytes:
    """Write the people, a dozen rows broken and three of them twice, as files from several hands are."""
    header = ["person", "name", "office", "hired", "age", "level", "remote", "role", "cost_centre", "department"]
    rows = [list(person) for person in people]
    for _ in range(12):
        row = rows[chance.below(PEOPLE)]
        if len(row) != len(header):
            continue
        if chance.hits(0.5):
            row.append("checked")
        else:
            del row[7:]
    for _ in range(3):
        rows.insert(chance.below(PEOPLE), people[chance.below(PEOPLE)])
    return _csv([header, *rows])


def _messages(departments: list[int], teams: list[Team], chance: Chance) -> bytes:
    """Write who wrote to whom: mostly within the team, then within the department, and some anywhere."""
    mates: dict[Team, list[int]] = {}
    colleagues: dict[int, list[int]] = {}
    for person, team in enumerate(teams):
        mates.setdefault(team, []).append(person)
        colleagues.setdefault(departments[person], []).append(person)
    rows: list[tuple[str, str, int]] = []
    for person in range(PEOPLE):
        if chance.hits(0.008):
            continue
        # A few write to very many, most to a handful.
        for _ in range(1 + int(1.6 * chance.random() ** -0.45)):
            draw = chance.random()
            circle = mates[teams[person]] if draw < 0.7 else colleagues[departments[person]]
            other = circle[chance.below(len(circle))] if draw < 0.88 else chance.below(PEOPLE)
            if other != person:
                rows.append((f"{person:04d}", f"{other:04d}", 1 + int(3 * chance.random() ** -0.6)))
    for _ in range(250):
        # Again, or the other way round: the same two people, counted in another month.
        source, target, _ = rows[chance.below(len(rows))]
        rows.append(
            (source, target, 1 + chance.below(9)) if chance.hits(0.5) else (target, source, 1 + chance.below(9))
        )
    for _ in range(40):
        person = chance.below(PEOPLE)
        rows.append((f"{person:04d}", f"{person:04d}", 1 + chance.below(4)))
    for number in range(11):
        rows.append((f"9{number:03d}", f"{chance.below(PEOPLE):04d}", 1 + chance.below(9)))
    return _csv([("from", "to", "messages"), *rows])


def liquids() -> dict[str, bytes]:
    """Return the table of boiling points, in an order that does not tell the families apart."""
    chance = Chance(_SEED)
    table = [
        (one.name, one.smiles, one.family, _molar_mass(one.smiles), one.boiling_point, PARTS.get(one.family, "train"))
        for one in rows()
    ]
    for last in range(len(table) - 1, 0, -1):
        other = chance.below(last + 1)
        table[last], table[other] = table[other], table[last]
    return {"liquids.csv": _csv([("name", "structure", "family", "molar_mass", "boiling_point", "split"), *table])}


def _molar_mass(smiles: str) -> str:
    """Return the mass in g/mol from the atomic weights, empty where the SMILES cannot be read."""
    from rdkit import Chem, rdBase
    from rdkit.Chem.rdMolDescriptors import CalcMolFormula

    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        return ""
    counts = re.findall(r"([A-Z][a-z]?)(\d*)", CalcMolFormula(molecule))
    return f"{sum(WEIGHTS[element] * int(count or 1) for element, count in counts):.2f}"


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


SAMPLES = {"karate": karate, "company": company, "liquids": liquids}


def main() -> None:
    folder = Path(__file__).resolve().parents[2] / "resources" / "samples"
    for name, make in SAMPLES.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for file, content in make().items():
            (folder / name / file).write_bytes(content)
            print(f"{name}/{file}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
