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
from matnn_lib.study.claims.experiments.running import Ending, run

RUNS = "total = sum(range(10))"
SHOWS = """
import numpy as np
from matnn_lib.linalg import polar_factor
from matnn_lib.nn import Dense, Sequential, Tanh, diagnosis, mean_squared_error, tree_map

rng = np.random.default_rng(np.random.randint(2**31))
network = Sequential([layer for _ in range(10) for layer in (Dense(4, 4), Tanh())])
start = network.init(rng)
X, T = rng.standard_normal((20, 4)), rng.standard_normal((20, 4))
end = tree_map(lambda W: polar_factor(W) if W.ndim == 2 else W, start)
gain_before, gain_after = (
    diagnosis.backward_gain(network, params, X, T, mean_squared_error) for params in (start, end)
)
"""


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
    assert {run(article_program(), seed).error for seed in range(3)} == {"ValueError"}


@pytest.mark.parametrize(
    ("program", "ending"),
    [(RUNS, None), ("1 / 0", "ZeroDivisionError"), ("x =", "SyntaxError"), ("y", "NameError")],
)
def test_a_program_is_said_to_end_as_it_ends(program: str, ending: str | None) -> None:
    assert how_it_ends(program) == ending


def test_a_program_that_finds_gains_is_run_once_a_seed():
    found = claims.measure("C13", program=SHOWS)
    assert len(set(found.quantities["the repaired program: rise"])) == len(found.settings["seeds"])
    assert claims.measure("C13", program=SHOWS) == found


@pytest.mark.parametrize(
    ("program", "ending"),
    [
        (RUNS, Ending(None, None)),
        ("1 / 0", Ending("ZeroDivisionError", None)),
        ("raise SystemExit(2)", Ending("SystemExit", None)),
        ("gain_before, gain_after = -3, 1", Ending(None, (-3.0, 1.0))),
    ],
)
def test_a_program_ends_with_its_error_or_its_gains(program, ending):
    assert run(program, seed=5) == ending


def test_a_program_draws_by_its_seed_and_leaves_the_generator_as_it_was():
    draws = "import numpy as np\ngain_before = gain_after = np.random.rand()"
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    assert run(draws, seed=5) == run(draws, seed=5) != run(draws, seed=6)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


@pytest.mark.parametrize("program", [3, b"x = 1", ["x = 1"]])
def test_a_program_is_text(program):
    with pytest.raises(TypeError, match=r"^program must be its text, but it is"):
        claims.measure("C13", program=program)


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
        ({"program": SHOWS}, "holds"),
        ({"program": SHOWS.replace("polar_factor(W)", "W")}, "does not hold"),
        ({"program": SHOWS + "raise SystemExit(1)"}, "does not hold"),
        ({"repaired": deep_net_with_polar_factors}, "holds if"),
        ({"program": RUNS, "repaired": deep_net_with_polar_factors}, "holds"),
    ],
    ids=[
        "as published",
        "runs",
        "runs and finds a rise",
        "runs and finds none",
        "finds a rise and fails",
        "shows a rise",
        "runs and shows a rise",
    ],
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
