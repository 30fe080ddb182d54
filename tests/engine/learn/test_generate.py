"""The task of writing molecules: what it learns from train, its scores, and its floor."""

import math

import numpy as np
import pytest
import torch

from engine.core.cancel import CancelToken
from engine.core.errors import RoleError
from engine.data.splits._base import Split
from engine.graph.graph import Graph
from engine.learn.baselines._base import Evidence
from engine.learn.baselines.majority import Majority
from engine.learn.baselines.trigram import Trigram
from engine.learn.finetuning import Labels
from engine.learn.tasks import fitted_from_plain
from engine.learn.tasks.generate import Generate

CELLS = np.array(["CC", "CCO", "CO", "c1ccccc1", "nonsense", None, "CN", "C"], dtype=object)


def split_of(train: list[int], valid: list[int], test: list[int]) -> Split:
    masks = [np.isin(np.arange(len(CELLS)), rows) for rows in (train, valid, test)]
    return Split("drawn", *masks)


@pytest.fixture
def labels() -> Labels:
    split = split_of([0, 1, 2], [7], [3, 6])
    fitted = Generate(Generate.parse({"target": "smiles"})).fit(CELLS, split)
    return Labels(fitted, fitted.encode(CELLS), split)


def test_tokens_and_length_are_those_of_train_alone(labels: Labels) -> None:
    task = labels.task
    assert task.vocabulary.names[3:] == ("C", "O")
    assert task.length == 5  # begin, C, C, O, end
    # Benzene is too long, nitrogen is unknown, text that is no molecule and an empty cell say nothing.
    assert task.known(labels.target).tolist() == [True, True, True, False, False, False, False, True]
    assert labels.target[1].tolist() == [1, 3, 3, 4, 2]
    assert labels.target[0].tolist() == [1, 3, 3, 2, 0]


def test_the_state_survives_being_stored(labels: Labels) -> None:
    back = fitted_from_plain(labels.task.to_plain())
    assert back.to_plain() == labels.task.to_plain()
    np.testing.assert_array_equal(back.encode(CELLS), labels.target)


def test_scores_are_means_over_tokens_and_over_molecules(labels: Labels) -> None:
    # Ethane: C, C, end. Every token as likely as one in two.
    logits = np.zeros((1, 4), dtype=np.float32)
    logits[0, :3] = math.log(0.5)
    found = labels.task.scores(logits, labels.target[:1])
    assert found["nll"] == pytest.approx(math.log(2))
    assert found["nll_per_item"] == pytest.approx(3 * math.log(2))
    loss = labels.task.loss(torch.from_numpy(logits), torch.from_numpy(labels.target[:1]))
    assert loss.item() == pytest.approx(math.log(2))
    assert labels.task.decode(logits)["surprise"].tolist() == pytest.approx([math.log(2)])
    assert math.isnan(labels.task.decode(np.zeros((1, 4), dtype=np.float32))["surprise"][0])


def test_the_trigram_counts_what_follows_two_tokens_in_train(labels: Labels) -> None:
    evidence = Evidence(Graph.from_edges([], [], 8), None)
    answer = Trigram(Trigram.parse({})).answer(evidence, labels, seed=0, sink=lambda event: None, cancel=CancelToken())
    k, said = answer.chosen["k"], 3  # C, O, end
    # After begin, begin: C three times of three. After begin, C: C twice and O once. After C, C: O once and end once.
    first = (3 + k) / (3 + k * said)
    second = (2 + k) / (3 + k * said)
    third = (1 + k) / (2 + k * said)
    assert answer.logits[0, :3] == pytest.approx(np.log([first, second, third]), rel=1e-5)
    assert answer.logits[0, 3] == 0


def test_the_trigram_is_for_writing_and_the_other_floors_are_not(labels: Labels) -> None:
    evidence = Evidence(Graph.from_edges([], [], 8), None)
    assert Trigram.suits(evidence, labels.task)
    assert not Majority.suits(evidence, labels.task)


def test_a_column_without_a_molecule_is_refused_with_the_way_out() -> None:
    task = Generate(Generate.parse({"target": "name"}))
    with pytest.raises(RoleError, match="no molecule"):
        task.draft(np.array(["benzene??", None], dtype=object))
    with pytest.raises(RoleError, match="train part"):
        task.fit(CELLS, split_of([4, 5], [0], [1]))
