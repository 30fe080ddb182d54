"""Small tables with a known structure, for tests that go from files to files."""

import csv
import random
from pathlib import Path


def write_blocks(folder: Path, *, nodes: int = 60, seed: int = 0, prefix: str = "p") -> list[Path]:
    """Write nodes.csv and edges.csv of a graph of two blocks that are told apart by edges and, less well, by features.

    Columns: id, age (number), city (category), team (target: red or blue, every tenth unknown), part (train, valid,
    test). Ids are `<prefix>000` and so on. Returns the two paths.
    """
    draw = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    team = [number % 2 for number in range(nodes)]
    rows = []
    for number in range(nodes):
        part = ("train", "train", "valid", "test")[(number // 2) % 4]
        rows.append(
            {
                "id": f"{prefix}{number:03d}",
                "age": round(30 + 6 * team[number] + draw.gauss(0, 6), 2),
                "city": draw.choice(["Oslo", "北京"] if team[number] else ["Oslo", "Lima"]),
                "team": "" if number % 10 == 9 else ("red", "blue")[team[number]],
                "part": part,
            }
        )
    edges = [
        (f"{prefix}{a:03d}", f"{prefix}{b:03d}")
        for a in range(nodes)
        for b in range(a)
        if draw.random() < (0.2 if team[a] == team[b] else 0.02)
    ]
    node_path, edge_path = folder / "nodes.csv", folder / "edges.csv"
    with node_path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with edge_path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("from", "to"), *edges])
    return [node_path, edge_path]


def block_recipe(
    files: list[Path], *, pretrain: str | None = None, epochs: int = 20, seeds: tuple[int, ...] = (0,)
) -> dict[str, object]:
    """Return a recipe for `write_blocks` as plain data: a small GCN on one thread."""
    nodes, edges = files
    training = {"epochs": epochs}
    plain: dict[str, object] = {
        "data": {
            "tables": [
                {
                    "path": str(nodes),
                    "kind": "nodes",
                    "columns": {
                        "id": "node_id",
                        "age": {"role": "feature", "kind": "number"},
                        "city": {"role": "feature", "kind": "category"},
                        "team": {"role": "target", "kind": "category"},
                        "part": "split",
                    },
                },
                {"path": str(edges), "kind": "edges", "columns": {"from": "edge_source", "to": "edge_target"}},
            ]
        },
        "split": {"type": "by_column", "columns": ["part"]},
        "task": {"type": "node_class", "target": "team"},
        "encoder": {"type": "gcn", "layers": 2, "width": 8, "head": "linear"},
        "finetune": {"type": "head_first" if pretrain else "scratch", "training": training},
        "runtime": {"device": "cpu", "seeds": list(seeds), "threads": 1},
    }
    if pretrain:
        plain["pretrain"] = {"type": pretrain, "training": training}
    return plain
