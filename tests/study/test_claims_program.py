"""C13 as measured: the published program, its repair, and inputs that change the verdict."""

from __future__ import annotations

import numpy as np
import pytest

from matnn_lib import linalg
from matnn_lib.nn import Dense, Sequential, Tanh, diagnosis, mean_squared_error, tree_map
from matnn_lib.study import claims
from matnn_lib.study.claims.experiments.program import (
    article_program,
    how_it_ends,
    repaired_problem,
    repaired_program,
)

RUNS = "total = sum(range(10))"


def deep_net_with_polar_factors(rng: np.random.Generator, **_: object) -> tuple[float, float]:
    """A demonstration that measures: ten layers, before and after W becomes its polar factor."""
    network = Sequential([layer for _ in range(10) for layer in (Dense(4, 4), Tanh())])
    start = network.init(rng)
    X, T = rng.standard_normal((20, 4)), rng.standard_normal((20, 4))
    end = tree_map(lambda W: linalg.polar_factor(W) if W.ndim == 2 else W, start)
    before, after = (
        diagnosis.backward_gain(network, params, X, T, mean_squared_error)
        for params in (start, end)
    )
    return before, after


def test_the_published_program_ends_in_an_error_whatever_it_draws() -> None:
    assert {how_it_ends(article_program()) for _ in range(3)} == {"ValueError"}


@pytest.mark.parametrize(
    ("program", "ending"),
    [(RUNS, None), ("1 / 0", "ZeroDivisionError"), ("x =", "SyntaxError"), ("y", "NameError")],
)
def test_a_program_is_said_to_end_as_it_ends(program: str, ending: str | None) -> None:
    assert how_it_ends(program) == ending


def test_the_gain_of_two_layers_of_one_unit_is_one_weight_times_slopes() -> None:
    rng = np.random.default_rng(3)
    before, after = repaired_program(np.random.default_rng(3), iterations=0)
    assert before == after
    X, T = rng.random((100, 1)), rng.random((100, 1))
    (w1, b1), (w2, b2) = [(rng.random((1, 1)), rng.random(1)) for _ in range(2)]
    A = np.tanh(X @ w1 + b1)
    Y = np.tanh(A @ w2 + b2)
    at_output = 2 * (Y - T) / Y.size
    at_hidden = at_output * (1 - Y**2) * w2
    expected = np.log10(np.linalg.norm(at_hidden) / np.linalg.norm(at_output))
    assert before == pytest.approx(expected, abs=1e-12)


def test_fifty_layers_of_the_same_recipe_lose_tens_of_decades() -> None:
    gains = [repaired_program(np.random.default_rng(s), layers=50, iterations=0) for s in range(5)]
    assert max(before for before, _ in gains) < -25


@pytest.mark.parametrize(
    ("variation", "expected"),
    [
        ({}, "does not hold"),
        ({"program": RUNS}, "does not hold"),
        ({"repaired": deep_net_with_polar_factors}, "holds if"),
        ({"program": RUNS, "repaired": deep_net_with_polar_factors}, "holds"),
    ],
    ids=["as published", "runs", "shows a rise", "runs and shows a rise"],
)
def test_the_verdict_follows_what_is_measured(variation: dict[str, object], expected: str) -> None:
    assert claims.verdict(claims.measure("C13", **variation)) == expected


def test_the_verdict_is_the_one_that_is_kept() -> None:
    assert claims.verdict(claims.measure("C13", seed=5)) == claims.stored()["C13"].verdict


def test_the_problem_of_the_repaired_program_is_the_one_that_it_trains() -> None:
    network, start, X, Y = repaired_problem(np.random.default_rng(4), 5)
    assert X.shape == Y.shape == (100, 1)
    assert len(network.layers) == 10
    before, _ = repaired_program(np.random.default_rng(4), layers=5, iterations=0)
    gain = diagnosis.backward_gain(network, start, X, Y, mean_squared_error)
    assert gain == before
