"""What may have told a model the answer is found; what is as it should be is left alone."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import sparse

from engine.analysis.audit import Finding, audit
from engine.core.cancel import CancelToken
from engine.core.events import silent
from engine.data.builders.relational import RelationalData
from engine.data.roles import ColumnKind, Role
from engine.data.splits import Split
from engine.graph.batch import GraphBatch
from engine.learn.finetuning import Labels, finetune, predict_logits
from engine.learn.options import OptimiserOptions, ScheduleOptions, TrainingOptions
from engine.learn.strategies import STRATEGIES
from engine.learn.tasks import TASKS
from engine.learn.trainer import Stage, Watch
from engine.nn.encoders import ENCODERS
from engine.nn.model import Model
from tests.support.relational import relational

COUNT = 240
TEAM = [("red", "blue")[k // 2 % 2] for k in range(COUNT)]
VALUES = np.random.default_rng(0).normal(size=(COUNT, 3)).round(4)


def parts(name: str = "split") -> Split:
    """A third each, in turns."""
    number = np.arange(COUNT) % 3
    return Split(name, number == 0, number == 1, number == 2)


def data_with(**columns: tuple[ColumnKind, list[str | None]]) -> RelationalData:
    plain = {f"x{k}": (ColumnKind.NUMBER, [str(value) for value in VALUES[:, k]]) for k in range(3)}
    return relational({"team": (ColumnKind.CATEGORY, TEAM), **plain, **columns}, role={"team": Role.TARGET})


def labels_of(data: RelationalData, target: str = "team", kind: str = "node_class") -> Labels:
    task = TASKS.get(kind)
    cells = np.asarray(data.nodes[target], dtype=object)
    fitted = task(task.parse({"target": target})).fit(cells, parts())
    return Labels(fitted, fitted.encode(cells), parts())


def codes(found: list[Finding]) -> list[str]:
    return [one.code for one in found]


def test_data_as_it_should_be_is_left_alone() -> None:
    data = data_with()
    assert audit(data, labels_of(data)) == []


def test_test_nodes_with_the_features_of_a_train_node_are_named() -> None:
    copied = VALUES.copy()
    copied[[5, 8]] = copied[[0, 3]]  # 5 and 8 are in test, 0 and 3 in train
    columns = {f"x{k}": (ColumnKind.NUMBER, [str(value) for value in copied[:, k]]) for k in range(3)}
    data = data_with(**columns)
    (found,) = audit(data, labels_of(data))
    assert (found.code, found.level, found.rows.tolist()) == ("audit.duplicates", "error", [5, 8])
    plain = found.to_plain(data.node_ids)
    assert (plain["count"], plain["rows"]) == (2, ["n5", "n8"])


def test_equal_rows_of_a_feature_table_are_found_too() -> None:
    table = sparse.random(COUNT, 50, density=0.2, random_state=0, format="lil")
    table[5] = table[0]
    table[6] = 0
    table[2] = 0  # nodes without any feature are not copies of each other
    features = sparse.csr_matrix(table, dtype=np.float32)
    data = relational(
        {"team": (ColumnKind.CATEGORY, TEAM)},
        role={"team": Role.TARGET},
        features=features,
        feature_names=[f"w{k}" for k in range(50)],
    )
    (found,) = audit(data, labels_of(data))
    assert (found.code, found.rows.tolist()) == ("audit.duplicates", [5])


def test_equal_rows_mean_nothing_where_features_have_few_values() -> None:
    data = relational(
        {"team": (ColumnKind.CATEGORY, TEAM), "size": (ColumnKind.CATEGORY, ["s", "m", "l"] * (COUNT // 3))},
        role={"team": Role.TARGET},
    )
    assert audit(data, labels_of(data)) == []


@pytest.mark.parametrize(
    "column",
    [
        (ColumnKind.CATEGORY, [{"red": "r", "blue": "b"}[team] for team in TEAM]),
        (ColumnKind.NUMBER, [{"red": "7", "blue": "3"}[team] for team in TEAM]),
    ],
)
def test_a_feature_that_copies_the_target_is_named_by_column(column: tuple[ColumnKind, list[str | None]]) -> None:
    data = data_with(code=column)
    (found,) = audit(data, labels_of(data))
    assert (found.code, found.level, found.columns) == ("audit.copies_target", "error", ("code",))
    assert len(found.rows) == COUNT


def test_an_entry_of_a_feature_table_that_stands_for_the_class_is_named() -> None:
    table = sparse.random(COUNT, 40, density=0.2, random_state=0, format="lil")
    table[:, 7] = (np.array(TEAM) == "red").astype(np.float32)[:, None]
    data = relational(
        {"team": (ColumnKind.CATEGORY, TEAM)},
        role={"team": Role.TARGET},
        features=sparse.csr_matrix(table, dtype=np.float32),
        feature_names=[f"w{k}" for k in range(40)],
    )
    (found,) = audit(data, labels_of(data))
    assert (found.code, found.columns) == ("audit.copies_target", ("w7",))


def test_the_target_in_another_unit_is_a_copy() -> None:
    money = VALUES[:, 0] * 10 + 50
    data = relational(
        {
            "euro": (ColumnKind.NUMBER, [f"{value:.3f}" for value in money]),
            "cent": (ColumnKind.NUMBER, [f"{100 * value:.1f}" for value in money]),
            "other": (ColumnKind.NUMBER, [f"{value:.3f}" for value in money + VALUES[:, 1]]),
        },
        role={"euro": Role.TARGET},
    )
    (found,) = audit(data, labels_of(data, "euro", "node_value"))
    assert (found.code, found.columns) == ("audit.copies_target", ("cent",))


def test_ids_as_features_are_named() -> None:
    data = data_with(
        number=(ColumnKind.NUMBER, [str(1000 + k) for k in range(COUNT)]),
        badge=(ColumnKind.ID, [f"b{k}" for k in range(COUNT)]),
        name=(ColumnKind.TEXT, [f"n{k}" for k in range(COUNT)]),
    )
    found = audit(data, labels_of(data))
    assert {one.columns for one in found if one.code == "audit.id_feature"} == {("number",), ("badge",), ("name",)}


def test_train_nodes_in_test_are_named() -> None:
    data = data_with()
    labels = labels_of(data)
    masks = {"train": labels.split.train.copy(), "valid": labels.split.valid, "test": labels.split.test}
    masks["train"][[2, 5]] = True
    (found,) = [
        one for one in audit(data, replace(labels, split=SimpleNamespace(**masks))) if one.code == "audit.overlap"
    ]
    assert found.rows.tolist() == [2, 5]
    assert found.text.startswith("2 nodes are in train and in test at once")


def test_one_thing_under_two_spellings_in_train_and_test_is_named() -> None:
    data = data_with()
    ids = data.node_ids.copy()
    ids[8] = " N3"  # node 3 is in train, 8 in test
    (found,) = audit(replace(data, node_ids=ids), labels_of(data))
    assert (found.code, found.rows.tolist()) == ("audit.same_id", [8])


def _trained(data: RelationalData, seen: Split | SimpleNamespace) -> np.ndarray:
    """Return the logits of a network that learnt the rows of `seen.train` by heart."""
    torch.manual_seed(0)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(COUNT, 128)).astype(np.float32)
    batch = GraphBatch.from_graph(data.graph, x)
    encoder = ENCODERS.get("mlp")
    labels = replace(labels_of(data), split=seen)
    strategy = STRATEGIES.get("scratch")
    training = TrainingOptions(epochs=60, patience=60)
    model = Model(encoder(encoder.parse({"dropout": 0.0}), 128), labels.task.width)
    finetune(
        model,
        batch,
        labels,
        strategy(strategy.parse({})),
        Stage("scratch", training, OptimiserOptions(), ScheduleOptions(), 0, "split"),
        Watch(silent, CancelToken()),
    )
    return predict_logits(model, batch)


def test_a_head_trained_on_valid_is_caught_and_one_trained_on_train_is_not() -> None:
    data, split = data_with(), parts()
    honest = _trained(data, split)
    assert audit(data, labels_of(data), honest) == []
    # What must not happen: valid is trained on, and the epoch is chosen on it.
    wrong = _trained(
        data, SimpleNamespace(name="split", train=split.train | split.valid, valid=split.valid, test=split.test)
    )
    (found,) = audit(data, labels_of(data), wrong)
    assert (found.code, found.level) == ("audit.valid_seen", "error")
    assert found.rows.tolist() == np.flatnonzero(split.valid).tolist()


def test_a_valid_part_that_is_merely_easier_is_no_error() -> None:
    data = data_with()
    labels = labels_of(data)
    rng = np.random.default_rng(0)
    truth = np.asarray(labels.target)
    # 100 % of train, 75 % of valid, 60 % of test are right: valid is nearer to test than to train.
    right = np.where(
        labels.split.train, True, np.where(labels.split.valid, rng.random(COUNT) < 0.75, rng.random(COUNT) < 0.6)
    )
    said = np.where(right, truth, 1 - truth)
    logits = np.stack([said == 0, said == 1], axis=1).astype(np.float32) * 4
    width = labels.task.width
    assert audit(data, labels, logits if width == 2 else (said * 8.0 - 4.0).astype(np.float32)[:, None]) == []
