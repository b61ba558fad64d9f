"""The rule is applied as it is stated: thresholds, medians, groups, and nothing else."""

import math

import pytest

from matnn_lib.study.claims.criteria import CRITERIA, mitigates
from matnn_lib.study.claims.rule import (
    Criterion,
    Endpoint,
    Evidence,
    lessens,
    rescues,
    verdict,
)


def test_there_is_a_criterion_for_each_of_the_thirteen_claims():
    assert list(CRITERIA) == [f"C{number:02d}" for number in range(1, 14)]


@pytest.mark.parametrize(
    ("side", "value", "met"),
    [
        ("at least", 1.0, True),
        ("at least", 0.999, False),
        ("at most", 1.0, True),
        ("at most", 1.001, False),
        ("below", 1.0, False),
        ("below", 0.999, True),
        ("at least", math.nan, False),
        ("at most", math.nan, False),
        ("below", math.nan, False),
    ],
)
def test_an_endpoint_includes_its_threshold_unless_it_says_below(side, value, met):
    assert Endpoint("x", 1.0, side).met({"x": (value,)}) is met


def test_an_endpoint_looks_at_the_median_over_seeds_and_not_at_the_mean():
    assert Endpoint("x", 1.0).met({"x": (1.0, 1.0, 1.0, -1e9, -1e9)})
    assert not Endpoint("x", 1.0).met({"x": (0.9, 0.9, 0.9, 1e9, 1e9)})


def test_a_missing_quantity_is_an_error_and_not_a_verdict():
    with pytest.raises(ValueError, match=r"'dead: rise'.*holds only 'x'"):
        verdict(Evidence("C07", "quick", {"x": (1.0,)}))
    with pytest.raises(ValueError, match="one number a seed"):
        Endpoint("x", 1.0).met({"x": ()})
    with pytest.raises(ValueError, match="'C99'"):
        verdict(Evidence("C99", "quick", {}))


@pytest.mark.parametrize(
    ("dead", "mild", "form", "expected"),
    [
        (1.0, 1.0, 0.0, "holds"),
        (1.0, 0.9, 0.0, "holds if"),
        (0.9, 1.0, 0.0, "holds if"),
        (0.9, 0.9, 1.0, "holds if"),
        (0.9, 0.9, 0.9, "does not hold"),
        (-5.0, -5.0, -5.0, "does not hold"),
    ],
)
def test_mitigating_means_a_decade_on_both_starts_or_on_one_or_in_another_form(
    dead, mild, form, expected
):
    quantities = {
        "dead: rise": (dead,) * 5,
        "mild: rise": (mild,) * 5,
        "dead, orthogonal: rise": (form,) * 5,
        "mild, orthogonal: rise": (-1.0,) * 5,
    }
    assert mitigates("orthogonal").apply(quantities) == expected


@pytest.mark.parametrize(
    ("sgd", "sign", "expected"),
    [
        (1e-12, 1e-12, "holds"),
        (1e-12, 1e-4, "holds if"),
        (1e-4, 1e-12, "does not hold"),
        (1.0, 1.0, "does not hold"),
    ],
)
def test_layer_one_stays_only_under_updates_proportional_to_the_gradient(sgd, sign, expected):
    quantities = {
        "dead, SGD: relative change of layer 1": (sgd,),
        "dead, sign updates: relative change of layer 1": (sign,),
    }
    assert verdict(Evidence("C02", "quick", quantities)) == expected


@pytest.mark.parametrize(
    ("dead", "mild", "critical", "expected"),
    [
        (2.4, 1.0, 0.6, "holds"),
        (2.4, 1.0, 0.0, "holds if"),
        (2.4, 0.4, 0.0, "does not hold"),
    ],
)
def test_gradients_shrink_with_depth_from_every_start_or_only_from_contracting_ones(
    dead, mild, critical, expected
):
    quantities = {
        "dead: fall per ten layers": (dead,),
        "mild: fall per ten layers": (mild,),
        "critical: fall per ten layers": (critical,),
    }
    assert verdict(Evidence("C01", "quick", quantities)) == expected


@pytest.mark.parametrize(
    ("runs", "rise", "expected"),
    [(1.0, 1.0, "holds"), (0.0, 1.0, "holds if"), (1.0, 0.5, "does not hold")],
)
def test_a_demonstration_must_run_and_show_a_rise(runs, rise, expected):
    quantities = {
        "the published program runs to its end": (runs,),
        "the repaired program: rise": (rise,),
    }
    assert verdict(Evidence("C13", "quick", quantities)) == expected


def test_a_criterion_without_conditions_knows_two_verdicts():
    criterion = Criterion(holds=(Endpoint("x", 1.0),))
    assert criterion.apply({"x": (2.0,)}) == "holds"
    assert criterion.apply({"x": (0.0,)}) == "does not hold"


def test_a_rise_is_counted_seed_by_seed_and_zero_where_both_gradients_are_exactly_zero():
    assert lessens([-1.0, -math.inf, -2.0], [-12.0, -math.inf, -math.inf]) == (11.0, 0.0, math.inf)
    with pytest.raises(ValueError, match="same seeds"):
        lessens([1.0, 2.0], [1.0])


def test_rescue_needs_the_mean_and_the_worst_seed():
    assert rescues([0.3, 0.5, 0.7])
    assert not rescues([0.29, 0.9, 0.9])
    assert not rescues([0.4, 0.4, 0.4])


@pytest.mark.parametrize(
    ("accuracy", "error", "sentence"),
    [
        (None, TypeError, "must hold numbers"),
        ([], ValueError, "must not be empty"),
        ([0.5, math.nan], ValueError, "must be finite"),
        ([0.5j], TypeError, "must be real"),
        (0.7, ValueError, "must be a vector"),
        ([0.5, 2.0], ValueError, "must be from 0 to 1, but it goes from 0.5 to 2"),
        ([-0.5, 1.0], ValueError, "must be from 0 to 1, but it goes from -0.5 to 1"),
    ],
)
def test_what_is_no_accuracy_is_neither_a_rescue_nor_none(accuracy, error, sentence):
    with pytest.raises(error, match=f"^accuracy {sentence}"):
        rescues(accuracy)


@pytest.mark.parametrize("evidence", [None, {}, "C01", 3])
def test_a_verdict_is_on_evidence_alone(evidence):
    with pytest.raises(TypeError, match=r"^evidence must be the Evidence that an experiment"):
        verdict(evidence)


@pytest.mark.parametrize(("gain", "sentence"), [(None, "hold numbers"), ([1j], "be real")])
def test_gains_that_are_no_numbers_are_named(gain, sentence):
    with pytest.raises(TypeError, match=f"^gain_without must {sentence}"):
        lessens([1.0], gain)
