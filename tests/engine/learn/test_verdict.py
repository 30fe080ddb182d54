"""The verdict's sentence from numbers made by hand."""

import json
import math

import pytest

from engine.learn.verdict import Findings, compare, sampling_error, shown, verdict


def _findings(**changes: object) -> Findings:
    usual = {
        "model": "GCN",
        "metric": "accuracy",
        "scores": (0.81, 0.82, 0.812, 0.814),
        "test_items": 1000,
        "floors": {"majority": (0.319,), "features_only": (0.57, 0.585, 0.58, 0.581), "label_spreading": (0.719,)},
    }
    return Findings(**{**usual, **changes})


def test_the_graph_adds_points_over_the_features_alone() -> None:
    # Mean 81.4, sample deviation .432; features 57.9; the gain is 23.5 points.
    found = verdict(_findings())
    assert found.sentence == (
        "GCN 81.4 ± 0.4 over 4 seeds (test accuracy); without the edges 57.9; the graph adds 24 points; "
        "label spreading alone 71.9."
    )
    assert found.code == "graph_adds"


def test_a_gain_within_noise_is_no_gain() -> None:
    found = verdict(_findings(floors={"features_only": (0.80, 0.825, 0.819, 0.809)}))
    assert "the graph adds nothing beyond noise" in found.sentence
    assert found.code == "graph_adds_nothing"


def test_features_that_do_better_alone_are_called_better() -> None:
    found = verdict(_findings(floors={"majority": (0.3,), "features_only": (0.86, 0.862, 0.858, 0.861)}))
    assert found.code == "graph_hurts"
    assert "the features alone are better by 4.6 points" in found.sentence


def test_one_seed_is_measured_against_the_sampling_error_of_the_test_part() -> None:
    # At n = 100 two shares near .8 have errors of .04 each, so 1.96 · .0566 = 11 points are noise.
    few = verdict(_findings(scores=(0.80,), test_items=100, floors={"features_only": (0.72,)}))
    assert few.code == "graph_adds_nothing"
    many = verdict(_findings(scores=(0.80,), test_items=10_000, floors={"features_only": (0.72,)}))
    assert many.code == "graph_adds"
    assert many.sentence.startswith("GCN 80.0 (test accuracy); without the edges 72.0; the graph adds 8.0 points")


def test_label_spreading_that_does_as_well_is_the_headline() -> None:
    found = verdict(_findings(floors={"features_only": (0.579,), "label_spreading": (0.815,)}))
    assert found.code == "spreading_as_good"
    assert "label spreading alone does as well (81.5)" in found.sentence
    better = verdict(_findings(floors={"label_spreading": (0.95,)}))
    assert better.code == "spreading_better"


def test_a_model_that_beats_no_majority_has_learnt_nothing() -> None:
    found = verdict(_findings(floors={"majority": (0.82,), "features_only": (0.5,)}))
    assert found.code == "nothing_learnt"
    assert "always answering the most frequent class gives 82.0; nothing was learnt here" in found.sentence


def test_a_floor_that_does_better_is_named_even_where_nothing_was_learnt() -> None:
    found = verdict(
        _findings(
            metric="rmse", kind="value", scores=(691.0,), floors={"majority": (705.0,), "features_only": (418.0,)}
        )
    )
    assert found.code == "nothing_learnt"
    assert "without the edges 418; the features alone are better by 273" in found.sentence


def test_a_gain_that_few_test_nodes_cannot_tell_from_noise_is_not_called_nothing() -> None:
    # 10 of 13 right against 6 of 13: 1.96 errors of the difference are some 35 points.
    found = verdict(_findings(scores=(10 / 13,), test_items=13, floors={"majority": (6 / 13,)}))
    assert found.code == "nothing_learnt"
    assert "gives 46.2, which is no difference beyond noise" in found.sentence


def test_without_features_or_edges_to_compare_the_majority_is_named() -> None:
    found = verdict(_findings(floors={"majority": (0.3,)}))
    assert found.sentence.endswith("always answering the most frequent class gives 30.0.")


def test_a_model_that_never_looks_at_the_edges_says_nothing_about_the_graph() -> None:
    found = verdict(_findings(model="MLP", uses_edges=False, floors={"features_only": (0.579,)}))
    assert found.code == "edges_unused"
    assert found.sentence.endswith("the features-only floor 57.9; this model never looks at the edges.")


def test_lower_is_better_for_errors_in_numbers_and_words() -> None:
    found = verdict(
        _findings(
            metric="rmse",
            kind="value",
            scores=(2.0, 2.1, 2.2),
            floors={"majority": (4.0,), "features_only": (3.1, 3.2, 3.3)},
        )
    )
    assert found.sentence == (
        "GCN 2.10 ± 0.10 over 3 seeds (test RMSE, lower is better); without the edges 3.20; "
        "the graph takes 1.10 off the RMSE."
    )
    worse = verdict(_findings(metric="rmse", kind="value", scores=(4.0, 4.1), floors={"majority": (4.0,)}))
    assert worse.code == "nothing_learnt"
    assert "always answering the mean" in worse.sentence


@pytest.mark.parametrize(
    ("pretrained", "code", "text"),
    [
        ((0.83, 0.842, 0.831, 0.835), "pretraining_adds", "pretraining adds 2.0 points (paired over 4 seeds)"),
        ((0.79, 0.801, 0.793, 0.794), "pretraining_hurts", "pretraining hurts by 2.0 points (paired over 4 seeds)"),
        ((0.83, 0.80, 0.82, 0.81), "pretraining_same", "pretraining makes no difference beyond noise"),
    ],
)
def test_pretraining_is_compared_seed_by_seed(pretrained: tuple[float, ...], code: str, text: str) -> None:
    scratch = (0.81, 0.82, 0.812, 0.815)
    found = verdict(_findings(scratch=scratch, pretrained=pretrained))
    assert found.parts[-1].code == code
    assert text in found.sentence


def test_one_pair_of_runs_is_called_one_run() -> None:
    found = verdict(_findings(scores=(0.9,), scratch=(0.8,), pretrained=(0.9,)))
    assert found.sentence.endswith("pretraining adds 10 points (one run).")


def test_the_paired_interval_is_students() -> None:
    # Differences .01, .02, .03: mean .02, deviation .01, t(2) = 4.302653, so the margin is .024842.
    found = compare((0.51, 0.62, 0.73), (0.50, 0.60, 0.70), "accuracy", 50)
    assert (found.gain, found.margin) == (pytest.approx(0.02), pytest.approx(0.024842, abs=1e-5))
    assert found.outcome == "same"
    assert found.paired


def test_two_pairs_are_judged_by_the_test_items_when_their_own_spread_says_nothing() -> None:
    # Student: 12.706 · .01 = 12.7 points; 1,000 test items: 1.96 · √(.82·.18/1000 + .78·.22/1000) = 3.5 points.
    found = compare((0.815, 0.825), (0.785, 0.775), "accuracy", 1000)
    assert found.gain == pytest.approx(0.04)
    assert found.margin == pytest.approx(0.0350, abs=1e-4)
    assert found.outcome == "better"


def test_five_pairs_are_judged_by_their_own_spread() -> None:
    # Differences .01 to .05: mean .03, deviation .015811, t(4) = 2.776445: margin .019632, whatever the test part.
    ours, theirs = (0.81, 0.82, 0.83, 0.84, 0.85), (0.80,) * 5
    assert compare(ours, theirs, "accuracy", 10**9).margin == pytest.approx(0.019632, abs=1e-5)


def test_the_sampling_error_of_a_share_is_binomial() -> None:
    assert sampling_error(0.5, "accuracy", 400) == pytest.approx(0.025)
    assert sampling_error(2.0, "rmse", 200) == pytest.approx(0.1)
    assert math.isinf(sampling_error(0.5, "accuracy", 0))


def test_scores_are_shown_in_percent_or_three_digits() -> None:
    assert [shown(0.8149, "accuracy"), shown(0.8976, "roc_auc")] == ["81.5", "89.8"]
    assert [shown(12345.6, "rmse"), shown(0.012345, "rmse"), shown(0.0, "mae")] == ["12346", "0.0123", "0"]


def test_a_verdict_is_plain_data_with_a_code_and_numbers_for_each_clause() -> None:
    plain = json.loads(json.dumps(verdict(_findings()).to_plain(), allow_nan=False))
    assert [part["code"] for part in plain["parts"]] == ["reached", "graph_adds", "above_spreading"]
    assert plain["parts"][1]["values"]["gain"] == pytest.approx(0.235)
    assert plain["sentence"].startswith("GCN 81.4")


def test_an_encoder_of_another_graph_that_hurts_is_said_not_to_be_used() -> None:
    scratch, pretrained = [0.80, 0.81, 0.79, 0.80, 0.80], [0.76, 0.77, 0.75, 0.76, 0.76]
    found = verdict(
        Findings(
            model="GCN",
            metric="accuracy",
            scores=scratch,
            test_items=1000,
            scratch=scratch,
            pretrained=pretrained,
            transferred=True,
        )
    )
    assert found.parts[-1].code == "transfer_hurts"
    # Every pair differs by four points.
    assert found.sentence.endswith(
        "the encoder of the other graph hurts by 4.0 points: train from scratch instead (paired over 5 seeds)."
    )


def test_descriptors_that_do_better_are_the_headline_of_a_run_on_molecules() -> None:
    floors = {"majority": (67.3,), "features_only": (42.7,), "fingerprint_forest": (58.3,), "descriptors": (35.9,)}
    values = _findings(scores=(45.1, 44.0, 46.2), floors=floors, metric="rmse", kind="value", test_items=1000)
    found = verdict(values)
    assert found.code == "chemistry_better"
    assert "without a graph model descriptors reach 35.9, which is better" in found.sentence
    good = verdict(_findings(scores=(25.1, 24.0, 26.2), floors=floors, metric="rmse", kind="value", test_items=1000))
    assert "descriptors reach 35.9 at best without a graph model" in good.sentence


def test_of_the_floors_of_molecules_the_higher_share_counts() -> None:
    floors = {"majority": (0.5,), "fingerprint_forest": (0.91,), "descriptors": (0.93,)}
    found = verdict(_findings(scores=(0.80, 0.81, 0.79), floors=floors, metric="roc_auc", test_items=1000))
    assert "descriptors reach 93.0, which is better" in found.sentence
